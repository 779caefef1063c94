import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { recordBridges } from 'threadmill/bridges/records';
import type { WriterEnd } from 'threadmill/bridges/records';
import { sharedNowMs } from '../clock.js';
import { dueAfterMs, keyOf, payloadOf } from '../workload.js';
import { at, commands, currentBatch, writtenPlace } from './control.js';
import type { WriterTask } from './writer-task.js';

/** Shorter pauses are not worth a timer, which takes at least a millisecond. */
const shortestSleepMs = 0.5;

const task = workerData as WriterTask;
const { control, index, writers, keysOfEach, payloadWords } = task;
const { words, stampsMs, maximumWrites } = control;
const bridge = recordBridges().find(({ name, variant }) => name === task.bridge && variant === task.variant);
if (bridge === undefined || parentPort === null) throw new Error(`no bridge ${task.bridge}, ${task.variant}`);

/** The number of the next write, over all batches. */
let sequence = 0;

async function writeBatch(end: WriterEnd): Promise<void> {
  const batch = currentBatch(control);
  const isPaced = batch.ratePerSecond !== null || batch.burst !== null;
  const firstStamp = index * maximumWrites;
  const place = writtenPlace(index);
  const startedAtMs = sharedNowMs();
  const endsAtMs = startedAtMs + batch.durationMs;
  let awokeAtMs = startedAtMs;
  for (let written = 0; written < maximumWrites; written++) {
    let beganAtMs = sharedNowMs();
    if (isPaced) {
      const dueAtMs = startedAtMs + dueAfterMs(written, batch);
      if (dueAtMs >= endsAtMs) break;
      if (dueAtMs - beganAtMs >= shortestSleepMs) {
        await sleep(Math.ceil(dueAtMs - beganAtMs));
        awokeAtMs = sharedNowMs();
      }
      // A write that had to wait for the one before it counts from when it was due, because the bridge caused the wait. A
      // late timer is not caused by the bridge.
      beganAtMs = Math.max(dueAtMs, awokeAtMs);
    }
    if (beganAtMs >= endsAtMs) break;
    stampsMs[firstStamp + written] = beganAtMs;
    const writing = end.write({
      key: keyOf(index, sequence, writers, keysOfEach),
      payload: payloadOf(index, sequence, payloadWords),
    });
    // Awaiting a value that is not a promise would cost each write a turn of the microtask queue.
    if (writing !== undefined) await writing;
    sequence++;
    Atomics.store(words, place, written + 1);
  }
}

const end = bridge.writerEnd(task.state, { index, main: parentPort });
for (let generation = 0; ; generation++) {
  Atomics.add(words, at.ready, 1);
  Atomics.notify(words, at.ready);
  // Blocks the whole thread. Nothing is under way between two batches, and all writers begin at the same moment.
  Atomics.wait(words, at.generation, generation);
  if (Atomics.load(words, at.command) === commands.close) break;
  await writeBatch(end);
  Atomics.add(words, at.finished, 1);
  Atomics.notify(words, at.finished);
}
await end.close();
// Anything that the bridge keeps open on this side is no longer needed.
parentPort.unref();
