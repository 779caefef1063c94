import { parentPort } from 'node:worker_threads';
import fc from 'fast-check';
import { scenario } from 'threadmill';
import { AsyncQueue, QueueClosed } from 'threadmill/bridges';
import { bounded, exactlyOnce, fifoPerProducer } from 'threadmill/invariants';

const capacity = 1;

// The main agent's queue: each agent evaluates this module again for each execution, and workers do not use theirs.
const queue = new AsyncQueue<string>(capacity);
let producing = 2;
let patience = new AbortController();

const abortGets = (): void => {
  patience.abort();
  patience = new AbortController();
};

// Two coroutines put, two get. A pending get is aborted by messages, or by a producer in the turn in which it serves it. A get
// that was served keeps its item, aborted or not, so none is lost; one that came too late takes none.
export default scenario({
  params: {
    items: fc.integer({ min: 1, max: 2 }),
    timeoutMs: fc.constantFrom(undefined, 1),
    abortsAtOnce: fc.boolean(),
  },
  writers: {
    count: 1,
    run({ params }) {
      for (let item = 0; item < params.items; item++) parentPort!.postMessage('abort');
    },
  },
  readers: {
    count: 4,
    async run({ params, history, index, workers }) {
      if (index === 0) workers[0]!.on('message', abortGets);
      if (index < 2) {
        for (let item = 0; item < params.items; item++) {
          const value = `${index}.${item}`;
          const began = history.write(value);
          if (!queue.tryPut(value)) await queue.put(value);
          if (params.abortsAtOnce) abortGets();
          began.acknowledge();
        }
        if (--producing === 0) queue.close();
        return;
      }
      while (true) {
        const { signal } = patience;
        try {
          const item = await queue.get({ signal, timeoutMs: params.timeoutMs });
          history.read({ item, depth: queue.size });
        } catch (error) {
          if (error instanceof QueueClosed) return;
        }
      }
    },
  },
  invariants: [
    exactlyOnce({ delivered: (read: { item: string }) => read.item }),
    fifoPerProducer({ delivered: (read: { item: string }) => read.item }),
    bounded({ read: (read: { depth: number }) => read.depth, limit: capacity }),
  ],
  expect: 'held',
});
