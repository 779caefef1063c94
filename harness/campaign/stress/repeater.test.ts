import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StressEngine, StressExecutionResult, StressInputs } from '../../engine/stress/engine.js';
import type { Watch } from '../../engine/stress/watch.js';
import type { StressRepetition } from '../../results/stress-schema.js';
import type { AnyScenario } from '../../scenario/any-scenario.js';
import { InvalidScenario } from '../../scenario/validate-draws.js';
import type { NamedProfile } from './profiles.js';
import { Repeater } from './repeater.js';

const profile: NamedProfile = { name: 'quick', writers: 4, iterations: 300, readers: 10, repetitionMs: 60_000 };
const run = (): void => undefined;
const drawing: AnyScenario = {
  params: { drawn: fc.nat(), other: fc.nat() },
  writers: { count: fc.integer({ min: 1, max: 3 }), run },
  readers: { count: fc.integer({ min: 1, max: 5 }), run },
};
const held: StressExecutionResult = {
  failure: null,
  outcome: null,
  operations: 3,
  acknowledgements: 1,
  runningMs: 2,
  mainWaitedMs: 0,
  mainWaits: 0,
  mainLongestWaitMs: 0,
  workersWaitedMs: 0,
  workersLongestWaitMs: 0,
  thrown: null,
  isStuck: false,
};
const failed: StressExecutionResult = { ...held, failure: { verdict: 'crash', message: 'x' }, isStuck: true };

interface Given {
  readonly seed?: number;
  readonly changes?: Partial<NamedProfile>;
  readonly remainingMs?: number | null;
  readonly watch?: Watch;
}

/** Runs one repetition by an engine whose executions come to this. */
async function repeat(
  scenario: AnyScenario,
  resultOf: (execution: number) => Partial<StressExecutionResult> | Promise<Partial<StressExecutionResult>> = () =>
    held,
  { seed = 1, changes = {}, remainingMs = null, watch }: Given = {},
): Promise<{ inputs: StressInputs[]; result: StressRepetition; isStuck: boolean; progress: number[] }> {
  const inputs: StressInputs[] = [];
  const progress: number[] = [];
  const engine = {
    execute: async (given: StressInputs) => {
      inputs.push(given);
      return { ...held, ...(await resultOf(inputs.length)) };
    },
  } as unknown as StressEngine;
  const repeater = new Repeater(engine, scenario, 'a.scenario.ts', watch);
  const request = { kind: 'repeat', repetition: 7, seed, profile: { ...profile, ...changes }, remainingMs } as const;
  const repeated = await repeater.repeat(request, (executions) => progress.push(executions));
  return { inputs, progress, ...repeated };
}

