import { parentPort } from 'node:worker_threads';
import { scenario } from 'threadmill';
import { PublishedPortReader, PublishedPortWriter } from 'threadmill/bridges';
import { exactlyOnce } from 'threadmill/invariants';

// A Worker object tells of messages when they come, to whoever listens by then. The main agent has something else to do first,
// and what a worker posts meanwhile is gone, though it counts as written.
export default scenario({
  name: 'message-port: published: message before the main agent listens',
  store: () => null,
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
