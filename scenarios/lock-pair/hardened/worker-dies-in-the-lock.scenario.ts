import { scenario } from 'threadmill';
import { createLockPair, LockPair, ownedLock, SharedDictionary, type LockPairState } from 'threadmill/bridges';

interface Store extends LockPairState {
  /** The handle of the worker that died. */
  readonly dead: Int32Array;
}

// The first worker ends while it has the lock. The main agent learns of that and takes the lock from it. The other worker gets
// the lock, whether it already waits or comes later.
export default scenario({
  store: (): Store => ({
    ...createLockPair({ entries: 2, entryBytes: 16 }),
    dead: new Int32Array(new SharedArrayBuffer(4)),
  }),
  writers: {
    count: 2,
    run({ store, index }) {
      if (index === 0) {
        const lock = ownedLock(store.lock);
        lock.lock();
        new SharedDictionary<number>(store.dictionary).set('left', 1);
        Atomics.store(store.dead, 0, lock.owner);
        Atomics.notify(store.dead, 0);
      } else {
        new LockPair<number>(store).updateFromThread('right', 1, { timeoutMs: Infinity });
      }
    },
  },
  readers: {
    count: 1,
    async run({ store, history }) {
      const pair = new LockPair<number>(store);
      const read = pair.read({ timeoutMs: Infinity });
      await Atomics.waitAsync(store.dead, 0, 0).value;
      pair.recover(Atomics.load(store.dead, 0));
      history.read([...(await read)]);
    },
  },
  invariants: {
    'both changes': ({ store, final }) => {
      if (!final) return true;
      const values = new SharedDictionary<number>(store.dictionary).copy().decode();
      return (values.get('left') === 1 && values.get('right') === 1) || JSON.stringify([...values]);
    },
  },
});
