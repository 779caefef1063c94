import fc from 'fast-check';
import { scenario } from 'threadmill';
import { createThreadQueue, ThreadQueueConsumer, ThreadQueueProducer } from 'threadmill/bridges';
import { exactlyOnce, fifoPerProducer } from 'threadmill/invariants';

const itemsOf = (writer: number): number[] => [2 * writer, 2 * writer + 1];

// The thread side alone, with room for one item, or for one and a half. Each item is written over the one that was just read,
// and making room has to wake a waiting producer.
export default scenario({
  params: { bytes: fc.constantFrom(16, 24) },
  store: ({ params: { bytes } }) => createThreadQueue({ capacity: 2, bytes, lockTimeoutMs: Infinity }),
  writers: {
    count: 2,
    run({ store, history, index }) {
      const producer = new ThreadQueueProducer<number>(store);
      for (const item of itemsOf(index)) {
        const write = history.write(item);
        producer.put(item);
        write.acknowledge();
      }
    },
  },
  readers: {
    count: 1,
    async run({ store, history, writers }) {
      const consumer = new ThreadQueueConsumer<number>(store);
      for (let left = 2 * writers; left > 0;) {
        const next = consumer.tryGet();
        if (next === undefined) {
          await consumer.waitForMore();
        } else {
          history.read(next.item);
          left--;
        }
      }
    },
  },
  invariants: [exactlyOnce(), fifoPerProducer()],
  expect: 'held',
});
