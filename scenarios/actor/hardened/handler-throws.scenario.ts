import { parentPort } from 'node:worker_threads';
import fc from 'fast-check';
import { invariant, scenario } from 'threadmill';
import { Actor, ActorRef, lineOver, RemoteError } from 'threadmill/bridges';
import { count } from 'threadmill/invariants';

interface Outcome {
  readonly amount: number;
  readonly outcome: string;
}

const toldOfItsOwn = invariant('who sends nonsense is told so, and nobody else', ({ event }) => {
  if (event?.kind !== 'read') return undefined;
  const { amount, outcome } = event.value as Outcome;
  const expected = amount > 0 ? 'answered' : `RangeError: ${amount} is no amount.`;
  return outcome === expected || { expected: `${expected}, for ${amount}`, found: outcome };
});

// Workers send requests that the actor can handle and others that it cannot. An error fails only the request that caused it,
// with its name and message. The actor continues.
export default scenario({
  params: { amounts: fc.array(fc.constantFrom(-1, 1, 2), { minLength: 1, maxLength: 3 }) },
  store: () => new Int32Array(new SharedArrayBuffer(4)),
  writers: {
    count: fc.integer({ min: 1, max: 2 }),
    async run({ params, history }) {
      const account = new ActorRef<number, number>(lineOver(parentPort!, 'account'));
      const ask = async (amount: number): Promise<void> => {
        const write = amount > 0 ? history.write(amount) : undefined;
        try {
          await account.request(amount);
          write?.acknowledge();
          history.read({ amount, outcome: 'answered' } satisfies Outcome);
        } catch (error) {
          if (!(error instanceof RemoteError)) throw error;
          history.read({ amount, outcome: `${error.name}: ${error.message}` } satisfies Outcome);
        }
      };
      await Promise.all(params.amounts.map(ask));
      await account.close();
    },
  },
  readers: {
    count: 1,
    async run({ store, workers, pause }) {
      const account = new Actor({
        name: 'account',
        state: store,
        handle: async (state, amount: number) => {
          const before = state[0]!;
          await pause();
          if (amount < 0) throw new RangeError(`${amount} is no amount.`);
          return (state[0] = before + 1);
        },
      });
      await Promise.all(workers.map((worker) => account.serve(lineOver(worker, 'account'), { window: 2 })));
      await account.stop();
    },
  },
  invariants: [count({ of: (store: Int32Array) => store[0], read: () => undefined }), toldOfItsOwn],
  expect: 'held',
});
