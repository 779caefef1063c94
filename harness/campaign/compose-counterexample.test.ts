import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ExecutionResult } from '../engine/execution-result.js';
import { operationSample } from '../report/testing/samples.js';
import { decodeParams } from '../results/params.js';
import { counterexampleSchema, type Counterexample } from '../results/schema.js';
import { composeCounterexample } from './compose-counterexample.js';
import { heldSample, planSample, violationSample } from './testing/doubles.js';

const projectDirectory = mkdtempSync(path.join(tmpdir(), 'threadmill-compose-'));
const scenario = { name: 'a', file: 'a.scenario.ts' };

type Given = Parameters<typeof composeCounterexample>[0];

const compose = (executionResult: ExecutionResult, changes: Partial<Given> = {}): Counterexample | null =>
  composeCounterexample({
    projectDirectory,
    scenario,
    plan: planSample(),
    executionResult,
    seed: 1,
    path: '0',
    ...changes,
  });

/** What is shown beside an operation at a line of a file. */
function sourceOf(file: string, line: number): string | undefined {
  const trace = [operationSample(0, 1, { site: { file, line, column: 1 } })].map(({ source: _, ...each }) => each);
  return compose(violationSample({ trace }))?.trace[0]?.source;
}

describe('composeCounterexample', () => {
  it('makes nothing of an execution that held', () => {
    expect(compose(heldSample())).toBeNull();
  });

  it('has all that is needed to replay it, in a form that JSON can hold', () => {
    const schedule = { order: [1], preemptions: [{ step: 3, to: 0 }], choices: [2], randomSeed: -7 };
    const plan = planSample({ writers: 3, params: { map: new Map([['a', 1n]]) }, schedule });
    const composed = compose(violationSample(), { plan, seed: 5, path: '3:0:1' });
    const saved = counterexampleSchema.parse(JSON.parse(JSON.stringify(composed)));
    expect(saved).toEqual(composed);
    expect(saved).toMatchObject({ scenario, writers: 3, readers: 1, schedule, seed: 5, path: '3:0:1' });
    expect(saved.agents).toHaveLength(4);
    expect(decodeParams(saved.params)).toEqual(plan.params);
  });

  it('says why it is no smaller, and that nothing has confirmed it, only where that is so', () => {
    expect(compose(violationSample(), { shrinkingEnded: 'timeLimit', confirmed: false })).toMatchObject({
      shrinkingEnded: 'timeLimit',
      confirmed: false,
    });
    for (const changes of [{}, { shrinkingEnded: null, confirmed: true }]) {
      const composed = compose(violationSample(), changes);
      expect(composed).not.toHaveProperty('shrinkingEnded');
      expect(composed).not.toHaveProperty('confirmed');
    }
  });

  it('names no folder of the machine', () => {
    const message = `cannot read ${projectDirectory}/data.json in ${projectDirectory}`;
    const stack = `Error: x\n    at run (${projectDirectory}/a.scenario.ts:1:2)\n    at ${projectDirectory}/b.ts:3:4`;
    const composed = compose(violationSample({ failure: { verdict: 'crash', message, stack } }));
    expect(composed?.failure).toEqual({
      verdict: 'crash',
      message: 'cannot read data.json in .',
      stack: 'Error: x\n    at run (a.scenario.ts:1:2)\n    at b.ts:3:4',
    });
  });

  it('shows the source lines of operations, trimmed and cut short, as far as there are any', () => {
    writeFileSync(path.join(projectDirectory, 'lines.ts'), `first\n\t  second;  \n${'x'.repeat(1_000)}`);
    mkdirSync(path.join(projectDirectory, 'folder.ts'));
    expect([1, 2, 4].map((line) => sourceOf('lines.ts', line))).toEqual(['first', 'second;', undefined]);
    expect(sourceOf('lines.ts', 3)).toMatch(/^x{100,200}$/);
    expect(sourceOf('gone.ts', 1)).toBeUndefined();
    expect(sourceOf('folder.ts', 1)).toBeUndefined();
    expect(sourceOf('threadmill:harness/campaign/compose-counterexample.ts', 1)).toMatch(/^import /);
  });
});
