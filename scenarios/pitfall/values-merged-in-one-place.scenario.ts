import fc from 'fast-check';
import { scenario } from 'threadmill';
import { taskGroup } from 'threadmill/bridges';
import { count } from 'threadmill/invariants';
import type { Data } from './processor.js';

interface Store {
  data: Data;
}

// Each task only returns what it has fetched. The results are merged when all of them have arrived, without an await between
// reading the data and replacing it.
export default scenario({
  params: { keys: fc.integer({ min: 1, max: 3 }) },
  store: (): Store => ({ data: {} }),
  readers: {
    count: fc.integer({ min: 1, max: 2 }),
    async run({ store, params, index, history, pause }) {
      const keys = Array.from({ length: params.keys }, (_, key) => `key ${index}.${key}`);
      const writes = keys.map((key) => history.write(key));
      const entries = await taskGroup((group) =>
        group.runAll(
          keys.map((key) => async () => {
            await pause();
            return [key, index] as const;
          }),
        ),
      );
      store.data = { ...store.data, ...Object.fromEntries(entries) };
      for (const write of writes) write.acknowledge();
    },
  },
  invariants: [count({ items: ({ data }: Store) => Object.keys(data) })],
  expect: 'held',
});
