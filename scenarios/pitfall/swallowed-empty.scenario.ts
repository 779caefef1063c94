import { scenario } from 'threadmill';
import { createThreadQueue, ThreadQueueConsumer, ThreadQueueProducer } from 'threadmill/bridges';
import { exactlyOnce } from 'threadmill/invariants';

// The consumer takes "empty" for "finished", and stops while a slow producer is still at work.
export default scenario({
  store: () => createThreadQueue({ capacity: 2, bytes: 32 }),
  writers: {
    count: 1,
    run({ store, history }) {
      const producer = new ThreadQueueProducer<string>(store);
      for (const item of ['a', 'b']) {
        const write = history.write(item);
        producer.putNow(item);
        write.acknowledge();
      }
    },
  },
  readers: {
    count: 1,
    async run({ store, history, pause }) {
      const consumer = new ThreadQueueConsumer<string>(store);
      await pause();
      for (let next = consumer.tryGet(); next !== undefined; next = consumer.tryGet()) history.read(next.item);
    },
  },
  invariants: [exactlyOnce()],
  expect: { verdict: 'violation', invariant: 'exactlyOnce' },
});
