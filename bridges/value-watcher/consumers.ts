import { requireTimeout, WaitTimeout } from '../primitives/limit-errors.js';
import { holdLoop } from '../primitives/loop-hold.js';
import type { LoggedValue } from './transition-log.js';
import { decodeValue } from './watched-value.js';
import type { ValueWaitOptions } from './waits.js';

/** One change of a watched value. */
export interface Transition<T> {
  /** 1 for the first transition of the value, and 1 more for each later one. */
  readonly version: number;
  readonly from: T;
  readonly to: T;
}

/** A consumer on this agent, which sees every transition after the one it began at. */
export interface Consumer {
  /** The newest version when this consumer began. */
  readonly since: bigint;
  /** Receives a transition. Must not throw. */
  see(from: LoggedValue, to: LoggedValue): void;
  /** Called when no more transitions come. */
  end(reason: Error): void;
}

/** The transition between two values, copied for a single consumer, which may change its copy. */
export function transitionOf<T>(from: LoggedValue, to: LoggedValue): Transition<T> {
  return { version: Number(to.version), from: decodeValue(from.bytes) as T, to: decodeValue(to.bytes) as T };
}

/** What a wait needs of its watcher. */
export interface ConsumerRegistry {
  /** The newest value. */
  newest(): LoggedValue;
  /** Begins to watch, and returns the value to begin with: from here on every transition is shown to consumers. */
  begin(): LoggedValue;
  add(consumer: Consumer): void;
  remove(consumer: Consumer): void;
}

/** Waits until a value satisfies the predicate. `keepsProcess` says whether to keep the process alive while it waits. */
export function waitUntil<T>(
  registry: ConsumerRegistry,
  predicate: (value: T) => boolean,
  { immediate = true, timeoutMs, signal }: ValueWaitOptions,
  keepsProcess: boolean,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const limitMs = requireTimeout(timeoutMs);
    signal?.throwIfAborted();
    let timer: NodeJS.Timeout | undefined;
    let letGo: (() => void) | undefined;
    const stop = (): void => {
      registry.remove(consumer);
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      letGo?.();
    };
    const fail = (error: Error): void => {
      stop();
      reject(error);
    };
    const abort = (): void => fail(signal?.reason as Error);
    /** Whether the wait is over. */
    const judge = ({ bytes }: LoggedValue): boolean => {
      try {
        const value = decodeValue(bytes) as T;
        if (!predicate(value)) return false;
        stop();
        resolve(value);
      } catch (error) {
        fail(error as Error);
      }
      return true;
    };
    const consumer = { since: 0n, see: (_: LoggedValue, to: LoggedValue) => void judge(to), end: fail };
    const first = registry.newest();
    if (immediate && judge(first)) return;
    const start = registry.begin();
    consumer.since = start.version;
    registry.add(consumer);
    // What came between the two looks is not shown to the consumer, so look at it here.
    if (immediate && start.version !== first.version && judge(start)) return;
    if (keepsProcess) letGo = holdLoop();
    signal?.addEventListener('abort', abort, { once: true });
    if (limitMs !== Infinity) {
      timer = setTimeout(() => fail(new WaitTimeout(`No matching value arrived within ${limitMs} ms.`)), limitMs);
    }
  });
}
