import { describe, expect, it } from 'vitest';
import { recordBridges } from 'threadmill/bridges/records';
import { UsageError } from '../errors.js';
import { bridgeId, chooseBridges } from './choose-bridges.js';
import { comparisonBounds, completeOptions, defaultComparison } from './options.js';

describe('completeOptions', () => {
  it('fills in what was not asked for', () => {
    expect(completeOptions({ bridges: ['actor'], writers: 2, readers: undefined })).toEqual({
      ...defaultComparison,
      bridges: ['actor'],
      writers: 2,
    });
  });

  it.each(Object.entries(comparisonBounds))('keeps %s within its bounds', (name, { flag, minimum, maximum, whole }) => {
    const given = (value: number) => () => completeOptions({ bridges: [], [name]: value });
    expect(given(minimum)).not.toThrow();
    expect(given(maximum)).not.toThrow();
    for (const value of [minimum - 1, maximum + 1, NaN, ...(whole ? [minimum + 0.5] : [])]) {
      expect(given(value)).toThrow(new RegExp(`^${flag}: found `));
      expect(given(value)).toThrow(UsageError);
    }
  });

  it('checks lists and bursts too', () => {
    expect(() => completeOptions({ bridges: [], writerCounts: [1, 65] })).toThrow('--writer-counts: found 65');
    expect(() => completeOptions({ bridges: [], burst: { records: 0, pauseMs: 1 } })).toThrow('--burst: found 0');
  });
});

describe('chooseBridges', () => {
  const ids = (...names: string[]): string[] => chooseBridges(names).map(bridgeId);

  it('takes all there are if none is named', () => {
    expect(ids()).toEqual(recordBridges().map(bridgeId));
    expect(new Set(ids()).size).toBe(recordBridges().length);
  });

  it('finds each by its own name, and takes the hardened one where no variant is named', () => {
    for (const id of ids()) expect(ids(id)).toEqual([id]);
    expect(ids('dual-queue')).toEqual(['dual-queue']);
    expect(ids('dual-queue:hardened', 'dual-queue')).toEqual(['dual-queue']);
    expect(ids('unsynchronised')).toEqual(['unsynchronised:published']);
  });

  it('names all there are if one is not among them', () => {
    expect(() => ids('actor', 'nonsense')).toThrow(UsageError);
    expect(() => ids('nonsense')).toThrow(/"nonsense".*actor, actor:published, .*unsynchronised:published\./);
  });
});
