import { scenario } from 'threadmill';
import { createPublishedDualQueue, PublishedDualQueue, PublishedDualQueueProducer } from 'threadmill/bridges';
import { allWritten, saysWritten } from './all-written.js';

// Two consumers wait for one item. The shutdown ends the drain task, and nobody tells the consumer who got nothing that
// nothing will come.
export default scenario({
  name: 'dual-queue: consumer never told of the end, published',
  store: () => ({
    memory: createPublishedDualQueue({ maxsize: 2, bytes: 32 }),
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
    async run({ store, writers }) {
      const queue = new PublishedDualQueue<string>(store.memory);
      queue.start();
      const consumers = [queue.consume(), queue.consume()];
      await allWritten(store.finished, writers);
      await queue.shutdown();
      await Promise.all(consumers);
    },
  },
  expect: 'deadlock',
});
