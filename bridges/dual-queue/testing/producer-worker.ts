import process from 'node:process';
import { parentPort, workerData } from 'node:worker_threads';
import { DualQueueProducer } from '../hardened-producer.js';
import { publishedWord } from '../thread-queue-memory.js';
import { payloadOf } from './payloads.js';
import type { ProducerData, Task } from './producer-tasks.js';

/* A thread that submits. */

const { memory, task } = workerData as ProducerData;
const say = (message: unknown): void => parentPort?.postMessage(message);

const tasks: { readonly [Kind in Task['kind']]: (task: Extract<Task, { kind: Kind }>) => void } = {
  submit: ({ producer: index, payloads }) => {
    const producer = new DualQueueProducer(memory);
    for (let number = 0; number < payloads; number++) {
      producer.submit({ producer: index, number, payload: payloadOf(index, number) });
    }
    producer.close();
    say('done');
  },
  'exit in the midst': () => dieInTheMidst(() => process.exit(0)),
  'exit before it counts': () => {
    const producer = new DualQueueProducer(memory);
    producer.submit('before');
    const { compareExchange } = Atomics;
    Object.assign(Atomics, {
      compareExchange: (words: Int32Array, index: number, expected: number, replacement: number) =>
        index === publishedWord ? process.exit(0) : compareExchange(words, index, expected, replacement),
    });
    producer.submit('nearly');
  },
  'stay in the midst': () =>
    dieInTheMidst(() => {
      say('stuck');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    }),
  'submit until refused': () => {
    const producer = new DualQueueProducer(memory);
    say('ready');
    for (let number = 0; ; number++) {
      try {
        producer.submit(number);
      } catch (error) {
        say({ taken: number, refused: (error as Error).name });
        return;
      }
    }
  },
  nest: ({ depth }) => {
    let nested: unknown = [];
    for (let done = 0; done < depth; done++) nested = [nested];
    const producer = new DualQueueProducer(memory);
    producer.submit(nested);
    producer.submit('after');
  },
};

/** Submits one payload normally, and dies while another one is copied into the queue. */
function dieInTheMidst(die: () => void): void {
  const producer = new DualQueueProducer(memory);
  producer.submit('before');
  const { ring } = memory.threadQueue;
  ring.set = (item, place = 0) => {
    // The first half is there.
    ring[place] = item[0]!;
    die();
  };
  producer.submit('half');
}

(tasks[task.kind] as (task: Task) => void)(task);
