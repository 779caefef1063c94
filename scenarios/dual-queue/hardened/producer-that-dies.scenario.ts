import { threadId } from 'node:worker_threads';
import fc from 'fast-check';
import { scenario } from 'threadmill';
import { DualQueue, DualQueueProducer, QueueClosed, type DualQueueMemory } from 'threadmill/bridges';
import { exactlyOnce, fifoPerProducer } from 'threadmill/invariants';
import { allWritten, saysWritten } from '../all-written.js';
import { createDualQueueStore, nothingLeft } from '../store.js';

const inMidst = 0;
const thread = 1;

/** The memory of a thread that stops halfway: copying an item into it blocks until all is over, and then throws. */
function memoryOfTheDead(memory: DualQueueMemory, grave: Int32Array): DualQueueMemory {
  const ring = new BigInt64Array(memory.threadQueue.ring.buffer);
  ring.set = () => {
    Atomics.store(grave, inMidst, 1);
    Atomics.notify(grave, inMidst);
    Atomics.wait(grave, inMidst, 1);
    throw new Error('dead');
  };
  return { ...memory, threadQueue: { ...memory.threadQueue, ring } };
}

// A thread dies while it submits something and has the producers' lock. The loop learns of this and recovers the thread, or
// shuts down without learning of it. In both cases the others continue, and the half item it left does no harm.
export default scenario({
  params: { isHeardOf: fc.boolean() },
  store: () => ({
    ...createDualQueueStore({ capacity: 2 }),
    grave: new Int32Array(new SharedArrayBuffer(8)),
  }),
  writers: {
    count: 2,
    run({ store, history, index }) {
      if (index === 0) {
        Atomics.store(store.grave, thread, threadId);
        const producer = new DualQueueProducer(memoryOfTheDead(store.memory, store.grave));
        try {
          producer.submit('never');
        } catch {
          return;
        }
      }
      const producer = new DualQueueProducer(store.memory);
      for (const item of ['a', 'b']) {
        const write = history.write(item);
        try {
          producer.submit(item);
        } catch (error) {
          if (error instanceof QueueClosed) break;
          throw error;
        }
        write.acknowledge();
      }
      saysWritten(store.finished);
    },
  },
  readers: {
    count: 1,
    async run({ store, params, history }) {
      const queue = new DualQueue(store.memory);
      queue.start();
      await Atomics.waitAsync(store.grave, inMidst, 0).value;
      if (params.isHeardOf) {
        queue.recover(Atomics.load(store.grave, thread));
        await allWritten(store.finished, 1);
      }
      const shutdown = queue.shutdown();
      for await (const item of queue) history.read(item);
      await shutdown;
      await allWritten(store.finished, 1);
      Atomics.store(store.grave, inMidst, 0);
      Atomics.notify(store.grave, inMidst);
    },
  },
  invariants: [exactlyOnce(), fifoPerProducer(), nothingLeft],
  expect: 'held',
});
