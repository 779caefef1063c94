import { parentPort } from 'node:worker_threads';
import { scenario } from 'threadmill';
import { PublishedStage } from 'threadmill/bridges';
import { bounded } from 'threadmill/invariants';

// A worker feeds a slower stage. Nothing makes it wait: the stage's queue takes everything.
export default scenario({
  writers: {
    count: 1,
    run() {
      for (let item = 0; item < 4; item++) parentPort!.postMessage(item);
    },
  },
  readers: {
    count: 1,
    run({ workers, history, pause }) {
      const stage = new PublishedStage('slow', () => pause());
      void stage.run();
      workers[0]!.on('message', (payload) => {
        void stage.send({ type: 'process', payload });
        history.read(stage.queue.size);
      });
    },
  },
  invariants: [bounded({ read: (depth) => depth as number, limit: 2 })],
  expect: { verdict: 'violation', invariant: 'bounded' },
});
