import fc from 'fast-check';
import { scenario } from 'threadmill';
import { LoopCounter } from 'threadmill/bridges';

// What must stay together is one call without an await in it. No lock is needed: no other coroutine runs between two awaits.
export default scenario({
  params: { pairs: fc.integer({ min: 1, max: 3 }) },
  store: () => new LoopCounter(),
  readers: {
    count: fc.integer({ min: 2, max: 3 }),
    async run({ store, params, history, pause }) {
      for (let pair = 0; pair < params.pairs; pair++) {
        store.increment(2);
        await pause();
        history.read(store.value);
      }
    },
  },
  invariants: {
    'pairs stay together': ({ event }) => event?.kind !== 'read' || (event.value as number) % 2 === 0,
  },
  expect: 'held',
});
