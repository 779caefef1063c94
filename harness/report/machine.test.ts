import { create } from 'xmlbuilder2';
import { describe, expect, it } from 'vitest';
import type { Reporter } from '../results/events.js';
import { runRecordSchema } from '../results/schema.js';
import { createGithubReporter } from './reporters/github.js';
import { createJsonReporter } from './reporters/json.js';
import { createJunitReporter } from './reporters/junit.js';
import {
  assertionFailureSample,
  counterexampleSample,
  eventsSample,
  heldResultSample,
  scenarioResultSample,
} from './testing/samples.js';

const results = [
  heldResultSample(),
  scenarioResultSample({ notes: ['An <old> explorer\u0001 & "others" were replaced.'] }),
];

const ofAssertion = eventsSample(
  [scenarioResultSample({ invariant: 'after' })],
  counterexampleSample({ failure: assertionFailureSample }),
);
const differing = /difference {3}- expected {2}\+ found\n +… 7 lines\n +a: 1,\n +- {3}b: 2\n +\+ {3}b: 3\n/;

function report(create: (write: (text: string) => void) => Reporter, events = eventsSample(results)): string {
  const pieces: string[] = [];
  const reporter = create((text) => void pieces.push(text));
  for (const event of events) reporter.handle(event);
  return pieces.join('');
}

describe('the json reporter', () => {
  it('writes the record and nothing else', () => {
    const record = runRecordSchema.parse(JSON.parse(report(createJsonReporter)));
    expect(record.scenarios).toEqual(results);
  });
});

describe('the junit reporter', () => {
  it('writes XML that parses back, with one test case a scenario', () => {
    const xml = report((write) => createJunitReporter({ write }));
    expect(xml.startsWith('<?xml version="1.0" encoding="UTF-8"?>')).toBe(true);
    const parsed = create(xml).end({ format: 'object' }) as unknown as {
      testsuites: { '@failures': string; testsuite: { testcase: { '@name': string; failure?: { '#': string } }[] } };
    };
    expect(parsed.testsuites['@failures']).toBe('1');
    const cases = parsed.testsuites.testsuite.testcase;
    expect(cases.map((testCase) => testCase['@name'])).toEqual(['counter: Atomics.add', 'counter: load then store']);
    expect(cases[1]?.failure?.['#']).toContain('── preempted: writer 0 could have continued');
    expect(xml).not.toContain('\u0001');
  });

  it('shows how the values of a failed assertion differ', () => {
    expect(report((write) => createJunitReporter({ write }), ofAssertion)).toMatch(differing);
  });

  it('points at the line where it broke, in whatever file that is', () => {
    const xml = report((write) => createJunitReporter({ write }));
    const [held = '', broken = ''] = xml.match(/<testcase [^>]*>/g) ?? [];
    expect(held).toContain('classname="scenarios/counter/add.scenario.ts"');
    expect(held).not.toContain(' line=');
    expect(broken).toContain('file="scenarios/counter/load-then-store.scenario.ts" line="22"');
    expect(xml).toContain('scenarios/counter/load-then-store.scenario.ts:22:20');
  });
});

describe('the github reporter', () => {
  it('points at the line where it broke, on one line each', () => {
    const [error, warning, ...more] = report((write) => createGithubReporter({ write, filePrefix: 'packages/a/' }))
      .trimEnd()
      .split('\n');
    expect(more).toEqual([]);
    expect(error).toMatch(
      /^::error file=packages\/a\/scenarios\/counter\/load-then-store\.scenario\.ts,line=22,col=20,title=counter%3A load then store%3A violation \(count\)%2C expected held::/,
    );
    expect(error).toContain('%0A');
    expect(warning).toMatch(/^::warning file=packages\/a\/scenarios\/counter\/load-then-store\.scenario\.ts,title=/);
  });

  it('shows how the values of a failed assertion differ, in the annotation', () => {
    const [error = '', ...more] = report((write) => createGithubReporter({ write }), ofAssertion)
      .trimEnd()
      .split('\n');
    expect(more).toEqual([]);
    expect(error.replaceAll('%0A', '\n')).toMatch(differing);
  });

  it('prints the seed first and last where nobody else does', () => {
    const lines = report((write) => createGithubReporter({ write, printsSeed: true }))
      .trimEnd()
      .split('\n');
    expect(lines[0]).toBe('threadmill  seed 42');
    expect(lines.at(-1)).toBe('seed 42');
  });
});
