import { requireSize } from '../primitives/limit-errors.js';
import { createThreadQueue, type ThreadQueueMemory, type ThreadQueueOptions } from './thread-queue-memory.js';

/** The bounds of a dual queue. `capacity` and `bytes` are those of its thread side. */
export interface DualQueueOptions extends ThreadQueueOptions {
  /** The maximum number of items on the loop side: 1 to 1,000,000. Default `capacity`. */
  readonly loopCapacity?: number;
  /** How many items the drain task moves before it yields to the event loop: 1 to 1,000,000. Default 64. */
  readonly itemsPerTurn?: number;
}

/** What all agents of one dual queue share: plain data that `postMessage` and `workerData` carry. */
export interface DualQueueMemory {
  readonly kind: 'dualQueue';
  readonly threadQueue: ThreadQueueMemory;
  readonly loopCapacity: number;
  readonly itemsPerTurn: number;
}

/**
 * Makes an empty dual queue, for `DualQueue` on one agent and `DualQueueProducer` on others.
 *
 * @throws RangeError if a limit is out of range
 *
 * @example
 * const memory = createDualQueue({ capacity: 100, bytes: 65_536, loopCapacity: 10 });
 * assert.equal(memory.threadQueue.capacity, 100);
 */
export function createDualQueue(options: DualQueueOptions = {}): DualQueueMemory {
  const threadQueue = createThreadQueue(options);
  const { loopCapacity = threadQueue.capacity, itemsPerTurn = 64 } = options;
  requireSize('The capacity of the loop side', loopCapacity, 1, 1_000_000);
  requireSize('The items per turn', itemsPerTurn, 1, 1_000_000);
  return { kind: 'dualQueue', threadQueue, loopCapacity, itemsPerTurn };
}
