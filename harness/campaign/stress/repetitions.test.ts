import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileScenario } from '../../instrument/bundle.js';
import type { StressRepetition } from '../../results/stress-schema.js';
import { defaultLimits } from '../../scenario/limits.js';
import { scenarioSample } from '../testing/doubles.js';
import { fromSource, makeProject } from '../testing/from-source.js';
import type { NamedProfile } from './profiles.js';
import { repetitionSeed, type RepetitionOptions, type Repetitions } from './repetitions.js';
import type * as repeating from './repetitions.js';

const profile: NamedProfile = { name: 'quick', writers: 1, iterations: 3, readers: 1, repetitionMs: 5_000 };

let runRepetitions: typeof repeating.runRepetitions;

beforeAll(async () => {
  ({ runRepetitions } = (await (await fromSource())('campaign/stress/repetitions.js')) as typeof repeating);
});

/** Runs repetitions of a scenario whose one reader does this; its `log` adds a line to those that are returned. */
async function repeat(
  reader: string,
  changes: Partial<RepetitionOptions> = {},
  fields = '',
): Promise<Repetitions & { readonly told: StressRepetition[]; readonly progress: number[]; readonly log: string[] }> {
  const logFile = path.join(makeProject({}), 'log.txt');
  const projectDirectory = makeProject({
    'a.scenario.ts': `import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
const log = (line) => appendFileSync(${JSON.stringify(logFile)}, line + '\\n');
export default { readers: { count: 1, async run() { ${reader} } }, ${fields} };
`,
  });
  const compiled = await compileScenario({ file: 'a.scenario.ts', projectDirectory });
  const told: StressRepetition[] = [];
  const progress: number[] = [];
  const limits = { ...defaultLimits, stressTimeoutMs: 1_000 };
  const repetitions = await runRepetitions(scenarioSample('a', { limits }), compiled, {
    seed: 42,
    profile,
    amplify: 0,
    instrumented: true,
    watched: false,
    repetitions: 2,
    deadline: Infinity,
    shard: { index: 0, count: 1 },
    showOutput: false,
    signal: undefined,
    onProgress: (executions) => progress.push(executions),
    onRepetition: (repetition) => told.push(repetition),
    ...changes,
  });
  const log = existsSync(logFile) ? readFileSync(logFile, 'utf8').trim().split('\n') : [];
  return { ...repetitions, told, progress, log };
}

describe('repetitionSeed', () => {
  it('is another for each repetition', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const seeds = Array.from({ length: 50 }, (_, repetition) => repetitionSeed(seed, repetition + 1));
        expect(new Set(seeds).size).toBe(50);
        expect(repetitionSeed(seed, 7)).toBe(seeds[6]);
      }),
    );
  });
});

describe('runRepetitions', () => {
  it('runs them one after another in one process, and tells of each as it ends', async () => {
    const { done, told, progress, isFinished, problem, log } = await repeat('log(String(process.pid));');
    expect(done.map(({ repetition, seed, executions, verdict }) => [repetition, seed, executions, verdict])).toEqual([
      [1, repetitionSeed(42, 1), 3, 'held'],
      [2, repetitionSeed(42, 2), 3, 'held'],
    ]);
    expect(told).toEqual(done);
    expect(progress.at(-1)).toBe(6);
    expect({ isFinished, problem }).toEqual({ isFinished: true, problem: undefined });
    expect(log).toHaveLength(6);
    expect(new Set(log).size).toBe(1);
  });

  it('runs its share of them alone, with the numbers that they have among all', async () => {
    const shard = { index: 1, count: 3 };
    const { done } = await repeat('', { repetitions: 6, shard });
    expect(done.map(({ repetition }) => repetition)).toEqual([2, 5]);
    expect(done.map(({ seed }) => seed)).toEqual([repetitionSeed(42, 2), repetitionSeed(42, 5)]);
  });

  it('ends with the first that fails', async () => {
    const { done, isFinished } = await repeat("throw new Error('no');", { repetitions: 5 });
    expect(done).toEqual([expect.objectContaining({ repetition: 1, verdict: 'crash', failedExecution: 1 })]);
    expect(isFinished).toBe(true);
  });

  it('has what the watchdog saw of an execution that never ends', async () => {
    const { done } = await repeat('for (;;);');
    expect(done).toEqual([expect.objectContaining({ verdict: 'hang', executions: 1, failedExecution: 1 })]);
  });

  it('runs a repetition again whose process is killed from outside, and blames one that does so every time', async () => {
    const kill = "log('x'); process.kill(process.pid, 'SIGKILL'); await new Promise(() => undefined);";
    const every = await repeat(kill);
    expect(every.log).toHaveLength(2);
    expect(every.done).toEqual([
      expect.objectContaining({
        repetition: 1,
        failure: { verdict: 'crash', message: expect.stringContaining('SIGKILL') as string },
      }),
    ]);
    const flag = JSON.stringify(path.join(makeProject({}), 'killed'));
    const once = await repeat(`if (!existsSync(${flag})) { writeFileSync(${flag}, ''); ${kill} }`);
    expect(once.done.map(({ verdict }) => verdict)).toEqual(['held', 'held']);
  });

  it('begins none when its time is over', async () => {
    const { done, isFinished, problem } = await repeat('', { deadline: performance.now() - 1 });
    expect({ done, isFinished, problem }).toEqual({ done: [], isFinished: false, problem: undefined });
  });

  it('is not finished when it is stopped, and that is no problem', async () => {
    const controller = new AbortController();
    const { done, isFinished, problem } = await repeat('', {
      repetitions: Infinity,
      signal: controller.signal,
      onRepetition: () => controller.abort(),
    });
    expect(done).toHaveLength(1);
    expect({ isFinished, problem }).toEqual({ isFinished: false, problem: undefined });
  });

  it.each([
    ['is no scenario', 'readers: 1', /^scenarios\/a\.scenario\.ts: readers/],
    ['wants what cannot be', 'stress: () => ({ readers: 0 })', /^scenarios\/a\.scenario\.ts: .*readers/],
  ])('says what is wrong with a file that %s', async (_, fields, message) => {
    const { done, isFinished, problem } = await repeat('', {}, fields);
    expect({ done, isFinished }).toEqual({ done: [], isFinished: false });
    expect(problem).toMatchObject({ name: 'UsageError', message: expect.stringMatching(message) as string });
  });
});
