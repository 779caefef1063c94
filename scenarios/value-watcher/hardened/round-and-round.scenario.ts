import fc from 'fast-check';
import { invariant, scenario } from 'threadmill';
import { createWatchedValue, ValueWatcher } from 'threadmill/bridges';
import { noTransitionMissed } from 'threadmill/invariants';

const width = 12;
const sets = ['b', 'c', 'd', 'e'];

// No agent watches, so workers go round and round the log of two, over slots that may be being read. Readers see whole values,
// and a consumer that begins to watch during this sees everything after that.
export default scenario({
  store: () => createWatchedValue('a'.repeat(width), { capacity: 2, handles: 3, valueBytes: 16 }),
  writers: {
    count: fc.integer({ min: 1, max: 2 }),
    run({ store, index, writers, history }) {
      const watcher = new ValueWatcher(store);
      for (const letter of writers === 1 ? sets : sets.slice(2 * index, 2 * index + 2)) {
        const next = letter.repeat(width);
        const began = history.write(next);
        began.acknowledge(watcher.set(next, { timeoutMs: Infinity }));
      }
      watcher.close();
    },
  },
  readers: {
    count: 1,
    async run({ store, history }) {
      const watcher = new ValueWatcher(store);
      history.read({ value: watcher.value });
      const follower = watcher.follow();
      history.read({ value: follower.initial });
      let last = follower.initial;
      for (let version = follower.since; version < sets.length; version++) {
        const next = await follower.take();
        if (next.from !== last) throw new Error(`The value was ${last}, and next it changes from ${next.from}.`);
        history.read(next);
        last = next.to;
      }
      watcher.close();
    },
  },
  invariants: [
    noTransitionMissed(),
    invariant('values are whole', ({ event }) => {
      const { value } = (event?.kind === 'read' ? event.value : {}) as { value?: string };
      return value === undefined || value === value[0]!.repeat(width);
    }),
  ],
  expect: 'held',
});
