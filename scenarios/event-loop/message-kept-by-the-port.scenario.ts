import { parentPort } from 'node:worker_threads';
import fc from 'fast-check';
import { scenario } from 'threadmill';

// Ports, unlike worker handles and broadcast channels, keep messages until there is a listener, in order: however late the
// worker is, it misses nothing.
export default scenario({
  params: { messages: fc.integer({ min: 1, max: 3 }), pauses: fc.integer({ min: 0, max: 2 }) },
  writers: {
    count: fc.integer({ min: 1, max: 2 }),
    async run({ params, pause }) {
      for (let done = 0; done < params.pauses; done++) await pause();
      const port = parentPort!;
      const received = await new Promise<unknown[]>((resolve) => {
        const messages: unknown[] = [];
        const listener = (message: unknown): void => {
          messages.push(message);
          if (messages.length < params.messages) return;
          port.off('message', listener);
          resolve(messages);
        };
        port.on('message', listener);
      });
      for (const [place, message] of received.entries()) {
        if (message !== place) throw new Error(`Message ${String(message)} came in place ${place}.`);
      }
    },
  },
  readers: {
    count: 1,
    run({ workers, params }) {
      for (let message = 0; message < params.messages; message++) {
        for (const worker of workers) worker.postMessage(message);
      }
    },
  },
  expect: 'held',
});
