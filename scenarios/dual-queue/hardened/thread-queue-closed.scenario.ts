import { scenario } from 'threadmill';
import { createThreadQueue, QueueClosed, ThreadQueueConsumer, ThreadQueueProducer } from 'threadmill/bridges';
import { exactlyOnce } from 'threadmill/invariants';
import { allWritten, saysWritten } from '../all-written.js';

// The thread side alone, closed while a producer is about to wait for room: nothing is taken until the producer knows.
export default scenario({
  store: () => ({
    memory: createThreadQueue({ capacity: 1, bytes: 16, lockTimeoutMs: Infinity }),
    finished: new Int32Array(new SharedArrayBuffer(4)),
  }),
  writers: {
    count: 1,
    run({ store, history }) {
      const producer = new ThreadQueueProducer<string>(store.memory);
      for (const item of ['a', 'b']) {
        const write = history.write(item);
        try {
          producer.put(item);
        } catch (error) {
          if (error instanceof QueueClosed) break;
          throw error;
        }
        write.acknowledge();
      }
      saysWritten(store.finished);
    },
  },
  readers: {
    count: 1,
    async run({ store, history, writers, pause }) {
      const consumer = new ThreadQueueConsumer<string>(store.memory);
      await pause();
      consumer.close();
      await allWritten(store.finished, writers);
      for (let next = consumer.tryGet(); next !== undefined; next = consumer.tryGet()) history.read(next.item);
    },
  },
  invariants: [exactlyOnce()],
  expect: 'held',
});
