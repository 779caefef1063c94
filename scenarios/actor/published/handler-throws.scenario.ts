import { parentPort } from 'node:worker_threads';
import { scenario } from 'threadmill';
import { AsyncQueue, PublishedActor, type PublishedActorMessage } from 'threadmill/bridges';

class Account extends PublishedActor {
  override handle(message: PublishedActorMessage): unknown {
    if (typeof message.payload !== 'number') throw new TypeError(`No amount: ${String(message.payload)}`);
    return super.handle(message);
  }
}

// A worker sends something that the actor cannot handle. The error ends the actor's loop without notice, and every later
// question waits for an answer that never comes.
export default scenario({
  writers: {
    count: 1,
    run() {
      parentPort!.postMessage('ten');
    },
  },
  readers: {
    count: 1,
    async run({ workers, history, pause }) {
      const account = new Account('account');
      workers[0]!.on('message', (payload) => void account.send({ type: 'increment', payload }));
      account.run().catch((error: unknown) => history.read(`the actor has ended: ${String(error)}`));
      await pause();
      const reply = new AsyncQueue<unknown>();
      const write = history.write('increment by 10');
      await account.send({ type: 'increment', payload: 10, replyTo: reply });
      write.acknowledge(await reply.get());
    },
  },
  expect: 'deadlock',
});
