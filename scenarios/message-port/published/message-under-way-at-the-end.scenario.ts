import { parentPort } from 'node:worker_threads';
import { scenario } from 'threadmill';
import { PublishedPortReader, PublishedPortWriter } from 'threadmill/bridges';
import { exactlyOnce } from 'threadmill/invariants';

// The main agent listens from the start, and stops when it has received enough. The worker does not know this, and takes later
// messages for written.
export default scenario({
  writers: {
    count: 1,
    async run({ history }) {
      await new Promise((resolve) => parentPort!.once('message', resolve));
      const writer = new PublishedPortWriter<string>(parentPort!);
      for (const item of ['first', 'second']) {
        const write = history.write(item);
        writer.write(item);
        write.acknowledge();
      }
    },
  },
  readers: {
    count: 1,
    async run({ workers, history }) {
      const worker = workers[0]!;
      await new Promise<void>((resolve) => {
        const reader = new PublishedPortReader<string>(worker, (value) => {
          history.read(value);
          reader.close();
          resolve();
        });
        worker.postMessage('begin');
      });
    },
  },
  invariants: [exactlyOnce()],
  expect: { verdict: 'violation', invariant: 'exactlyOnce' },
});
