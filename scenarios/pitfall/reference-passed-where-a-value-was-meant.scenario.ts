import { scenario } from 'threadmill';
import { PublishedProcessor } from './processor.js';

// Two coroutines with a processor each. One receives its data, and waits; when it looks again, the data has a key that it never
// asked for. Both processors have the same dictionary, and were passed a reference to it.
export default scenario({
  readers: {
    count: 2,
    async run({ index, history, pause }) {
      const processor = new PublishedProcessor(async () => {
        await pause();
        return index;
      });
      await processor.process(`key ${index}`);
      history.read(Object.keys(processor.data));
    },
  },
  invariants: {
    'each finds its own key alone': ({ event }) => {
      if (event?.kind !== 'read') return undefined;
      const expected = `key ${event.participant.index}`;
      const found = (event.value as string[]).join(', ');
      return found === expected || { expected, found };
    },
  },
  expect: { verdict: 'violation', invariant: 'each finds its own key alone' },
});
