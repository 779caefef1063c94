import { scenario } from 'threadmill';
import { createThreadQueue, ThreadQueueConsumer, ThreadQueueProducer } from 'threadmill/bridges';
import { exactlyOnce } from 'threadmill/invariants';
import { allWritten, saysWritten } from '../dual-queue/all-written.js';

// Empty means that there is nothing now. The consumer waits for more until the queue has ended:
// closed, and everything taken.
export default scenario({
  store: () => ({
    memory: createThreadQueue({ capacity: 2, bytes: 32 }),
    finished: new Int32Array(new SharedArrayBuffer(4)),
  }),
  writers: {
    count: 1,
    run({ store, history }) {
      const producer = new ThreadQueueProducer<string>(store.memory);
      for (const item of ['a', 'b']) {
        const write = history.write(item);
        producer.putNow(item);
        write.acknowledge();
      }
      saysWritten(store.finished);
    },
  },
  readers: {
    count: 1,
    async run({ store, history, writers }) {
      const consumer = new ThreadQueueConsumer<string>(store.memory);
      const closed = allWritten(store.finished, writers).then(() => consumer.close());
      while (!consumer.ended) {
        const next = consumer.tryGet();
        if (next === undefined) await consumer.waitForMore();
        else history.read(next.item);
      }
      await closed;
    },
  },
  invariants: [exactlyOnce()],
  expect: 'held',
});
