import { describe, expect, it } from 'vitest';
import { heldResultSample, runRecordSample, scenarioResultSample } from '../testing/samples.js';
import { formatAgents, formatInterleavings, formatTally, formatTestCounts } from './words.js';

const met = { met: true, verdict: 'held' } as const;
const unmet = { met: false, verdict: 'violation' } as const;
const interrupted = { met: false, verdict: 'interrupted' } as const;

describe('formatTally', () => {
  it.each([
    // A run that was interrupted before its first scenario was loaded.
    [[], 'no scenario was run'],
    [[met], '1 scenario met its expectation'],
    [[met, met, unmet], '1 of 3 scenarios did not meet its expectation'],
    [[met, met, interrupted], '2 of 3 scenarios met their expectations, 1 was interrupted'],
    [[interrupted], '1 scenario was interrupted'],
  ])('%j', (results, tally) => {
    expect(formatTally(results)).toBe(tally);
  });
});

describe('formatInterleavings', () => {
  const counts = { executions: 2_000, distinct: 735, lastExecutions: 1_000, newInLast: 201 } as const;
  const estimates = { chanceOfNew: 0.2, estimatedTotal: 2_135 } as const;

  it.each([
    [{}, '735 interleavings (201 new in the last 1,000, about 1,400 or more left)'],
    [{ distinct: 2_000, newInLast: 1_000, estimatedTotal: 9_999 }, /^2,000 interleavings \(all new in the last 1,000/],
    [{ newInLast: 0, estimatedTotal: 735 }, '735 interleavings (none new in the last 1,000)'],
    [{ distinct: 1, newInLast: 0, estimatedTotal: 1 }, 'only one interleaving'],
    [{ executions: 1, distinct: 1, lastExecutions: 0, newInLast: 0, estimatedTotal: 1 }, '1 interleaving'],
  ])('%j', (changes, text) => {
    const result = heldResultSample({ interleavings: { ...counts, ...estimates, ...changes } });
    expect(formatInterleavings(result)).toMatch(text);
  });

  it.each([
    [{}, 'all 12 interleavings'],
    [{ interleavings: 1 }, 'the only interleaving'],
    [{ combinations: 3 }, 'all 12 interleavings of 3 combinations of parameters'],
    [{ preemptions: 1 }, 'all 12 interleavings with at most 1 preemption'],
    [{ uncovered: ['loops' as const] }, 'all 12 interleavings with waiting loops cut short'],
    [{ shard: '1/2' }, 'all 12 interleavings of shard 1/2'],
    [{ shard: '1/2', interleavings: 1 }, 'all 1 interleaving of shard 1/2'],
    [{ shard: '1,3/4', isComplete: false, fractionDone: 0.5 }, '12 interleavings, about 50 % of all of shard 1,3/4'],
    [{ isComplete: false, fractionDone: 0.123 }, '12 interleavings, about 12 % of all'],
    [{ isComplete: false, fractionDone: 0.0001 }, '12 interleavings, less than 0.1 % of all'],
    [{ isComplete: false, fractionDone: 0.999 }, '12 interleavings, about 99 % of all'],
  ])('of every one: %j', (changes, text) => {
    const counts = { executions: 12, interleavings: 12, isComplete: true, fractionDone: 1, redundant: 0, lost: 0 };
    const exhaustive = { ...counts, combinations: 1, preemptions: null, uncovered: [], ...changes };
    expect(formatInterleavings(heldResultSample({ exhaustive }))).toBe(text);
  });

  it('says nothing where they were not counted', () => {
    expect(formatInterleavings(heldResultSample())).toBeUndefined();
  });
});

describe('what is said of tests', () => {
  const test = 'a';

  it.each([
    [[{ ...met, test }], '1 test held'],
    [
      [
        { ...met, test },
        { ...unmet, test },
      ],
      '1 of 2 tests failed',
    ],
    [
      [
        { ...met, test },
        { ...interrupted, test },
      ],
      '1 of 2 tests held, 1 was interrupted',
    ],
  ])('tallies %j', (results, tally) => {
    expect(formatTally(results)).toBe(tally);
  });

  it('tallies none', () => {
    expect(formatTally([], true)).toBe('no test was run');
  });

  it('counts what was explored, and what was not', () => {
    const alike = { ...heldResultSample(), onlyOneInterleaving: true } as const;
    const unfinished = { ...heldResultSample(), verdict: 'interrupted', met: false } as const;
    const record = runRecordSample([heldResultSample(), alike, scenarioResultSample(), unfinished]);
    const leftOut = (['skipped', 'unavailable', 'skipped'] as const).map((why) => ({ name: 'a', file: 'a', why }));
    expect(formatTestCounts(record)).toBeUndefined();
    expect(formatTestCounts({ ...record, leftOut: [] })).toBe(
      '3 tests explored, 1 with only one interleaving, 1 failed under some schedule, 0 skipped',
    );
    expect(formatTestCounts({ ...record, leftOut })).toMatch(
      /, 2 skipped, 1 needs what cannot be had \(see the notes\)$/,
    );
  });

  it('names the one agent', () => {
    const alone = { writers: 0, readers: 0 };
    expect([formatAgents(alone), formatAgents({ ...alone, scenario: { test } })]).toEqual(['the program', 'the test']);
  });
});
