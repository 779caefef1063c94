import process from 'node:process';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { createDualQueue, type DualQueueMemory } from '../hardened-memory.js';
import { DualQueueProducer } from '../hardened-producer.js';
import { DualQueue } from '../hardened.js';

/* A separate process, to see when it ends. Its argument says what it does. */

/** A loop that nothing keeps alive has ended after this time. */
const lateMs = 200;

const things: Readonly<Record<string, (queue: DualQueue<string>, memory: DualQueueMemory) => Promise<void>>> = {
  wait: async (queue, memory) => {
    queue.start();
    new Worker(__filename, { workerData: memory }).unref();
    console.log(await queue.consume());
    await queue.shutdown();
    console.log('end');
  },
  cancel: async (queue) => {
    queue.start();
    const consumer = queue.consume();
    queue.cancel();
    await consumer.catch((error: unknown) => console.log((error as Error).name));
  },
  'cancel the drain task': (queue) => {
    const task = new AbortController();
    queue.start({ signal: task.signal });
    task.abort();
    console.log('cancelled');
    return Promise.resolve();
  },
};

if (isMainThread) {
  const memory = createDualQueue();
  void things[process.argv[2] ?? '']?.(new DualQueue<string>(memory), memory);
} else {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lateMs);
  new DualQueueProducer<string>(workerData as DualQueueMemory).submitFromThread('late item');
}
