import { parentPort } from 'node:worker_threads';
import fc from 'fast-check';
import { scenario } from 'threadmill';
import { AsyncQueue, QueueClosed } from 'threadmill/bridges';
import { bounded, exactlyOnce, fifoPerProducer } from 'threadmill/invariants';

const capacity = 1;

/** Of the main agent: each agent evaluates this module anew for each execution, and the workers do not use theirs. */
const queue = new AsyncQueue<string>(capacity);
let producing = 2;

// Two coroutines put, two get, and a worker's messages abort whatever get is waiting, be it in the turn in which it is
// served. An item that is served to an aborted get is still that get's, so none is lost.
export default scenario({
  name: 'queue: gets of an AsyncQueue are aborted and time out',
  params: { items: fc.integer({ min: 1, max: 2 }), timeoutMs: fc.constantFrom(undefined, 1) },
  store: () => undefined,
  writers: {
    count: 1,
    run({ params }) {
      for (let item = 0; item < params.items; item++) parentPort!.postMessage('abort');
    },
  },
  readers: {
    count: 4,
    async run({ params, history, index, workers }) {
      if (index < 2) {
        for (let item = 0; item < params.items; item++) {
          const value = `${index}.${item}`;
          const began = history.write(value);
          await queue.put(value);
          began.acknowledge();
        }
        if (--producing === 0) queue.close();
        return;
      }
      let controller = new AbortController();
      const abort = (): void => controller.abort();
      workers[0]!.on('message', abort);
      while (true) {
        try {
          const item = await queue.get({ signal: controller.signal, timeoutMs: params.timeoutMs });
          history.read({ item, depth: queue.size });
        } catch (error) {
          if (error instanceof QueueClosed) break;
          if (controller.signal.aborted) controller = new AbortController();
        }
      }
      workers[0]!.off('message', abort);
    },
  },
  invariants: [
    exactlyOnce({ delivered: (read: { item: string }) => read.item }),
    fifoPerProducer({ delivered: (read: { item: string }) => read.item }),
    bounded({ read: (read: { depth: number }) => read.depth, limit: capacity }),
  ],
  expect: 'held',
});
