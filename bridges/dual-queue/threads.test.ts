import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { isDeepStrictEqual } from 'node:util';
import type { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ended, nextMessage } from '../testing/start-worker.js';
import { UndecodablePayload } from './errors.js';
import { createDualQueue, type DualQueueOptions } from './hardened-memory.js';
import { DualQueueProducer } from './hardened-producer.js';
import { DualQueue } from './hardened.js';
import { payloadOf } from './testing/payloads.js';
import type { Task } from './testing/producer-tasks.js';
import { bundled, startProducer } from './testing/start-producer.js';

const workers: Worker[] = [];

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.terminate()));
});

function open<Payload>(options: DualQueueOptions) {
  const memory = createDualQueue(options);
  const start = (task: Task, resources: { readonly stackSizeMb?: number } = {}): Worker => {
    const worker = startProducer({ memory, task }, resources);
    workers.push(worker);
    return worker;
  };
  return { memory, start, queue: new DualQueue<Payload>(memory) };
}

interface Numbered {
  readonly producer: number;
  readonly number: number;
  readonly payload: unknown;
}

describe('threads that submit to a dual queue', () => {
  it('get everything through a small ring once, whole, and each in its order', async () => {
    const [producers, payloads] = [4, 2_000];
    const { start, queue } = open<Numbered>({ capacity: 20, bytes: 50_000, loopCapacity: 7 });
    queue.start();
    const next = Array.from({ length: producers }, () => 0);
    const wrong: unknown[] = [];
    const consume = async (): Promise<void> => {
      for await (const { producer, number, payload } of queue) {
        if (number !== next[producer]!++) wrong.push({ producer, number });
        if (!isDeepStrictEqual(payload, payloadOf(producer, number))) wrong.push({ producer, number, payload });
      }
    };
    const consumers = [consume(), consume(), consume()];
    const done = next.map((_, producer) => nextMessage(start({ kind: 'submit', producer, payloads })));
    expect(await Promise.all(done)).toEqual(next.map(() => 'done'));
    await queue.shutdown();
    await Promise.all(consumers);
    expect(wrong).toEqual([]);
    expect(next).toEqual(next.map(() => payloads));
  });

  it('are told of the end wherever they wait, and what was taken of them arrives', async () => {
    const { start, queue } = open<number>({ capacity: 2, loopCapacity: 1 });
    queue.start();
    const producers = [1, 2, 3].map(() => start({ kind: 'submit until refused' }));
    await Promise.all(producers.map(nextMessage));
    const consumed = [await queue.consume(), await queue.consume(), await queue.consume()];
    const outcomes = producers.map(nextMessage);
    const shutdown = queue.shutdown();
    for await (const item of queue) consumed.push(item);
    await shutdown;
    const said = (await Promise.all(outcomes)) as { readonly taken: number; readonly refused: string }[];
    expect(said.map(({ refused }) => refused)).toEqual(['QueueClosed', 'QueueClosed', 'QueueClosed']);
    expect(consumed.length).toBe(said.reduce((sum, { taken }) => sum + taken, 0));
  });

  it.each(['exit in the midst', 'exit before it counts', 'stay in the midst'] as const)(
    'and die while they do (%s) leave what was taken, and let the others go on',
    async (kind) => {
      const { start, queue } = open<unknown>({ capacity: 5, lockTimeoutMs: Infinity });
      queue.start();
      const dying = start({ kind });
      queue.watch(dying);
      if (kind === 'stay in the midst') {
        expect(await nextMessage(dying)).toBe('stuck');
        void dying.terminate();
      } else {
        await ended(dying);
      }
      const other = start({ kind: 'submit', producer: 0, payloads: 10 });
      const numbers: unknown[] = [await queue.consume()];
      for (let count = 0; count < 10; count++) numbers.push(((await queue.consume()) as Numbered).number);
      expect(numbers).toEqual(['before', 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      await ended(other);
      await queue.shutdown();
      expect([queue.threadQueueDepth, queue.loopQueueDepth]).toEqual([0, 0]);
    },
  );

  it('and die unheard of do not keep a shutdown from ending, nor the others from being told', async () => {
    const { start, queue } = open<unknown>({ capacity: 5, lockTimeoutMs: Infinity });
    queue.start();
    await ended(start({ kind: 'exit in the midst' }));
    const waiting = start({ kind: 'submit until refused' });
    expect(await nextMessage(waiting)).toBe('ready');
    const outcome = nextMessage(waiting);
    await queue.shutdown();
    expect(await outcome).toEqual({ taken: 0, refused: 'QueueClosed' });
    expect(await queue.consume()).toBe('before');
  });

  it('make room for others when they are dead', async () => {
    const { memory, start, queue } = open<unknown>({ producers: 1 });
    const dying = start({ kind: 'exit in the midst' });
    queue.watch(dying);
    await ended(dying);
    new DualQueueProducer(memory).submitFromThread('other');
    expect(queue.cancel().payloads).toEqual(['before', 'other']);
  });

  it('can send what this thread cannot read, which costs nobody anything else', async () => {
    const depth = 20_000;
    const task: Task = { kind: 'nest', depth };
    const { start, queue } = open<unknown>({});
    queue.start();
    start(task, { stackSizeMb: 64 });
    await expect(queue.consume()).rejects.toThrow(UndecodablePayload);
    expect(await queue.consume()).toBe('after');
    await ended(start(task, { stackSizeMb: 64 }));
    const { payloads, undecodable } = queue.cancel();
    expect(payloads).toEqual(['after']);
    expect(undecodable).toHaveLength(1);
    expect(undecodable[0]?.bytes.byteLength).toBeGreaterThan(depth);
  });
});

describe('a process with a dual queue', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'dual-queue-'));
  const file = path.join(directory, 'process.cjs');

  beforeAll(() => writeFileSync(file, bundled('./process.ts')));
  afterAll(() => rmSync(directory, { recursive: true }));

  const run = (what: string) => {
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, [file, what], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    return { status, signal, stdout, stderr };
  };

  it('goes on while a consumer waits, though nothing else keeps it, and ends after the shutdown', () => {
    expect(run('wait')).toEqual({ status: 0, signal: null, stdout: 'late item\nend\n', stderr: '' });
  });

  it('ends after a cancellation, and when its drain task is cancelled', () => {
    expect(run('cancel')).toEqual({ status: 0, signal: null, stdout: 'QueueClosed\n', stderr: '' });
    expect(run('cancel the drain task')).toEqual({ status: 0, signal: null, stdout: 'cancelled\n', stderr: '' });
  });
});
