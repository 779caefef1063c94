import { parentPort } from 'node:worker_threads';
import { scenario } from 'threadmill';
import { PublishedPortReader, PublishedPortWriter } from 'threadmill/bridges';
import { bounded } from 'threadmill/invariants';

const posted = 0;
const handled = 1;

// Nothing holds up a worker that posts faster than the main agent listens: ever more messages wait in between.
export default scenario({
  store: () => new Int32Array(new SharedArrayBuffer(8)),
  writers: {
    count: 1,
    run({ store, history }) {
      const writer = new PublishedPortWriter<number>(parentPort!);
      for (let item = 0; item < 3; item++) {
        const write = history.write(item);
        writer.write(item);
        Atomics.add(store, posted, 1);
        write.acknowledge();
      }
    },
  },
  readers: {
    count: 1,
    run({ store, workers }) {
      new PublishedPortReader(workers[0]!, () => void Atomics.add(store, handled, 1));
    },
  },
  invariants: [bounded({ depth: (store: Int32Array) => store[posted]! - store[handled]!, limit: 2 })],
  expect: { verdict: 'violation', invariant: 'bounded' },
});
