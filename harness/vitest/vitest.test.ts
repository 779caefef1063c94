import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.js';
import type { Run, RunOptions } from '../campaign/api.js';
import {
  counterexampleSample,
  heldResultSample,
  runRecordSample,
  scenarioResultSample,
} from '../report/testing/samples.js';
import type { ScenarioResult } from '../results/schema.js';
import { actingWithin, hostileEvents, hostileText } from '../report/testing/hostile.js';
import { threadmill } from './plugin.js';
import { findProblem, runScenarioTest, scenarioTestName } from './runtime.js';
import { sourceQuery, testModule } from './test-module.js';

const test = { file: '/project/scenarios/a.scenario.ts', projectDirectory: '/project', options: { runs: 7 } };
const { signal } = new AbortController();

function fakeRun(result: ScenarioResult, changes: { interrupted?: boolean } = {}): { run: Run; options: RunOptions[] } {
  const options: RunOptions[] = [];
  const run: Run = (given, onEvent) => {
    options.push(given);
    const counterexample = result.verdict === 'held' ? null : counterexampleSample();
    onEvent({ kind: 'scenarioFinished', result, counterexample });
    return Promise.resolve(runRecordSample([result], changes));
  };
  return { run, options };
}

describe('a scenario as a test', () => {
  it('passes when the expectation is met, running its file only, on one explorer', async () => {
    const { run, options } = fakeRun(heldResultSample());
    expect(await findProblem(test, signal, run)).toBeUndefined();
    expect(options).toEqual([
      expect.objectContaining({
        projectDirectory: '/project',
        files: ['scenarios/a.scenario.ts'],
        runs: 7,
        explorers: 1,
        signal,
      }),
    ]);
  });

  it('fails with the report of the command line', async () => {
    const problem = await findProblem(test, signal, fakeRun(scenarioResultSample()).run);
    expect(problem).toContain('✗ counter: load then store  violation (count), expected held, after 3 executions');
    expect(problem).toContain('── preempted: writer 0 could have continued');
    expect(problem).toContain('npx threadmill replay results/corpus/');
  });

  it('does not pass when it was interrupted', async () => {
    const { run } = fakeRun(heldResultSample(), { interrupted: true });
    expect(await findProblem(test, signal, run)).toContain('interrupted');
  });

  it('fails with one clear message when the campaign cannot run', async () => {
    const run: Run = () => Promise.reject(new UsageError('a.scenario.ts: writers.run is missing'));
    expect(await findProblem(test, signal, run)).toBe('a.scenario.ts: writers.run is missing');
  });

  it('shows no stack of the harness', async () => {
    const load = (): Promise<Run> => Promise.resolve(fakeRun(scenarioResultSample()).run);
    const outcome = await runScenarioTest(test, signal, load).catch((error: unknown) => error);
    expect(outcome).toMatchObject({ message: expect.stringContaining('✗ counter') as string, stack: '' });
  });

  it('is named as the scenario is, or as its file', () => {
    expect(scenarioTestName({ default: { name: 'counter' } }, test)).toBe('counter');
    expect(scenarioTestName(undefined, test)).toBe(path.join('scenarios', 'a.scenario.ts'));
    expect(scenarioTestName({ default: { name: '' } }, test)).toBe(path.join('scenarios', 'a.scenario.ts'));
  });
});

describe('testModule', () => {
  const code = (options: object): string =>
    testModule({ file: '/a.scenario.ts', projectDirectory: '/', runtimeFile: '/runtime.js', options });

  it.each([
    [{}, 300_000],
    [{ budgetMs: 30_000 }, 90_000],
    [{ budgetMs: 30_000, repeat: 2 }, 120_000],
    [{ timeoutMs: 5 }, 5],
  ])('gives a test with %j %i ms', (options, timeoutMs) => {
    expect(code(options)).toContain(`{ timeout: ${timeoutMs} }`);
  });

  it('imports the scenario, so that changes of it and what it imports are seen', () => {
    expect(code({})).toContain('import("/a.scenario.ts?threadmill-source")');
  });
});

describe('the plugin', () => {
  interface Hooks {
    config(config: { test?: { include?: string[] } }): { test: { include: string[] } };
    load(id: string): string | { code: string } | undefined;
  }
  const hooks = (): Hooks => threadmill() as unknown as Hooks;

  it('adds scenarios to what vitest collects', () => {
    const { include } = hooks().config({}).test;
    expect(include).toContain('**/*.scenario.ts');
    expect(include.some((glob) => glob.includes('test,spec'))).toBe(true);
    expect(hooks().config({ test: { include: ['a.ts'] } }).test.include).toEqual(['**/*.scenario.ts']);
  });

  it('makes tests of scenario files, and leaves the scenario itself and all else alone', () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'threadmill-plugin-')), 'a.scenario.ts');
    writeFileSync(file, 'export default 1;');
    const plugin = hooks();
    expect(plugin.load(file)).toMatchObject({ code: expect.stringContaining("from 'vitest'") as string });
    expect(plugin.load(file + sourceQuery)).toBe('export default 1;');
    expect(plugin.load('/a.test.ts')).toBeUndefined();
  });
});

describe('hostile text', () => {
  it('is harmless in the name of a test and in what it fails with', async () => {
    const nameOf = (name: string): string => scenarioTestName({ default: { name } }, test);
    await fc.assert(
      fc.asyncProperty(hostileEvents, hostileText, async (events, text) => {
        expect(actingWithin(nameOf(text))).toEqual([]);
        expect(nameOf(text)).toMatch(/^.+$/);
        const run: Run = (_, onEvent) => {
          for (const event of events) onEvent(event);
          return Promise.resolve(runRecordSample([scenarioResultSample()]));
        };
        expect(actingWithin((await findProblem(test, signal, run)) ?? '')).toEqual([]);
        const failing: Run = () => Promise.reject(new UsageError(text));
        expect(actingWithin((await findProblem(test, signal, failing)) ?? '')).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });
});
