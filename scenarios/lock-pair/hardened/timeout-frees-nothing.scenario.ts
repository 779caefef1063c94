import fc from 'fast-check';
import { scenario } from 'threadmill';
import { createStateLock, StateLock, WaitTimeout } from 'threadmill/bridges';
import { mutualExclusion } from 'threadmill/invariants';

let lock: StateLock | undefined;

// A thread or coroutine that gives up waiting has nothing to release. A section that has timed out does not run later either:
// the call ends with its timeout or its result, never both.
export default scenario({
  params: { timeoutMs: fc.integer({ min: 0, max: 2 }) },
  store: () => ({ lock: createStateLock(), state: new Int32Array(new SharedArrayBuffer(4)) }),
  writers: {
    count: 2,
    run({ store, params: { timeoutMs }, history }) {
      const threadLock = new StateLock(store.lock);
      const enter = (): void => {
        const section = history.write('state');
        Atomics.add(store.state, 0, 1);
        section.acknowledge();
      };
      try {
        threadLock.withLock(enter, { timeoutMs });
      } catch (error) {
        if (!(error instanceof WaitTimeout)) throw error;
      }
    },
  },
  readers: {
    count: 2,
    async run({ store, params: { timeoutMs }, history }) {
      lock ??= new StateLock(store.lock);
      const entered: string[] = [];
      const enter = (): void => {
        entered.push('once');
        const section = history.write('state');
        Atomics.add(store.state, 0, 1);
        section.acknowledge();
      };
      try {
        await lock.withLockAsync(enter, { timeoutMs });
      } catch (error) {
        if (!(error instanceof WaitTimeout) || entered.length > 0) throw error;
      }
    },
  },
  invariants: [mutualExclusion()],
});
