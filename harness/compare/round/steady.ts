import { setImmediate as turn } from 'node:timers/promises';
import type { BridgeUnderTest } from './bridge-under-test.js';
import { sharedNowMs } from '../clock.js';
import type { Batch } from './control.js';
import { SeenRecords } from './expected-records.js';
import { Latencies } from './latencies.js';
import { watchLoopDelay } from './loop-delay.js';
import type { SteadyResult } from './task.js';

/**
 * Measures how long writes take to become visible while writers write at a steady pace. An additional coroutine looks at the
 * table in each turn of the event loop.
 */
export async function measureSteady(test: BridgeUnderTest, batch: Batch): Promise<SteadyResult> {
  await test.ready();
  const { expected, keysOfEach, control } = test;
  const { stampsMs, maximumWrites } = control;
  const writtenBefore = [...test.written];
  const writers = writtenBefore.length;
  const latencies = new Latencies({ expected, writers, keysOfEach, writtenBefore, stampsMs, maximumWrites });
  const seen = new SeenRecords('the reader that never pauses', expected, test.violations);
  let isOver = false;
  const look = async (): Promise<void> => {
    const table = await test.end.read();
    latencies.see(table, sharedNowMs());
    seen.see(table);
  };
  const looking = (async () => {
    while (!isOver) {
      await look();
      await turn();
    }
    // The writes that were applied since the last look.
    await look();
  })();
  looking.catch(() => undefined);
  const stopWatching = watchLoopDelay();
  const { records } = await test.perform(batch);
  const loopDelay = stopWatching();
  isOver = true;
  await looking;
  return { records, latenciesUs: latencies.us, loopDelay };
}
