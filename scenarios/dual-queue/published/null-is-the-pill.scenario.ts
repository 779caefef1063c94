import { scenario } from 'threadmill';
import { createPublishedDualQueue, PublishedDualQueue, PublishedDualQueueProducer } from 'threadmill/bridges';
import { exactlyOnce } from 'threadmill/invariants';
import { allWritten, saysWritten } from '../all-written.js';
import { delivered } from '../telling.js';

// The pill is null, and null is a payload too. A thread that submits null ends the drain task, and later submissions are
// acknowledged and stay in the queue.
export default scenario({
  store: () => ({
    memory: createPublishedDualQueue({ maxsize: 3, bytes: 48 }),
    finished: new Int32Array(new SharedArrayBuffer(4)),
  }),
  writers: {
    count: 1,
    run({ store, history }) {
      const producer = new PublishedDualQueueProducer<string | null>(store.memory);
      for (const payload of [null, 'b']) {
        const write = history.write({ payload });
        producer.submitFromThread(payload);
        write.acknowledge();
      }
      saysWritten(store.finished);
    },
  },
  readers: {
    count: 1,
    async run({ store, history, writers }) {
      const queue = new PublishedDualQueue<string | null>(store.memory);
      queue.start();
      await allWritten(store.finished, writers);
      history.read({ does: 'shuts the queue down' });
      await queue.shutdown();
      while (queue.loopQueueDepth > 0) history.read({ got: { payload: await queue.consume() } });
    },
  },
  invariants: [exactlyOnce({ delivered })],
  expect: { verdict: 'violation', invariant: 'exactlyOnce' },
});
