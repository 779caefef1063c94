import { scenario } from 'threadmill';
import { DualQueue, DualQueueProducer } from 'threadmill/bridges';
import { exactlyOnce, fifoPerProducer } from 'threadmill/invariants';
import { allWritten, saysWritten } from '../all-written.js';
import { createDualQueueStore, nothingLeft } from '../store.js';

const payloads = [
  [null, 'a'],
  [undefined, 'b'],
];

// The hardened pill is not a payload but a bit of the word that counts them. null and undefined pass like anything else.
export default scenario({
  store: () => createDualQueueStore({ capacity: 2 }),
  writers: {
    count: payloads.length,
    run({ store, history, index }) {
      const producer = new DualQueueProducer(store.memory);
      for (const payload of payloads[index]!) {
        const write = history.write({ payload });
        producer.submit(payload);
        write.acknowledge();
      }
      saysWritten(store.finished);
    },
  },
  readers: {
    count: 1,
    async run({ store, history, writers }) {
      const queue = new DualQueue(store.memory);
      queue.start();
      const consume = async (): Promise<void> => {
        for await (const payload of queue) history.read({ payload });
      };
      const consumers = [consume(), consume()];
      await allWritten(store.finished, writers);
      await queue.shutdown();
      await Promise.all(consumers);
    },
  },
  invariants: [exactlyOnce(), fifoPerProducer(), nothingLeft],
  expect: 'held',
});
