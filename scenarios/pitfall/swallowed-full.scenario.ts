import { scenario } from 'threadmill';
import { createThreadQueue, QueueFull, ThreadQueueConsumer, ThreadQueueProducer } from 'threadmill/bridges';
import { exactlyOnce } from 'threadmill/invariants';
import { allWritten, saysWritten } from '../dual-queue/all-written.js';

// A producer that finds the queue full continues as if its item had been taken: backpressure becomes silent loss.
export default scenario({
  store: () => ({
    memory: createThreadQueue({ capacity: 1, bytes: 16 }),
    finished: new Int32Array(new SharedArrayBuffer(4)),
  }),
  writers: {
    count: 1,
    run({ store, history }) {
      const producer = new ThreadQueueProducer<string>(store.memory);
      for (const item of ['a', 'b']) {
        const write = history.write(item);
        try {
          producer.putNow(item);
        } catch (error) {
          if (!(error instanceof QueueFull)) throw error;
        }
        write.acknowledge();
      }
      saysWritten(store.finished);
    },
  },
  readers: {
    count: 1,
    async run({ store, history, writers }) {
      const consumer = new ThreadQueueConsumer<string>(store.memory);
      await allWritten(store.finished, writers);
      for (let next = consumer.tryGet(); next !== undefined; next = consumer.tryGet()) history.read(next.item);
    },
  },
  invariants: [exactlyOnce()],
  expect: { verdict: 'violation', invariant: 'exactlyOnce' },
});
