import fc from 'fast-check';
import { invariant, scenario } from 'threadmill';
import { Connection } from 'threadmill/bridges';
import { mutualExclusion } from 'threadmill/invariants';

const oneAtATime = invariant('established when it is released, released when it is established', ({ history }) => {
  const steps = history.flatMap((event) => (event.kind === 'writeBegan' ? [event.value] : []));
  return steps.every((step, place) => step !== steps[place - 1]) || steps.join(', ');
});

// The connection owns its state and performs one call after another: a coroutine that connects while another one does gets the
// same connection, and a failed attempt leaves the connection as it was.
export default scenario({
  params: { rounds: fc.integer({ min: 1, max: 2 }), failures: fc.integer({ min: 0, max: 1 }) },
  store: (): { connection?: Connection<void> } => ({}),
  readers: {
    count: fc.integer({ min: 2, max: 3 }),
    async run({ store, params, history, pause }) {
      let { failures } = params;
      const step = async (name: string): Promise<void> => {
        const section = history.write(name);
        await pause();
        section.acknowledge();
        if (name === 'attempt') throw new Error('No answer.');
      };
      const connection = (store.connection ??= new Connection({
        establish: () => step(failures-- > 0 ? 'attempt' : 'establish'),
        release: () => step('release'),
      }));
      for (let round = 0; round < params.rounds; round++) {
        await connection.connect().catch(() => connection.connect());
        history.read(connection.state);
        await pause();
        await connection.disconnect();
      }
    },
  },
  invariants: [mutualExclusion({ section: () => 'the connection' }), oneAtATime],
  expect: 'held',
});
