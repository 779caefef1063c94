import type { HeldLocks } from './held-locks.js';

type Method = (...args: unknown[]) => unknown;

/**
 * Wraps a lock and records when it is held. It recognises these methods: `withLock` and `withLockAsync`, whose
 * first argument is a section; `lock`, `acquire`, `lockAsync` and `tryLock`; `unlock` and `release`. Everything
 * else is passed on to the lock.
 */
export function watchedLock<Lock extends object>(lock: Lock, name: string, held: HeldLocks): Lock {
  return new Proxy(lock, {
    get: (target, property): unknown => {
      const value = Reflect.get(target, property, target) as unknown;
      if (typeof value !== 'function') return value;
      const call: Method = (...args) => Reflect.apply(value, target, args) as unknown;
      switch (property) {
        case 'withLock':
        case 'withLockAsync':
          return (section: () => unknown, ...rest: unknown[]) => call(() => held.during(name, section), ...rest);
        case 'lock':
        case 'tryLock':
        case 'acquire':
        case 'lockAsync':
          return (...args: unknown[]) => {
            const taken = (result: unknown): unknown => {
              if (result !== false) held.taken(name);
              return result;
            };
            const result = call(...args);
            return result instanceof Promise ? result.then(taken) : taken(result);
          };
        case 'unlock':
        case 'release':
          return (...args: unknown[]) => {
            const result = call(...args);
            held.givenBack(name);
            return result;
          };
        default:
          return call;
      }
    },
  });
}
