import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Bench } from 'tinybench';
import type { BridgeUnderTest } from './bridge-under-test.js';
import { writtenBy } from './control.js';
import { watchLoopDelay } from './loop-delay.js';
import { peakResidentMiB, residentMiB } from './resident-memory.js';
import type { DepthSample, LoopDelay, RoundTask, TimedResult } from './task.js';

const sampleEveryMs = 5;
const maximumSamples = 400;
const microsecondsPerSecond = 1e6;

/** Samples how many writes are under way, until it is stopped. */
async function sampleDepths(test: BridgeUnderTest, isOver: () => boolean): Promise<DepthSample[]> {
  const samples: DepthSample[] = [];
  const before = test.written.reduce((sum, count) => sum + count, 0);
  const startedAtMs = performance.now();
  while (!isOver() && samples.length < maximumSamples) {
    // The order matters: records written between the two looks must not count as waiting.
    const written = before + writtenBy(test.control, test.written.length);
    const { applied, threadQueueDepth = null, loopQueueDepth = null } = test.end.stats();
    samples.push({
      atMs: performance.now() - startedAtMs,
      backlog: Math.max(0, written - applied),
      threadQueue: threadQueueDepth,
      loopQueue: loopQueueDepth,
    });
    await sleep(sampleEveryMs);
  }
  return samples;
}

/**
 * Measures how fast records go through a bridge. Each batch is one iteration of tinybench, which also warms up. It records
 * the time per record.
 *
 * @param onBatch called for each batch, warm-ups included
 */
export async function measureTimed(
  test: BridgeUnderTest,
  { timed: { batch, warmups, batches } }: RoundTask,
  onBatch: (records: number) => void,
): Promise<TimedResult> {
  await test.ready();
  const memoryBefore = residentMiB();
  const measured = { records: 0, cpuSeconds: 0 };
  let depths: readonly DepthSample[] = [];
  let stopWatching: (() => LoopDelay) | undefined;
  let iteration = 0;
  const bench = new Bench({
    iterations: batches,
    time: 0,
    warmup: warmups > 0,
    warmupIterations: warmups,
    warmupTime: 0,
    retainSamples: true,
    throws: true,
  });
  bench.add(
    'batch',
    async () => {
      const isMeasured = iteration++ >= warmups;
      if (isMeasured) stopWatching ??= watchLoopDelay();
      const isLast = iteration === warmups + batches;
      let isOver = false;
      let sampling: Promise<DepthSample[]> | undefined;
      const onStarted = (): void => {
        if (isLast) sampling = sampleDepths(test, () => isOver);
      };
      const cpuBefore = process.cpuUsage();
      const { records, durationMs } = await test.perform(batch, onStarted);
      const cpu = process.cpuUsage(cpuBefore);
      isOver = true;
      depths = (await sampling) ?? depths;
      if (isMeasured) {
        measured.records += records;
        measured.cpuSeconds += (cpu.user + cpu.system) / microsecondsPerSecond;
      }
      onBatch(records);
      return { overriddenDuration: durationMs / Math.max(1, records), overriddenIterationCost: durationMs };
    },
    { async: true },
  );
  const [task] = await bench.run();
  const result = task?.result;
  if (result?.state !== 'completed') throw new Error(`tinybench ended as ${result?.state ?? 'nothing'}`);
  return {
    ...measured,
    millisecondsPerRecord: result.latency.samples ?? [],
    memoryMiB: Math.max(0, peakResidentMiB() - memoryBefore),
    loopDelay: stopWatching?.() ?? { p50Ms: 0, p99Ms: 0, maximumMs: 0 },
    depths,
  };
}
