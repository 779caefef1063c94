import { BroadcastChannel } from 'node:worker_threads';
import { scenario } from 'threadmill';

// A broadcast reaches only those that listen when it is sent. The reader joins the channel at some point, and waits for a
// greeting that may have been sent before.
export default scenario({
  writers: {
    count: 1,
    run() {
      const channel = new BroadcastChannel('greetings');
      channel.postMessage('ready');
      channel.close();
    },
  },
  readers: {
    count: 1,
    async run() {
      const channel = new BroadcastChannel('greetings');
      await new Promise<void>((resolve) => {
        channel.onmessage = () => resolve();
      });
      channel.close();
    },
  },
  expect: 'deadlock',
});
