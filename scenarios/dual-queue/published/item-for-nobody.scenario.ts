import { scenario } from 'threadmill';
import { createPublishedDualQueue, PublishedDualQueue, PublishedDualQueueProducer } from 'threadmill/bridges';
import { exactlyOnce } from 'threadmill/invariants';
import { allWritten, saysWritten } from '../all-written.js';
import { delivered } from '../telling.js';

// The drain task is cancelled while it waits for an item, and started again. Its pending wait continues, ahead of the new task's,
// and takes the next item, which is then delivered to no task.
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
    async run({ store, history, writers, pause }) {
      const queue = new PublishedDualQueue<string>(store.memory);
      queue.start();
      history.read({ does: 'cancels the drain task' });
      queue.cancelDrainer();
      history.read({ does: 'starts it again' });
      queue.start();
      await allWritten(store.finished, writers);
      while (queue.threadQueueDepth > 0) await pause();
      while (queue.loopQueueDepth > 0) history.read({ got: await queue.consume() });
    },
  },
  invariants: [exactlyOnce({ delivered })],
  expect: { verdict: 'violation', invariant: 'exactlyOnce' },
});
