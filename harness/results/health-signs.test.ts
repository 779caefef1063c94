import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { healthSigns, memorySlopeMiBPerMinute } from './health-signs.js';
import type { StressRepetition, Watching } from './stress-schema.js';

const watching: Watching = {
  loopDelayMs: { p50: 1, p99: 2, maximum: 3 },
  stalls: [],
  gauges: [],
  lockWaitMs: { main: 0, longestOnMain: 0, workers: 5, longestOnWorkers: 5 },
  rejections: 0,
  warnings: [],
  workerExits: 0,
  wrongAgentUses: 0,
  heapMiB: 10,
  residentMiB: 100,
};
const repetition = (changes: Partial<StressRepetition>): StressRepetition => ({
  repetition: 1,
  seed: 1,
  executions: 1,
  writers: 2,
  readers: 1,
  durationMs: 10,
  runningMs: 10,
  operations: 10,
  acknowledgements: 5,
  verdict: 'held',
  failure: null,
  failedExecution: null,
  outcomes: [],
  watching,
  ...changes,
});
const signsOf = (...repetitions: StressRepetition[]): Record<string, boolean | null> =>
  Object.fromEntries(healthSigns(repetitions).map(({ sign, healthy }) => [sign, healthy]));
const gauge = (growsWithoutBound: boolean): Watching['gauges'][number] => ({
  name: 'queue',
  maximum: 9,
  last: 1,
  samples: [],
  growsWithoutBound,
});

describe('healthSigns', () => {
  it('finds a healthy bridge healthy', () => {
    expect(signsOf(repetition({ watching: { ...watching, gauges: [gauge(false)] } }))).toEqual({
      noStallByLockWaits: true,
      integrity: true,
      queuesRiseAndFall: true,
      noWrongAgentUse: true,
    });
  });

  it('misses each sign for its own reason', () => {
    const stall = { durationMs: 40, site: 'a.ts:1:2', waitedFor: 'Atomics.wait' };
    const stalled = healthSigns([
      repetition({
        watching: { ...watching, stalls: [stall], lockWaitMs: { ...watching.lockWaitMs, longestOnMain: 38 } },
      }),
    ]);
    expect(stalled[0]).toMatchObject({ healthy: false, detail: expect.stringContaining('a.ts:1:2') as string });
    expect(signsOf(repetition({ watching: { ...watching, stalls: [{ ...stall, waitedFor: null }] } }))).toMatchObject({
      noStallByLockWaits: true,
    });
    expect(signsOf(repetition({}), repetition({ verdict: 'crash' }))).toMatchObject({ integrity: false });
    expect(signsOf(repetition({ watching: { ...watching, gauges: [gauge(true)] } }))).toMatchObject({
      queuesRiseAndFall: false,
    });
    expect(signsOf(repetition({ watching: { ...watching, wrongAgentUses: 1 } }))).toMatchObject({
      noWrongAgentUse: false,
    });
  });

  it('says nothing of what was not watched', () => {
    expect(signsOf(repetition({ watching: null }))).toEqual({
      noStallByLockWaits: null,
      integrity: true,
      queuesRiseAndFall: null,
      noWrongAgentUse: null,
    });
  });
});

describe('memorySlopeMiBPerMinute', () => {
  it('is the slope of a straight line, whatever its height and wherever it begins', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -5, max: 5, noNaN: true }),
        fc.double({ min: 0, max: 500, noNaN: true }),
        fc.uniqueArray(fc.integer({ min: 0, max: 600 }), { minLength: 3, maxLength: 50 }),
        (slope, height, seconds) => {
          const samples = seconds.map((second) => ({ atMs: second * 1_000, heapMiB: height + (slope * second) / 60 }));
          expect(memorySlopeMiBPerMinute(samples)).toBeCloseTo(slope, 6);
        },
      ),
    );
  });

  it('is unknown with fewer than three samples', () => {
    expect(
      memorySlopeMiBPerMinute([
        { atMs: 0, heapMiB: 1 },
        { atMs: 1, heapMiB: 2 },
      ]),
    ).toBeNull();
  });
});
