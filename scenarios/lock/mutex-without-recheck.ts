import type { Mutex } from 'threadmill/bridges';

const free = 0;
const locked = 1;
const contended = 2;

/** The mutex of `threadmill/bridges` without its waiting loop: a woken waiter assumes that it has the mutex. */
export function mutexWithoutRecheck(words: Int32Array, index: number): Mutex {
  const lock = (): void => {
    if (Atomics.compareExchange(words, index, free, locked) === free) return;
    if (Atomics.exchange(words, index, contended) !== free) Atomics.wait(words, index, contended);
  };
  const unlock = (): void => {
    if (Atomics.exchange(words, index, free) === contended) Atomics.notify(words, index, 1);
  };
  return {
    lock,
    unlock,
    withLock: (section) => {
      lock();
      try {
        return section();
      } finally {
        unlock();
      }
    },
  };
}
