import { MessageChannel, parentPort, type MessagePort } from 'node:worker_threads';
import { scenario } from 'threadmill';
import { exactlyOnce, fifoPerProducer } from 'threadmill/invariants';

// A worker sends its items over two ports in turn. Each port keeps its order, but nothing keeps the order between them, so a
// later item may overtake an earlier one.
export default scenario({
  writers: {
    count: 1,
    async run({ history }) {
      const second = await new Promise<MessagePort>((resolve) => parentPort!.once('message', resolve));
      for (const [item, port] of [parentPort!, second].entries()) {
        const began = history.write(item);
        port.postMessage(item);
        began.acknowledge();
      }
      second.close();
    },
  },
  readers: {
    count: 1,
    async run({ history, workers }) {
      const { port1, port2 } = new MessageChannel();
      let awaited = 2;
      await new Promise<void>((resolve) => {
        const take = (item: unknown): void => {
          history.read(item);
          if (--awaited === 0) resolve();
        };
        workers[0]!.on('message', take);
        port1.on('message', take);
        workers[0]!.postMessage(port2, [port2]);
      });
      port1.close();
    },
  },
  invariants: [fifoPerProducer(), exactlyOnce()],
  expect: { verdict: 'violation', invariant: 'fifoPerProducer' },
});
