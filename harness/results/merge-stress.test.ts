import { describe, expect, it } from 'vitest';
import { healthSigns } from './health-signs.js';
import { mergeStress } from './merge-stress.js';
import type { StressRepetition, StressResult } from './stress-schema.js';

const failure = { verdict: 'violation' as const, invariant: 'count', message: 'lost' };

function repetition(number: number, changes: Partial<StressRepetition> = {}): StressRepetition {
  return {
    repetition: number,
    seed: number * 1_000,
    executions: 5,
    writers: 8,
    readers: 100,
    durationMs: 10,
    runningMs: 8,
    operations: 50,
    acknowledgements: 40,
    verdict: 'held',
    failure: null,
    failedExecution: null,
    outcomes: [
      { outcome: 'both', grade: 'acceptable', count: 2, example: { repetition: number, execution: 1 } },
      { outcome: 'none', grade: 'forbidden', count: 0, example: null },
    ],
    watching: null,
    ...changes,
  };
}

function result(repetitions: StressRepetition[], changes: Partial<StressResult> = {}): StressResult {
  return {
    profile: 'article',
    amplify: 0.5,
    instrumented: true,
    watched: true,
    repetitions,
    failure: null,
    failedRepetition: null,
    outcomes: [],
    signs: [{ sign: 'integrity', healthy: true, detail: 'every repetition held' }],
    memorySlopeMiBPerMinute: null,
    followUp: null,
    ...changes,
  };
}

describe('mergeStress', () => {
  it('is nothing of nothing', () => {
    expect(mergeStress([])).toBeNull();
  });

  it('keeps the numbers of repetitions that the shards have shared out, and adds outcomes up', () => {
    const merged = mergeStress([result([repetition(1), repetition(3)]), result([repetition(2)])]);
    expect(merged?.repetitions.map(({ repetition: number, seed }) => [number, seed])).toEqual([
      [1, 1_000],
      [2, 2_000],
      [3, 3_000],
    ]);
    expect(merged?.outcomes).toEqual([
      { outcome: 'both', grade: 'acceptable', count: 6, example: { repetition: 1, execution: 1 } },
      { outcome: 'none', grade: 'forbidden', count: 0, example: null },
    ]);
    expect(merged).toMatchObject({ failure: null, failedRepetition: null });
  });

  it('numbers repetitions anew if two have one number, and their examples with them', () => {
    const merged = mergeStress([result([repetition(1)]), result([repetition(1, { seed: 7 }), repetition(2)])]);
    expect(merged?.repetitions.map(({ repetition: number, seed }) => [number, seed])).toEqual([
      [1, 1_000],
      [2, 7],
      [3, 2_000],
    ]);
    expect(merged?.repetitions.map(({ outcomes }) => outcomes[0]?.example?.repetition)).toEqual([1, 2, 3]);
  });

  it('tells of the first repetition that failed, and what became of it', () => {
    const failed = repetition(2, { verdict: 'violation', failure, failedExecution: 3 });
    const followUp = { found: true, executions: 100, durationMs: 5 };
    const merged = mergeStress([
      result([repetition(1)], { memorySlopeMiBPerMinute: 0.5 }),
      result([failed], { failure, failedRepetition: 2, followUp, memorySlopeMiBPerMinute: 2 }),
    ]);
    expect(merged).toMatchObject({
      failure,
      failedRepetition: 2,
      followUp,
      memorySlopeMiBPerMinute: 2,
    });
  });

  it('judges the signs by all repetitions', () => {
    const failed = repetition(2, { verdict: 'violation', failure });
    const signs = mergeStress([result([repetition(1)]), result([failed])])?.signs;
    expect(signs).toEqual(healthSigns([repetition(1), failed]));
    expect(signs?.find(({ sign }) => sign === 'integrity')).toMatchObject({ healthy: false });
  });

  it('refuses shards that were run differently', () => {
    expect(() => mergeStress([result([]), result([], { amplify: 1 })])).toThrow(/amplify 0\.5 and 1/);
  });
});
