import { parentPort } from 'node:worker_threads';
import { scenario } from 'threadmill';
import { AsyncQueue, PublishedStage } from 'threadmill/bridges';

// A stage cannot process what a worker sends. The error ends the stage's loop, and every later wait
// for a result lasts forever.
export default scenario({
  writers: {
    count: 1,
    run() {
      parentPort!.postMessage(null);
    },
  },
  readers: {
    count: 1,
    async run({ workers, history, pause }) {
      const upper = new PublishedStage('upper', (item) => (item as string).toUpperCase());
      workers[0]!.on('message', (payload) => void upper.send({ type: 'process', payload }));
      upper.run().catch((error: unknown) => history.read(`the stage has ended: ${String(error)}`));
      await pause();
      const reply = new AsyncQueue<unknown>();
      const write = history.write('item');
      await upper.send({ type: 'process', payload: 'item', replyTo: reply });
      write.acknowledge(await reply.get());
    },
  },
  expect: 'deadlock',
});
