import { describe, expect, it } from 'vitest';
import type { CampaignEvent, Reporter } from '../results/events.js';
import type { Counterexample, ScenarioResult } from '../results/schema.js';
import { createDefaultReporter } from './reporters/default.js';
import { createGithubReporter } from './reporters/github.js';
import { createJsonReporter } from './reporters/json.js';
import { createJunitReporter } from './reporters/junit.js';
import { createMarkdownReporter } from './reporters/markdown.js';
import { streamOutput } from './text/output.js';
import {
  counterexampleSample,
  heldResultSample,
  interruptedResultSample,
  runRecordSample,
  scenarioResultSample,
} from './testing/samples.js';

type Write = (text: string) => void;

const reporters: [string, (write: Write) => Reporter][] = [
  ['default', (write) => createDefaultReporter({ output: streamOutput({ write }, { NO_COLOR: '1' }) })],
  ['github', (write) => createGithubReporter({ write })],
  ['json', (write) => createJsonReporter(write)],
  ['junit', (write) => createJunitReporter({ write })],
  ['markdown', (write) => createMarkdownReporter({ write })],
];

function report(
  create: (write: Write) => Reporter,
  results: readonly ScenarioResult[],
  counterexample: Counterexample | null = null,
): string {
  const pieces: string[] = [];
  const reporter = create((text) => pieces.push(text));
  const events: CampaignEvent[] = [
    { kind: 'runStarted', seed: 42, scenarios: 5, explorers: 2, endsInMs: null },
    ...results.map((result) => ({ kind: 'scenarioFinished' as const, result, counterexample })),
    { kind: 'runFinished', record: runRecordSample(results, { interrupted: true, met: false }), recordFile: null },
  ];
  for (const event of events) reporter.handle(event);
  return pieces.join('');
}

describe.each(reporters)('what the %s reporter says of what was not finished', (name, create) => {
  it('is that it was interrupted, and after how much, never that it held or met what was expected', () => {
    const printed = report(create, [interruptedResultSample()]);
    if (name === 'json') {
      expect(printed).toMatch(/"verdict": ?"interrupted"/);
      expect(printed).toMatch(/"met": ?false/);
      expect(printed).not.toMatch(/"met": ?true/);
    } else {
      expect(printed).toContain('interrupted after 12 executions');
      expect(printed).not.toMatch(/held, |\d met |✓/);
    }
    if (name === 'junit')
      expect(printed).toMatch(/<testsuite [^>]*failures="0" errors="1"[^]*<error type="interrupted"/);
  });

  it('is that a counterexample is not fully shrunk', () => {
    const shrinking = { shrinkingEnded: 'interrupted', confirmed: false } as const;
    const result = scenarioResultSample();
    const printed = report(
      create,
      [{ ...result, counterexample: { ...result.counterexample!, ...shrinking } }],
      counterexampleSample(shrinking),
    );
    if (name === 'json') expect(printed).toMatch(/"shrinkingEnded": ?"interrupted",\s*"confirmed": ?false/);
    else expect(printed).toContain('violation (count) (not fully shrunk)');
  });
});

describe('the default reporter', () => {
  it('tells how many scenarios were not run, and why a counterexample may be large', () => {
    const printed = report(reporters[0]![1], [heldResultSample(), interruptedResultSample()]);
    expect(printed).toContain('1 of 2 scenarios met its expectation, 1 was interrupted');
    expect(printed).toContain('interrupted: these are the results so far, 3 scenarios not run');
  });

  it.each([
    ['timeLimit', 'limits.shrinkMs'],
    ['executionLimit', 'limits.shrinkExecutions'],
    ['processLimit', 'processes'],
    ['interrupted', 'the next run continues'],
  ] as const)('says what ended shrinking: %s', (shrinkingEnded, words) => {
    const printed = report(reporters[0]![1], [scenarioResultSample()], counterexampleSample({ shrinkingEnded }));
    expect(printed).toMatch(/shrinking {4}not fully shrunk: /);
    expect(printed).toContain(words);
  });
});
