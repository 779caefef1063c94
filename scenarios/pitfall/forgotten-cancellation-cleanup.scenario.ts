import { scenario } from 'threadmill';
import {
  createPublishedDualQueue,
  PublishedDualQueue,
  PublishedDualQueueProducer,
  type ThreadQueueMemory,
} from 'threadmill/bridges';
import { quiescent } from 'threadmill/invariants';
import { allWritten, saysWritten } from '../dual-queue/all-written.js';
import { leftIn } from '../dual-queue/left-in.js';

// The drain task is cancelled, and the shutdown that follows neither drains nor hands back: what was acknowledged stays in the
// queue, and the pill with it.
export default scenario({
  store: () => ({
    memory: createPublishedDualQueue({ maxsize: 3, bytes: 48 }),
    finished: new Int32Array(new SharedArrayBuffer(4)),
  }),
  writers: {
    count: 1,
    run({ store, history }) {
      const producer = new PublishedDualQueueProducer<string>(store.memory);
      for (const payload of ['a', 'b']) {
        const write = history.write(payload);
        producer.submitFromThread(payload);
        write.acknowledge();
      }
      saysWritten(store.finished);
    },
  },
  readers: {
    count: 1,
    async run({ store, history, writers }) {
      const queue = new PublishedDualQueue<string>(store.memory);
      queue.start();
      history.read({ does: 'cancels the drain task' });
      queue.cancelDrainer();
      await allWritten(store.finished, writers);
      history.read({ does: 'shuts the queue down' });
      await queue.shutdown().catch(() => 'the drain task was cancelled');
      while (queue.loopQueueDepth > 0) history.read({ got: await queue.consume() });
    },
  },
  invariants: [quiescent({ left: (store: { readonly memory: ThreadQueueMemory }) => leftIn(store.memory) })],
  expect: { verdict: 'violation', invariant: 'quiescent' },
});
