import { describe, expect, it } from 'vitest';
import { formatTally } from './words.js';

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
