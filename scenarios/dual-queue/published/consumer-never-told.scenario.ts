import { scenario } from 'threadmill';
import { createPublishedDualQueue, PublishedDualQueue, PublishedDualQueueProducer } from 'threadmill/bridges';
import { allWritten, saysWritten } from '../all-written.js';

// Two consumers wait for one item. The shutdown ends the drain task, and the consumer that got nothing never learns that no
// more items will come.
export default scenario({
  store: () => ({
    memory: createPublishedDualQueue({ maxsize: 2, bytes: 32 }),
    finished: new Int32Array(new SharedArrayBuffer(4)),
  }),
  writers: {
    count: 1,
    run({ store, history }) {
      const write = history.write('a');
      new PublishedDualQueueProducer<string>(store.memory).submitFromThread('a');
      write.acknowledge();
      saysWritten(store.finished);
    },
  },
  readers: {
    count: 1,
    async run({ store, history, writers }) {
      const queue = new PublishedDualQueue<string>(store.memory);
      queue.start();
      const consume = async (): Promise<void> => {
        history.read({ does: 'consumes' });
        history.read({ got: await queue.consume() });
      };
      const consumers = [consume(), consume()];
      await allWritten(store.finished, writers);
      history.read({ does: 'shuts the queue down' });
      await queue.shutdown();
      history.read({ does: 'has shut it down' });
      await Promise.all(consumers);
    },
  },
  expect: 'deadlock',
});
