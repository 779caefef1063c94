import { scenario } from 'threadmill';
import { pollUntil } from 'threadmill/bridges';
import { connectionStates } from '../connection.js';

const closed = connectionStates.indexOf('closed');

// What polling can do: the last state stays, so every reader finds it, whenever it looks.
export default scenario({
  store: () => new Int32Array(new SharedArrayBuffer(4)),
  writers: {
    count: 1,
    run({ store }) {
      for (const state of connectionStates.keys()) Atomics.store(store, 0, state);
    },
  },
  readers: {
    count: 2,
    async run({ store }) {
      await pollUntil(
        () => Atomics.load(store, 0),
        (state) => state === closed,
      );
    },
  },
  expect: 'held',
});
