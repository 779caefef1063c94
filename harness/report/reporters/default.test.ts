import { describe, expect, it } from 'vitest';
import { encodeParams } from '../../results/params.js';
import { createDefaultReporter } from './default.js';
import { streamOutput, textOutput } from '../text/output.js';
import {
  counterexampleSample,
  eventsSample,
  heldResultSample,
  runRecordSample,
  scenarioResultSample,
} from '../testing/samples.js';
import type { Counterexample, ScenarioResult } from '../../results/schema.js';

function report(
  results: readonly ScenarioResult[],
  options: { verbose?: boolean; counterexample?: Counterexample; runArguments?: readonly string[] } = {},
): string {
  const output = textOutput();
  const reporter = createDefaultReporter({ output, ...options });
  for (const event of eventsSample(results, options.counterexample)) reporter.handle(event);
  return output.text();
}

describe('the default reporter', () => {
  it('begins and ends with the seed', () => {
    const lines = report([heldResultSample()]).trim().split('\n');
    expect(lines[0]).toBe('threadmill  seed 42  1 scenario, 2 explorers');
    expect(lines.at(-1)).toBe('seed 42  record results/runs/2026-01-02T03-04-05Z-42.json');
  });

  it('gives one line to what was expected', () => {
    const printed = report([heldResultSample(), scenarioResultSample({ expected: 'violation', met: true })]);
    expect(printed).toContain(
      [
        '✓ counter: Atomics.add  held, 2,000 executions, 24,000 a second',
        '✓ counter: load then store  violation (count) as expected, after 3 executions, 1 preemption',
        '',
        '2 scenarios met their expectations  2,120 executions in 1.2 s',
      ].join('\n'),
    );
    expect(printed).not.toContain('preempted');
  });

  it('tells the whole story of an expected failure when asked to', () => {
    const printed = report([scenarioResultSample({ expected: 'violation', met: true })], { verbose: true });
    expect(printed).toContain('── preempted: writer 0 could have continued');
  });

  it('tells the whole story of anything else', () => {
    const printed = report([scenarioResultSample()], { runArguments: ['--strategy', 'pct'] });
    for (const part of [
      '✗ counter: load then store  violation (count), expected held, after 3 executions',
      'scenarios/counter/load-then-store.scenario.ts:22:20',
      'violation (count): An acknowledged increment was lost.',
      'expected     2',
      'found        1',
      'by           main agent, at step 4',
      'agents       2 writers, 1 reader',
      'params       increments = 1',
      'preemptions  1 in 5 steps, trace 5f0c3a9be1d2',
      '── preempted: writer 0 could have continued',
      'npx threadmill replay results/corpus/counter-load-then-store--count--0a1b2c3d.json',
      'npx threadmill run scenarios/counter/load-then-store.scenario.ts --seed 42 --path 3:0:1 --strategy pct',
      '1 of 1 scenario did not meet its expectation',
    ]) {
      expect(printed).toContain(part);
    }
  });

  it('says how much was survived when a failure was expected', () => {
    const printed = report([heldResultSample({ expected: 'deadlock', met: false })]);
    expect(printed).toContain('✗ counter: Atomics.add  held, expected deadlock');
    expect(printed).toContain('It held over 2,000 executions in 83 ms (24,000 a second).');
  });

  it('shows parameters that JSON cannot hold', () => {
    const params = encodeParams({ size: 10n });
    const printed = report([scenarioResultSample()], {
      counterexample: counterexampleSample({ params }),
    });
    expect(printed).toContain('params       size = 10n');
  });

  it('quotes file names with blanks in commands', () => {
    const scenario = { name: 'counter', file: "scenarios/it's here.scenario.ts" };
    const printed = report([scenarioResultSample()], { counterexample: counterexampleSample({ scenario }) });
    expect(printed).toContain(String.raw`npx threadmill run 'scenarios/it'\''s here.scenario.ts' --seed 42`);
  });

  it('shows stacks, deadlocks of several lines, notes and interruptions', () => {
    const failure = {
      verdict: 'deadlock' as const,
      message: 'Nobody can go on.\nwriter 0 waits for #0[0]',
      stack: 'Error: broken\n    at run (scenarios/a.scenario.ts:3:1)',
    };
    const printed = report([scenarioResultSample({ notes: ['An explorer was replaced.'] })], {
      counterexample: counterexampleSample({ failure }),
    });
    expect(printed).toContain('deadlock: Nobody can go on.\n    writer 0 waits for #0[0]');
    expect(printed).toContain('at run (scenarios/a.scenario.ts:3:1)');
    expect(printed).toContain('note An explorer was replaced.');
    const output = textOutput();
    createDefaultReporter({ output }).handle({
      kind: 'runFinished',
      record: runRecordSample([], { interrupted: true }),
      recordFile: null,
    });
    expect(output.text()).toContain('interrupted');
  });
});

describe('streamOutput', () => {
  const stream = { write: () => true };

  it.each([
    [{ ...stream, isTTY: true }, {}, true],
    [{ ...stream, isTTY: true }, { NO_COLOR: '1' }, false],
    [{ ...stream, isTTY: true }, { NO_COLOR: '' }, true],
    [{ ...stream, isTTY: true }, { TERM: 'dumb' }, false],
    [stream, {}, false],
    [stream, { CI: 'true' }, false],
    [stream, { FORCE_COLOR: '1' }, true],
    [stream, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ])('decides about colours: %j with %j', (target, environment, isColored) => {
    expect(streamOutput(target, environment).colors.isColorSupported).toBe(isColored);
  });

  it('takes the width of a terminal, and at least 80 columns elsewhere', () => {
    expect(streamOutput({ ...stream, isTTY: true, columns: 70 }, {}).widthColumns).toBe(70);
    expect(streamOutput(stream, {}).widthColumns).toBeGreaterThanOrEqual(80);
  });
});
