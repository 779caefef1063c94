import fc from 'fast-check';
import { invariant, scenario } from 'threadmill';
import { LoopCounter } from 'threadmill/bridges';

const counters = new WeakMap<object, LoopCounter>();

// What must stay together is one call without an await in it. No lock is needed: no other coroutine runs between two awaits.
export default scenario({
  params: { pairs: fc.integer({ min: 1, max: 3 }) },
  store: () => ({}),
  writers: { count: 1, run: () => undefined },
  readers: {
    count: fc.integer({ min: 2, max: 3 }),
    async run({ store, params, history, pause }) {
      let counter = counters.get(store);
      if (counter === undefined) counters.set(store, (counter = new LoopCounter()));
      for (let pair = 0; pair < params.pairs; pair++) {
        counter.increment(2);
        await pause();
        history.read(counter.value);
      }
    },
  },
  invariants: [
    invariant('pairs stay together', ({ event }) => event?.kind !== 'read' || (event.value as number) % 2 === 0),
  ],
  expect: 'held',
});
