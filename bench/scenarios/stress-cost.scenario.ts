import { parentPort } from 'node:worker_threads';
import { scenario } from 'threadmill';
import type { BridgeState, ReaderEnd } from 'threadmill/bridges/records';
import { open, read, readerEnd, size, write } from './stress-cost-work.js';

const ends = new WeakMap<object, ReaderEnd>();

export default scenario({
  name: 'bench: the cost of the stress engine',
  store: (): BridgeState => open(),
  writers: {
    count: size.writers,
    run: ({ store, index, history }) =>
      write(store, { index, main: parentPort! }, async (entry, make) => {
        const began = history.write(entry);
        await make();
        began.acknowledge();
      }),
  },
  readers: {
    count: size.readers,
    async run({ store, workers, index, pause, history }) {
      let end = ends.get(store);
      if (end === undefined) ends.set(store, (end = readerEnd(store, { workers })));
      await read(end, pause, ({ count, version }: { count?: number; version?: number }) =>
        history.read({ count, version }),
      );
      if (index === 0) await end.close();
    },
  },
  stress: () => ({}),
  limits: { historyEvents: 1_000_000 },
});
