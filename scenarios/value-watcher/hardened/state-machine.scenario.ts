import fc from 'fast-check';
import { invariant, scenario } from 'threadmill';
import { createWatchedValue, ValueWatcher } from 'threadmill/bridges';
import { noTransitionMissed } from 'threadmill/invariants';
import { connectionStates, type ConnectionState } from '../../connection.js';

const states = connectionStates.slice(2);

// All try to take the connection from each state to the next one, workers and the event loop. Each step is taken once, by the
// first to try, and a callback, a follower and a wait all see each of them.
export default scenario({
  store: () => createWatchedValue<ConnectionState>(states[0]!, { capacity: 2, handles: 4, valueBytes: 16 }),
  writers: {
    count: fc.integer({ min: 2, max: 3 }),
    run({ store, history }) {
      const watcher = new ValueWatcher(store);
      for (const [index, to] of states.slice(1).entries()) {
        const from = states[index]!;
        const began = history.write({ from, to });
        began.acknowledge(watcher.setIf(to, (state) => state === from));
      }
      watcher.close();
    },
  },
  readers: {
    count: 1,
    async run({ store, history }) {
      const watcher = new ValueWatcher(store);
      const late = watcher.value;
      const follower = watcher.follow();
      const seen = (from: ConnectionState, to: ConnectionState, version: number): void =>
        history.read({ from, to, version, consumer: 'callback' });
      watcher.onChange(seen);
      for (let from = follower.initial; from !== 'closed';) {
        const to = connectionStates[connectionStates.indexOf(from) + 1]!;
        const began = history.write({ from, to });
        began.acknowledge(await watcher.setIfAsync(to, (state) => state === from));
        const transition = await follower.take();
        history.read({ ...transition, consumer: 'follower' });
        from = transition.to;
      }
      if (late === 'connected') await watcher.waitFor('closed');
      watcher.close();
    },
  },
  invariants: [
    noTransitionMissed(),
    invariant('each step is legal', ({ event }) => {
      if (event?.kind !== 'read') return undefined;
      const { from, to } = event.value as { from: ConnectionState; to: ConnectionState };
      return connectionStates.indexOf(to) === connectionStates.indexOf(from) + 1;
    }),
  ],
  expect: 'held',
});
