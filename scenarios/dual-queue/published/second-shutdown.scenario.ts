import { scenario } from 'threadmill';
import {
  createPublishedDualQueue,
  PublishedDualQueue,
  PublishedDualQueueProducer,
  type ThreadQueueMemory,
} from 'threadmill/bridges';
import { quiescent } from 'threadmill/invariants';
import { allWritten, saysWritten } from '../all-written.js';
import { leftIn } from '../left-in.js';

// Two parts of a program shut the same queue down. Each puts a pill, the drain task ends at the first, and the second stays in
// the queue. With a smaller or fuller queue, the second shutdown would wait for room forever.
export default scenario({
  store: () => ({
    memory: createPublishedDualQueue({ maxsize: 3, bytes: 48 }),
    finished: new Int32Array(new SharedArrayBuffer(4)),
  }),
  writers: {
    count: 1,
    run({ store }) {
      new PublishedDualQueueProducer<string>(store.memory).submitFromThread('a');
      saysWritten(store.finished);
    },
  },
  readers: {
    count: 1,
    async run({ store, history, writers }) {
      const queue = new PublishedDualQueue<string>(store.memory);
      queue.start();
      await allWritten(store.finished, writers);
      const shutDown = async (): Promise<void> => {
        history.read({ does: 'shuts the queue down' });
        await queue.shutdown();
      };
      await Promise.all([shutDown(), shutDown()]);
      history.read({ got: await queue.consume() });
    },
  },
  invariants: [quiescent({ left: (store: { readonly memory: ThreadQueueMemory }) => leftIn(store.memory) })],
  expect: { verdict: 'violation', invariant: 'quiescent' },
});
