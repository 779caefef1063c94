import type { MessagePort } from 'node:worker_threads';
import { isSharedArrayBuffer } from 'node:util/types';
import type { BufferNumbers } from './buffer-numbers.js';

/** What a worker's handle, or a worker, learns besides messages. */
export type WorkerEvent = 'online' | 'error' | 'messageerror' | 'stdout' | 'stderr';

/** What is really sent over a port: the value, and what the receiver needs to recognise shared objects. */
export interface Envelope {
  readonly execution: number;
  readonly value: unknown;
  /** Between a worker and its handle: the event that this is. Absent for a message. */
  readonly event?: WorkerEvent;
  /** The numbers of the shared buffers reachable from `value`, in the order in which `sharedBuffersIn` finds them. */
  readonly bufferNumbers: readonly number[];
  /** The message ports transferred with `value`, and their rows in the kernel's table. */
  readonly ports: readonly MessagePort[];
  readonly portRows: readonly number[];
}

/** Missing in this project's library of types, which has no DOM. */
const realMemory = Reflect.get(Reflect.get(globalThis, 'WebAssembly') as object, 'Memory') as new () => {
  readonly buffer: object;
};

/** The most objects of a message that are searched for shared buffers. */
const maximumVisited = 100_000;

/** Finds the shared buffers that structured cloning would reach from `value`. */
export function sharedBuffersIn(value: unknown): object[] {
  const buffers: object[] = [];
  const seen = new Set<object>();
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next !== 'object' || next === null || seen.has(next)) continue;
    if (seen.size >= maximumVisited) {
      throw new RangeError(`a message or store has more than ${maximumVisited} objects`);
    }
    seen.add(next);
    if (isSharedArrayBuffer(next)) buffers.push(next);
    else if (ArrayBuffer.isView(next) || next instanceof realMemory) pending.push(next.buffer);
    else if (next instanceof Map) for (const [key, item] of next) pending.push(key, item);
    else if (next instanceof Set) pending.push(...(next as Set<unknown>));
    else if (!(next instanceof ArrayBuffer)) {
      for (const key of Object.keys(next)) pending.push((next as Record<string, unknown>)[key]);
    }
  }
  return buffers;
}

/** Wraps a value for sending. */
export function seal(
  execution: number,
  value: unknown,
  buffers: BufferNumbers,
  ports: readonly MessagePort[],
  portRows: readonly number[],
): Envelope {
  const shared = typeof value === 'object' && value !== null ? sharedBuffersIn(value) : [];
  return {
    execution,
    value,
    bufferNumbers: shared.map((buffer) => buffers.of(buffer)),
    ports,
    portRows,
  };
}

/**
 * Tells the receiving agent the numbers of the buffers in the received value. Cloning keeps the order of everything, so both sides
 * find the buffers in the same order, whichever objects lead to them.
 */
export function learnBuffers(received: unknown, numbers: readonly number[], buffers: BufferNumbers): void {
  if (numbers.length === 0) return;
  sharedBuffersIn(received).forEach((buffer, index) => {
    buffers.set(buffer, numbers[index] ?? 0);
  });
}
