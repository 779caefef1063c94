import { parentPort } from 'node:worker_threads';
import { scenario } from 'threadmill';
import { PublishedPortReader, PublishedPortWriter } from 'threadmill/bridges';
import { exactlyOnce } from 'threadmill/invariants';

// A Worker object passes each message on when it arrives, to its listeners at that moment. The main agent does something else
// first, and what a worker posts before that is lost, though it counts as written.
export default scenario({
  writers: {
    count: 1,
    run({ history }) {
      const writer = new PublishedPortWriter<string>(parentPort!);
      const write = history.write('greeting');
      writer.write('greeting');
      write.acknowledge();
    },
  },
  readers: {
    count: 1,
    async run({ workers, history, pause }) {
      await pause();
      new PublishedPortReader<string>(workers[0]!, (value) => history.read(value));
    },
  },
  invariants: [exactlyOnce()],
  expect: { verdict: 'violation', invariant: 'exactlyOnce' },
});
