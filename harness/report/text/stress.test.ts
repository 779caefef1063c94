import { describe, expect, it } from 'vitest';
import type { StressRepetition, StressResult } from '../../results/stress-schema.js';
import { renderMet, renderUnmet } from './failure.js';
import { textOutput } from './output.js';
import { renderSigns, renderStressDetails } from './stress.js';
import { counterexampleSample, heldResultSample, runRecordSample, scenarioResultSample } from '../testing/samples.js';

const repetition = (changes: Partial<StressRepetition> = {}): StressRepetition => ({
  repetition: 1,
  seed: 1,
  executions: 500,
  writers: 8,
  readers: 100,
  durationMs: 2_000,
  runningMs: 1_000,
  operations: 7_000,
  acknowledgements: 5_000,
  verdict: 'held',
  failure: null,
  failedExecution: null,
  outcomes: [],
  watching: null,
  ...changes,
});
const stress = (changes: Partial<StressResult> = {}): StressResult => ({
  profile: 'article',
  amplify: 0.5,
  instrumented: true,
  watched: true,
  repetitions: [repetition(), repetition({ repetition: 2 })],
  failure: null,
  failedRepetition: null,
  outcomes: [],
  signs: [
    { sign: 'noStallByLockWaits', healthy: false, detail: 'the event loop was blocked for 38.0 ms' },
    { sign: 'integrity', healthy: true, detail: '' },
    { sign: 'queuesRiseAndFall', healthy: null, detail: 'no queue depth is watched' },
    { sign: 'noWrongAgentUse', healthy: true, detail: '' },
  ],
  memorySlopeMiBPerMinute: null,
  followUp: null,
  ...changes,
});
const look = textOutput();

describe('the report of a stress run', () => {
  it('says in one line what a scenario survived, per second of running', () => {
    expect(renderMet(heldResultSample({ stress: stress() }), look)).toBe(
      '✓ counter: Atomics.add  held, 2 repetitions, 1,000 executions, 7,000 operations and 5,000 acknowledgements a second',
    );
  });

  it('tells what broke under stress, when, and the story that the controlled engine found', () => {
    const failure = {
      verdict: 'violation',
      invariant: 'count',
      message: 'count does not hold at the end',
      expected: '4',
      found: '3',
    } as const;
    const failed = stress({
      repetitions: [repetition(), repetition({ repetition: 2, verdict: 'violation', failure, failedExecution: 17 })],
      failure,
      failedRepetition: 2,
      followUp: { found: true, executions: 12, durationMs: 900 },
    });
    const lines = renderUnmet(scenarioResultSample({ stress: failed }), counterexampleSample(), look).join('\n');
    expect(lines).toContain(
      'violation (count): count does not hold at the end\n    expected     4\n    found        3',
    );
    expect(lines).toContain('under stress in repetition 2, execution 17, amplify 0.5');
    expect(lines).toContain('The same failure in 12 executions of the controlled engine, shrunk:');
    expect(lines).toContain('── preempted');
    const other = { ...failed, followUp: { found: false, executions: 12, durationMs: 900 } };
    expect(renderUnmet(scenarioResultSample({ stress: other }), counterexampleSample(), look).join('\n')).toContain(
      'Another failure in 12 executions',
    );
    const nothing = scenarioResultSample({ stress: other, counterexample: null });
    expect(renderUnmet(nothing, null, look).join('\n')).toContain('Not found again in 12 executions');
  });

  it('counts outcomes with their shares and an example', () => {
    const outcomes = [
      { outcome: '0, 1', grade: 'acceptable', count: 750, example: { repetition: 1, execution: 2 } },
      { outcome: '0, 0', grade: 'forbidden', count: 250, example: { repetition: 2, execution: 3 } },
      { outcome: '1, 1', grade: 'interesting', count: 0, example: null },
    ] as const;
    expect(renderStressDetails(stress({ outcomes: [...outcomes] }), look)).toEqual([
      '  0, 1  acceptable        750   75.00%  first in repetition 1, execution 2',
      '  0, 0  forbidden         250   25.00%  first in repetition 2, execution 3',
      '  1, 1  interesting         0    0.00%',
    ]);
  });

  it('ends with the four signs, and says why one is missing', () => {
    const record = runRecordSample([heldResultSample({ stress: stress() }), heldResultSample()]);
    expect(renderSigns(record, look)).toEqual([
      '                      no lock stalls  integrity  queues rise and fall  no wrong-agent use',
      'counter: Atomics.add  ✗               ✓          –                     ✓',
      '  no lock stalls: the event loop was blocked for 38.0 ms',
    ]);
    expect(renderSigns(runRecordSample([heldResultSample()]), look)).toEqual([]);
  });

  it('says what to do when stress does not find what is expected', () => {
    const missed = heldResultSample({ expected: 'violation', met: false, stress: stress() });
    expect(renderUnmet(missed, null, look).join('\n')).toContain('--amplify 1 --repeat 50');
  });
});
