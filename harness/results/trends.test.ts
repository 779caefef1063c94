import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  heldResultSample,
  interruptedResultSample,
  runRecordSample,
  scenarioResultSample,
} from '../report/testing/samples.js';
import { executionsForBound, failureRateBound } from './failure-rate.js';
import { scenarioTrends } from './trends.js';
import type { JournalFile, RunFile } from './read-runs.js';
import type { RunRecord, ScenarioResult } from './schema.js';

/** A run on a day in January. */
function run(day: number, result: ScenarioResult, changes: Partial<RunRecord> = {}): RunFile {
  const startedAt = `2026-01-${String(day).padStart(2, '0')}T00:00:00.000Z`;
  const record = runRecordSample([result], { startedAt, seed: day, ...changes });
  return { file: `results/runs/${startedAt}.json`, record };
}

const name = 'queue';
const file = 'scenarios/queue.scenario.ts';
const held = (executions: number, changes: Partial<ScenarioResult> = {}): ScenarioResult =>
  heldResultSample({ name, file, executions, ...changes });
const failed = (changes: Partial<ScenarioResult> = {}): ScenarioResult =>
  scenarioResultSample({ name, file, ...changes });
const options = runRecordSample([]).options;

describe('scenarioTrends', () => {
  it('counts what was survived since the last failure, and says which that was', () => {
    const [history] = scenarioTrends([run(1, held(1_000)), run(2, failed()), run(3, held(500)), run(4, held(700))], []);
    expect(history).toMatchObject({
      name,
      runs: 4,
      executions: 2_320,
      sinceFailure: { runs: 2, executions: 1_200 },
      lastFailure: { startedAt: '2026-01-02T00:00:00.000Z', verdict: 'violation', invariant: 'count', seed: 2 },
      bound: { executions: 1_200, confidence: 0.95, failureRate: failureRateBound(1_200) },
    });
  });

  it('shows how the different interleavings of a run grow, and bounds nothing by executions that repeat them', () => {
    const counted = (distinct: number, newInLast: number): ScenarioResult => {
      const rest = { lastExecutions: 1_000, chanceOfNew: 0, estimatedTotal: distinct };
      return held(2_000, { interleavings: { executions: 2_000, distinct, newInLast, ...rest } });
    };
    const grown = [run(1, counted(90, 5)), run(2, held(10)), run(3, counted(120, 9))];
    expect(scenarioTrends(grown, [])[0]).toMatchObject({
      interleavings: { first: 90, last: 120, most: 120, recent: [90, 120], repeats: false },
      bound: { executions: 4_010 },
    });
    expect(scenarioTrends([...grown, run(4, counted(10, 0))], [])[0]).toMatchObject({
      interleavings: { first: 90, last: 10, most: 120, repeats: true },
      bound: null,
    });
    expect(scenarioTrends([run(1, held(10))], [])[0]).toMatchObject({ interleavings: null });
    const exhaustive = { executions: 12, interleavings: 12, isComplete: true, fractionDone: 1, redundant: 0, lost: 0 };
    const all = held(12, { exhaustive: { ...exhaustive, combinations: 1, preemptions: null, uncovered: [] } });
    expect(scenarioTrends([...grown, run(4, all)], [])[0]).toMatchObject({
      interleavings: { last: 12, isComplete: true, repeats: false },
      bound: null,
    });
  });

  it('does not depend on the order of the records', () => {
    const results = fc.constantFrom(held(1_000), held(3, { executionsPerSecond: 9 }), failed(), failed({ met: true }));
    const runs = fc
      .array(results, { minLength: 1, maxLength: 12 })
      .map((drawn) => drawn.map((result, place) => run(place + 1, result)));
    const shuffled = runs.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(shuffled, ([all, other]) => {
        expect(scenarioTrends(other, [])).toEqual(scenarioTrends(all, []));
        const [history] = scenarioTrends(all, []);
        expect(history!.executions).toBe(all.reduce((sum, { record }) => sum + record.scenarios[0]!.executions, 0));
        expect(history!.sinceFailure.executions).toBeLessThanOrEqual(history!.executions);
      }),
    );
  });

  it('takes executions for independent only if they drew schedules of their own', () => {
    const of = (...runs: RunFile[]): number | undefined => scenarioTrends(runs, [])[0]?.bound?.executions;
    const part = (index: number, seed: number): Partial<RunRecord> => ({
      seed,
      options: { ...options, shard: `${index}/4` },
    });
    expect(of(run(1, held(1_000)), run(2, held(1_000)))).toBe(2_000);
    expect(of(run(1, held(1_000)), run(2, held(1_500), { seed: 1 }))).toBe(1_500);
    expect(of(run(1, held(250), part(1, 7)), run(2, held(250), part(2, 7)))).toBe(500);
    expect(of(run(1, held(250), part(1, 7)), run(2, held(300), part(1, 7)))).toBe(300);
    expect(of(run(1, held(250), part(1, 7)), run(2, held(1_000), { seed: 7 }))).toBe(1_000);
  });

  it('does not hold against a shard, or a run that was cut short, what it has not found', () => {
    const missed = held(100, { expected: 'violation', met: false });
    const sharded = run(1, missed, { options: { ...options, shard: '1/4' } });
    const cut = run(2, missed, { interrupted: true });
    expect(scenarioTrends([sharded, cut], [])[0]?.lastFailure).toBeNull();
    expect(scenarioTrends([run(3, missed)], [])[0]?.lastFailure).toMatchObject({ verdict: 'held' });
  });

  it('leaves out runs that replayed one execution', () => {
    expect(scenarioTrends([run(1, failed(), { options: { ...options, path: '3:0:1' } })], [])).toEqual([]);
  });

  it('tells after how many executions an expected failure is found, and bounds nothing', () => {
    const found = (executionsToFind: number): ScenarioResult =>
      failed({ expected: 'violation', met: true, executionsToFind });
    const [history] = scenarioTrends([run(1, found(3)), run(2, found(90)), run(3, found(5))], []);
    expect(history).toMatchObject({ executionsToFind: 5, bound: null, lastFailure: null });
  });

  it('tells how speed has moved, by runs that were long enough', () => {
    const speeds = [900, 1_000, 5, 1_200];
    const runs = speeds.map((executionsPerSecond, place) =>
      run(place + 1, held(executionsPerSecond === 5 ? 10 : 2_000, { executionsPerSecond })),
    );
    expect(scenarioTrends(runs, [])[0]?.speed).toEqual({
      first: 900,
      last: 1_200,
      median: 1_000,
      recent: [900, 1_000, 1_200],
    });
  });

  it('takes in journals of stress runs that left no record, and only those', () => {
    const startedAt = '2026-01-05T00:00:00.000Z';
    const journal = {
      file: 'results/stress/a.jsonl',
      head: { seed: 5, startedAt, profile: 'article' },
      lines: [1, 2].map((repetition) => ({
        scenario: { name, file },
        repetition: {
          repetition,
          seed: repetition,
          executions: 4,
          durationMs: 2_000,
          runningMs: 500,
          verdict: repetition === 2 ? 'violation' : 'held',
          failure: null,
        },
      })),
    } as unknown as JournalFile;
    const [history] = scenarioTrends([], [journal]);
    expect(history).toMatchObject({ engine: 'stress', runs: 1, executions: 8, bound: null });
    // While agents ran, and in executions that held: a failure ends early.
    expect(history?.speed).toMatchObject({ recent: [8] });
    expect(history?.lastFailure).toMatchObject({ verdict: 'violation', seed: 2, record: 'results/stress/a.jsonl' });
    const recorded = run(5, held(8), { options: { ...options, engine: 'stress' } });
    expect(scenarioTrends([recorded], [journal])[0]).toMatchObject({ executions: 8, lastFailure: null });
  });
});

