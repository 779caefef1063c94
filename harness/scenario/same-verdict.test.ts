import { describe, expect, it } from 'vitest';
import { meetsUnderStress, sameVerdict } from './same-verdict.js';
import { verdicts } from './verdict.js';

describe('a hang under stress', () => {
  it('may be anything that never ends, and nothing else is', () => {
    const hangs = verdicts.filter((verdict) => sameVerdict({ verdict }, { verdict: 'hang' }));
    expect(hangs.sort()).toEqual(['deadlock', 'hang', 'livelock']);
    expect(verdicts.filter((verdict) => meetsUnderStress(verdict, 'hang', null)).sort()).toEqual(hangs);
  });

  it('is no deadlock that the stress engine proves', () => {
    expect(sameVerdict({ verdict: 'hang' }, { verdict: 'deadlock' })).toBe(false);
    expect(meetsUnderStress('hang', 'deadlock', null)).toBe(false);
  });
});

describe('other verdicts', () => {
  it('are the same if the invariant is', () => {
    const violation = { verdict: 'violation', invariant: 'count' } as const;
    expect(sameVerdict(violation, violation)).toBe(true);
    expect(sameVerdict(violation, { ...violation, invariant: 'checksum' })).toBe(false);
    expect(meetsUnderStress({ verdict: 'violation', invariant: 'count' }, 'violation', 'checksum')).toBe(false);
    expect(meetsUnderStress('held', 'interrupted', null)).toBe(false);
  });
});
