import { scenario } from 'threadmill';
import { createPublishedDualQueue, PublishedDualQueue, PublishedDualQueueProducer } from 'threadmill/bridges';
import { exactlyOnce } from 'threadmill/invariants';
import { allWritten, saysWritten } from '../all-written.js';
import { submitWhenThereIsRoom } from '../submit-when-there-is-room.js';
import { delivered } from '../telling.js';

// The drain task is cancelled while it waits for room on the loop side, and started again. Only the cancelled task held the
// item it had taken, so the item is never delivered.
export default scenario({
  store: () => ({
    // The second item fits into the thread side when the first one has left it, and into the loop side only when the first one
    // has been consumed.
    memory: createPublishedDualQueue({ maxsize: 1, bytes: 16 }),
    finished: new Int32Array(new SharedArrayBuffer(4)),
  }),
  writers: {
    count: 1,
    run({ store, history }) {
      const producer = new PublishedDualQueueProducer<string>(store.memory);
      for (const payload of ['a', 'b']) {
        const write = history.write(payload);
        submitWhenThereIsRoom(producer, payload);
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
      await allWritten(store.finished, writers);
      while (queue.threadQueueDepth > 0) await pause();
      history.read({ does: 'cancels the drain task' });
      queue.cancelDrainer();
      history.read({ does: 'starts it again' });
      queue.start();
      history.read({ got: await queue.consume() });
      history.read({ does: 'shuts the queue down' });
      await queue.shutdown();
      while (queue.loopQueueDepth > 0) history.read({ got: await queue.consume() });
    },
  },
  invariants: [exactlyOnce({ delivered })],
  expect: { verdict: 'violation', invariant: 'exactlyOnce' },
});
