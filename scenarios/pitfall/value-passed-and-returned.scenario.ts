import fc from 'fast-check';
import { scenario } from 'threadmill';
import { publishedProcessItem, type Data } from './processor.js';

// Each coroutine takes data and returns new data. None changes what another one holds.
export default scenario({
  params: { keys: fc.integer({ min: 1, max: 3 }) },
  readers: {
    count: fc.integer({ min: 1, max: 3 }),
    async run({ params, index, history, pause }) {
      let data: Data = {};
      for (let key = 0; key < params.keys; key++) {
        data = await publishedProcessItem(data, `key ${index}.${key}`, async () => {
          await pause();
          return index;
        });
      }
      history.read(Object.keys(data));
    },
  },
  invariants: {
    'each finds its own keys alone': ({ event }) => {
      if (event?.kind !== 'read') return undefined;
      return (event.value as string[]).every((key) => key.startsWith(`key ${event.participant.index}.`));
    },
  },
  expect: 'held',
});
