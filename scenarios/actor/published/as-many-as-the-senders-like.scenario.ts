import { parentPort } from 'node:worker_threads';
import { scenario } from 'threadmill';
import { PublishedActor } from 'threadmill/bridges';
import { bounded } from 'threadmill/invariants';

class SlowActor extends PublishedActor {
  readonly #pause: () => Promise<void>;

  constructor(pause: () => Promise<void>) {
    super('slow');
    this.#pause = pause;
  }

  override async handle(): Promise<unknown> {
    await this.#pause();
    return null;
  }
}

// The actor handles one message while others arrive. Its queue takes them all, however far it falls behind.
export default scenario({
  writers: {
    count: 1,
    run() {
      for (let request = 0; request < 4; request++) parentPort!.postMessage(request);
    },
  },
  readers: {
    count: 1,
    run({ workers, history, pause }) {
      const actor = new SlowActor(pause);
      void actor.run();
      workers[0]!.on('message', (payload) => {
        void actor.send({ type: 'work', payload });
        history.read(actor.queue.size);
      });
    },
  },
  invariants: [bounded({ read: (depth) => depth as number, limit: 2 })],
  expect: { verdict: 'violation', invariant: 'bounded' },
});