describe('failureRateBound', () => {
  it('is what would have shown with the confidence given, about 3 / n at 95 %', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 30, max: 1_000_000_000 }),
        fc.double({ min: 0.5, max: 0.999, noNaN: true }),
        (n, c) => {
          const rate = failureRateBound(n, c);
          expect(1 - Math.exp(n * Math.log1p(-rate))).toBeCloseTo(c, 9);
          expect(failureRateBound(n + 1, c)).toBeLessThan(rate);
          expect(failureRateBound(n) * n).toBeGreaterThan(2.8);
          expect(failureRateBound(n) * n).toBeLessThan(3);
        },
      ),
    );
    expect(failureRateBound(1)).toBeCloseTo(0.95, 12);
    expect(failureRateBound(0)).toBe(1);
  });

  it('says how many executions a bound takes', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 0.5, noNaN: true }), (rate) => {
        const executions = executionsForBound(rate);
        expect(failureRateBound(executions)).toBeLessThanOrEqual(rate * (1 + 1e-9));
        if (executions > 1) expect(failureRateBound(executions - 1)).toBeGreaterThan(rate * (1 - 1e-9));
      }),
    );
  });
});

describe('what was not finished', () => {
  const interrupted = (executions: number): ScenarioResult => interruptedResultSample({ name, file, executions });

  it('is neither a failure nor a success, and its executions count', () => {
    const [history] = scenarioTrends(
      [run(1, held(100)), run(2, interrupted(30), { interrupted: true, met: false })],
      [],
    );
    expect(history).toMatchObject({ executions: 130, lastFailure: null, sinceFailure: { runs: 2, executions: 130 } });
  });

  it('does not hide the failure that it had found', () => {
    const [history] = scenarioTrends([run(1, failed(), { interrupted: true, met: false })], []);
    expect(history).toMatchObject({ lastFailure: { verdict: 'violation' } });
  });
});
