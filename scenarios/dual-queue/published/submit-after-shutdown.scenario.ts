import { scenario } from 'threadmill';
import { createPublishedDualQueue, PublishedDualQueue, PublishedDualQueueProducer } from 'threadmill/bridges';
import { exactlyOnce } from 'threadmill/invariants';
import { delivered } from '../telling.js';

// A thread submits while the loop shuts the queue down. Behind the pill its item is accepted, acknowledged, and lost.
export default scenario({
  store: () => createPublishedDualQueue({ maxsize: 2, bytes: 32 }),
  writers: {
    count: 1,
    run({ store, history }) {
      const producer = new PublishedDualQueueProducer<string>(store);
      const write = history.write('a');
      producer.submitFromThread('a');
      write.acknowledge();
    },
  },
  readers: {
    count: 1,
    async run({ store, history }) {
      const queue = new PublishedDualQueue<string>(store);
      queue.start();
      history.read({ does: 'shuts the queue down' });
      await queue.shutdown();
      while (queue.loopQueueDepth > 0) history.read({ got: await queue.consume() });
    },
  },
  invariants: [exactlyOnce({ delivered })],
  expect: { verdict: 'violation', invariant: 'exactlyOnce' },
});