describe('Repeater', () => {
  it('draws as many small executions as the profile has iterations, by the seed, and each is disturbed in its own way', async () => {
    const { inputs, result, isStuck } = await repeat(drawing);
    expect(inputs).toHaveLength(300);
    expect(new Set(inputs.map(({ seed }) => seed)).size).toBe(300);
    expect(new Set(inputs.map(({ writers }) => writers))).toEqual(new Set([1, 2, 3]));
    expect(new Set(inputs.map(({ params }) => params['drawn'])).size).toBeGreaterThan(100);
    expect((await repeat(drawing)).inputs).toEqual(inputs);
    expect((await repeat(drawing, undefined, { seed: 2 })).inputs).not.toEqual(inputs);
    expect(isStuck).toBe(false);
    expect(result).toMatchObject({
      repetition: 7,
      seed: 1,
      executions: 300,
      writers: 3,
      readers: 5,
      runningMs: 600,
      operations: 900,
      acknowledgements: 300,
      verdict: 'held',
      failure: null,
      failedExecution: null,
      outcomes: [],
      watching: null,
    });
  });

  it('runs one execution of the size that the scenario sets, and draws the rest', async () => {
    const scenario: AnyScenario = {
      ...drawing,
      stress: ({ writers, iterations }) => ({ writers: 2 * writers, params: { drawn: iterations } }),
    };
    const { inputs } = await repeat(scenario);
    expect(inputs).toHaveLength(1);
    expect(inputs[0]).toMatchObject({ writers: 8, params: { drawn: 300, other: expect.any(Number) as number } });
    expect(inputs[0]!.readers).toBeLessThanOrEqual(5);
  });

  it('gives none of what a scenario does not have, whatever the sizes say', async () => {
    const stress = (): object => ({ writers: 9, readers: 9 });
    const { inputs } = await repeat({ readers: { count: 2, run }, stress });
    expect(inputs).toEqual([expect.objectContaining({ writers: 0, readers: 9 })]);
    expect((await repeat({ writers: { count: 2, run }, stress })).inputs).toEqual([
      expect.objectContaining({ writers: 9, readers: 0 }),
    ]);
  });

  it.each<[string, AnyScenario]>([
    ['writers', { ...drawing, stress: () => ({ writers: 65 }) }],
    ['readers', { ...drawing, stress: () => ({ readers: 0 }) }],
    ['params', { ...drawing, stress: () => ({ params: { drawn: () => 1 } }) }],
  ])('refuses %s that cannot be', async (field, scenario) => {
    const refused = repeat(scenario);
    await expect(refused).rejects.toThrow(InvalidScenario);
    await expect(refused).rejects.toThrow(new RegExp(`^a\\.scenario\\.ts: .*${field}`));
  });

  it('ends with the first failure', async () => {
    const { inputs, result, isStuck } = await repeat(drawing, (execution) => (execution === 5 ? failed : held));
    expect(inputs).toHaveLength(5);
    expect(result).toMatchObject({ executions: 5, failedExecution: 5, verdict: 'crash', failure: failed.failure });
    expect(isStuck).toBe(true);
  });

  it.each([
    ['the profile gives a repetition', { changes: { repetitionMs: 30 } }],
    ['is left of the run', { remainingMs: 30 }],
  ])('begins no execution after the time that %s, but one in any case', async (_, given) => {
    const beganMs = performance.now();
    const slow = (): Promise<object> => new Promise((resolve) => setTimeout(resolve, 20, {}));
    const { inputs } = await repeat(drawing, slow, given);
    expect(inputs.length).toBeLessThan(300);
    expect(performance.now() - beganMs).toBeGreaterThanOrEqual(30);
    expect((await repeat(drawing, slow, { remainingMs: 0 })).inputs).toHaveLength(1);
  });

  it('counts outcomes, those that the scenario knows first, seen or not', async () => {
    const outcomes = { of: () => '', grades: { a: 'acceptable', b: 'interesting' }, otherwise: 'forbidden' } as const;
    const { result } = await repeat(
      { ...drawing, outcomes },
      (execution) => ({ outcome: execution % 3 === 0 ? 'b' : `other ${execution % 2}` }),
      { changes: { iterations: 6 } },
    );
    expect(result.outcomes).toEqual([
      { outcome: 'a', grade: 'acceptable', count: 0, example: null },
      { outcome: 'b', grade: 'interesting', count: 2, example: { repetition: 7, execution: 3 } },
      { outcome: 'other 1', grade: 'forbidden', count: 2, example: { repetition: 7, execution: 1 } },
      { outcome: 'other 0', grade: 'forbidden', count: 2, example: { repetition: 7, execution: 2 } },
    ]);
  });

  it('does not count without bound outcomes that are always others', async () => {
    const outcomes = { of: () => '', grades: {} };
    const { result } = await repeat({ ...drawing, outcomes }, (execution) => ({ outcome: `${execution}` }));
    expect(result.outcomes.length).toBeLessThan(300);
    expect(result.executions).toBe(300);
  });

  it('tells of its progress now and then', async () => {
    const slow = (execution: number): Promise<object> =>
      new Promise((resolve) => setTimeout(resolve, execution === 2 ? 250 : 0, {}));
    const { progress } = await repeat(drawing, slow, { changes: { iterations: 4 } });
    expect(progress).toContain(2);
  });

  it('has what was watched of exactly its executions', async () => {
    const calls: string[] = [];
    const watch = {
      beginRepetition: () => calls.push('begin'),
      add: ({ outcome }: StressExecutionResult) => calls.push(`add ${outcome}`),
      endRepetition: () => (calls.push('end'), { heapMiB: 5 }),
    } as unknown as Watch;
    const { result } = await repeat(drawing, (execution) => ({ outcome: `${execution}` }), {
      changes: { iterations: 2 },
      watch,
    });
    expect(calls).toEqual(['begin', 'add 1', 'add 2', 'end']);
    expect(result.watching).toEqual({ heapMiB: 5 });
  });
});
