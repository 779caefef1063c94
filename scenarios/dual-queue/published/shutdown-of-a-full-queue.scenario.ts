import { scenario } from 'threadmill';
import { createPublishedDualQueue, PublishedDualQueue, PublishedDualQueueProducer } from 'threadmill/bridges';
import { allWritten, saysWritten } from '../all-written.js';
import { submitWhenThereIsRoom } from '../submit-when-there-is-room.js';

const payloads = ['a', 'b', 'c'];

// At the shutdown one item is in each queue and the drain task holds another. Putting the pill blocks the thread of the loop,
// and only code on that loop could make room.
export default scenario({
  store: () => ({
    memory: createPublishedDualQueue({ maxsize: 1, bytes: 16 }),
    finished: new Int32Array(new SharedArrayBuffer(4)),
  }),
  writers: {
    count: 1,
    run({ store, history }) {
      const producer = new PublishedDualQueueProducer<string>(store.memory);
      for (const payload of payloads) {
        const write = history.write(payload);
        submitWhenThereIsRoom(producer, payload);
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
      await allWritten(store.finished, writers);
      history.read({ does: 'shuts the queue down' });
      const shutdown = queue.shutdown();
      history.read({ does: 'consumes' });
      for (const _ of payloads) history.read({ got: await queue.consume() });
      await shutdown;
    },
  },
  expect: 'deadlock',
});
