import { scenario } from 'threadmill';
import { pollUntil } from 'threadmill/bridges';
import { noTransitionMissed } from 'threadmill/invariants';
import { connectionStates, type ConnectionState } from '../connection.js';

const [, , connected] = connectionStates.keys();

// The connection closes while the reader sleeps between two polls: `closing` has come and gone, and the work for
// that state is never done.
export default scenario({
  store: () => new Int32Array(new SharedArrayBuffer(4)).fill(connected!),
  writers: {
    count: 1,
    run({ store, history }) {
      for (const to of ['closing', 'closed'] as const) {
        const began = history.write({ from: connectionStates[store[0]!], to });
        Atomics.store(store, 0, connectionStates.indexOf(to));
        began.acknowledge();
      }
    },
  },
  readers: {
    count: 1,
    async run({ store, history }) {
      const look = (): ConnectionState => connectionStates[Atomics.load(store, 0)]!;
      for (let from: ConnectionState = 'connected'; from !== 'closed';) {
        const to = await pollUntil(look, (state) => state !== from);
        history.read({ from, to });
        from = to;
      }
    },
  },
  invariants: [noTransitionMissed({ initial: 'connected' })],
  expect: { verdict: 'violation', invariant: 'noTransitionMissed' },
});
