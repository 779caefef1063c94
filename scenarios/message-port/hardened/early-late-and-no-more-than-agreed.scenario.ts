import { parentPort } from 'node:worker_threads';
import fc from 'fast-check';
import { scenario } from 'threadmill';
import { lineOver, PortReader, PortWriter } from 'threadmill/bridges';
import { bounded, exactlyOnce, fifoPerProducer, quiescent } from 'threadmill/invariants';

const sent = 0;
const handled = 1;
const window = 2;

// The main agent listens early or late. A worker sends nothing before that and never more at once than agreed, and ends when
// everything has been answered. So everything arrives, once and in order, and nothing is left on the way.
export default scenario({
  params: { items: fc.integer({ min: 0, max: 4 }), pauses: fc.integer({ min: 0, max: 2 }) },
  store: () => new Int32Array(new SharedArrayBuffer(8)),
  writers: {
    count: fc.integer({ min: 1, max: 2 }),
    async run({ store, params, index, history, pause }) {
      if (index === 1) await pause();
      const writer = new PortWriter<string>(lineOver(parentPort!, 'items'));
      for (let count = 0; count < params.items; count++) {
        const item = `${index}.${count}`;
        const write = history.write(item);
        await writer.send(item);
        Atomics.add(store, sent, 1);
        write.acknowledge();
      }
      await writer.end();
    },
  },
  readers: {
    count: 1,
    async run({ store, params, workers, history, pause }) {
      for (let count = 0; count < params.pauses; count++) await pause();
      const take = async (item: string): Promise<void> => {
        await pause();
        history.read(item);
        Atomics.add(store, handled, 1);
      };
      const readers = workers.map((worker) => new PortReader(lineOver(worker, 'items'), take, { window }));
      await Promise.all(readers.map(({ finished }) => finished));
    },
  },
  invariants: [
    exactlyOnce(),
    fifoPerProducer(),
    bounded({ depth: (store: Int32Array) => store[sent]! - store[handled]!, limit: 2 * window }),
    quiescent({ left: (store: Int32Array) => store[sent]! - store[handled]! }),
  ],
  expect: 'held',
});
