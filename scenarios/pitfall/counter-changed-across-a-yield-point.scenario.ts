import { scenario } from 'threadmill';

// The article's increment_twice. Each increment is whole, the pair is not: it yields in between, and another coroutine of the
// same loop finds a number that should never be visible.
export default scenario({
  store: () => new Int32Array(new SharedArrayBuffer(4)),
  readers: {
    count: 2,
    async run({ store, index, history, pause }) {
      const incrementTwice = async (): Promise<void> => {
        store[0]! += 1;
        await pause();
        store[0]! += 1;
      };
      if (index === 0) await incrementTwice();
      else history.read(store[0]);
    },
  },
  invariants: {
    'pairs stay together': ({ event }) => {
      if (event?.kind !== 'read') return undefined;
      return event.value === 0 || event.value === 2 || { expected: '0 or 2', found: String(event.value) };
    },
  },
  expect: { verdict: 'violation', invariant: 'pairs stay together' },
});
