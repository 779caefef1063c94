import fc from 'fast-check';
import type { Invariant } from 'threadmill';
import { createDualQueue, ThreadQueueConsumer, type DualQueueMemory, type DualQueueOptions } from 'threadmill/bridges';
import { bounded, quiescent } from 'threadmill/invariants';
import { leftIn } from './left-in.js';

/** What the scenarios of the hardened dual queue share. */
export interface DualQueueStore {
  readonly memory: DualQueueMemory;
  /** How many writers have written everything. */
  readonly finished: Int32Array<SharedArrayBuffer>;
}

export function createDualQueueStore(options: DualQueueOptions): DualQueueStore {
  return {
    // Time is virtual: a thread may have waited long for another before that one has done anything.
    memory: createDualQueue({ bytes: 64, lockTimeoutMs: Infinity, ...options }),
    finished: new Int32Array(new SharedArrayBuffer(4)),
  };
}

/** What a consumer records: the item it got, and how full the loop side was then. */
export interface Delivery {
  readonly item: unknown;
  readonly loopQueueDepth: number;
}

/** Where exactlyOnce and fifoPerProducer find the item. */
export const delivered = ({ item }: Delivery): unknown => item;

/** Neither side holds more items than it may. Both have the same limit. */
export const bothSidesBounded: Invariant<DualQueueStore> = bounded({
  depth: ({ memory }: DualQueueStore) => new ThreadQueueConsumer(memory.threadQueue).depth,
  read: (value) => (value as Delivery).loopQueueDepth,
  limit: ({ memory }) => memory.loopCapacity,
});

/** Of two items only one fits, because of their number or because of their size. */
export const tightLimits = fc.constantFrom<DualQueueOptions>({ capacity: 1 }, { capacity: 2, bytes: 24 });

/** The thread side is empty at the end. */
export const nothingLeft: Invariant<DualQueueStore> = quiescent({
  left: ({ memory }: DualQueueStore) => leftIn(memory.threadQueue),
});
