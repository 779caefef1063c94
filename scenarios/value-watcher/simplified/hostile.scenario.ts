import { parentPort } from 'node:worker_threads';
import fc from 'fast-check';
import { scenario } from 'threadmill';
import { SimplifiedValueWatcher } from 'threadmill/bridges';
import { firstVersion, hostileInvariants, nextVersion, seenAs, type VersionedValue } from '../versioned.js';

interface Store {
  readonly watcher: SimplifiedValueWatcher<VersionedValue>;
}

/** The payload of every set of these workers, so that a consumer knows which value to wait for. */
const payload = 7;

// Several workers, each of which makes the loop set the value. All sets are made there, one after another, so none is lost, and
// a consumer that waits for one version after another sees them all.
export default scenario({
  params: { writes: fc.integer({ min: 1, max: 2 }) },
  store: (): Store => ({ watcher: new SimplifiedValueWatcher(firstVersion) }),
  writers: {
    count: fc.integer({ min: 2, max: 3 }),
    run({ params: { writes } }) {
      parentPort!.once('message', () => {
        for (let write = 0; write < writes; write++) parentPort!.postMessage('set');
      });
    },
  },
  readers: {
    count: 2,
    async run({ store: { watcher }, params: { writes }, index, writers, workers, history }) {
      const set = (): void => {
        const began = history.write();
        watcher.set(nextVersion(watcher.value, payload));
        began.acknowledge();
      };
      if (index === 0) for (const worker of workers) worker.on('message', set);
      if (index === 0) for (const worker of workers) worker.postMessage('go');
      let expected: VersionedValue = firstVersion;
      while (expected[0] < writers * writes) {
        expected = nextVersion(expected, payload);
        if (watcher.value[0] < expected[0]) await watcher.waitFor(expected);
        history.read(seenAs(watcher.value));
      }
    },
  },
  invariants: hostileInvariants((store: Store) => store.watcher.value),
  expect: 'held',
});
