import { scenario } from 'threadmill';
import { count } from 'threadmill/invariants';
import { publishedProcessItem, type Data } from './processor.js';

interface Store {
  /** The main agent's data, replaced as a whole. */
  data: Data;
}

// Nothing is changed in place, and still an update is lost: both coroutines start from the same data, each returns it with one
// more key, and the later result replaces the earlier one.
export default scenario({
  store: (): Store => ({ data: {} }),
  readers: {
    count: 2,
    async run({ store, index, history, pause }) {
      const write = history.write(`key ${index}`);
      store.data = await publishedProcessItem(store.data, `key ${index}`, async () => {
        await pause();
        return index;
      });
      write.acknowledge();
    },
  },
  invariants: [count({ items: ({ data }: Store) => Object.keys(data) })],
  expect: { verdict: 'violation', invariant: 'count' },
});
