import { scenario } from 'threadmill';
import { AsyncQueue, PublishedActor } from 'threadmill/bridges';

// The program as the article prints it: the actor runs in a task group, which ends when its tasks have ended. The actor has
// handled all requests, and waits for more.
export default scenario({
  readers: {
    count: 1,
    async run({ history }) {
      const counter = new PublishedActor('counter');
      const running = counter.run();
      const reply = new AsyncQueue<unknown>();
      await counter.send({ type: 'increment', payload: null, replyTo: reply });
      history.read(await reply.get());
      const end = history.write('the end of the actor');
      await running;
      end.acknowledge();
    },
  },
  expect: 'deadlock',
});
