import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { merged, readTestOptions, WrongOption } from './options.js';

describe('readTestOptions', () => {
  it.each([
    ['', {}],
    [' skip ', { skip: true }],
    ['runs=500', { runs: 500 }],
    ['budget=1.5s', { budgetMs: 1_500 }],
    ['strategy=pct runs=7', { strategy: 'pct', runs: 7 }],
    ['steps=2000000 hangTimeoutMs=5000', { limits: { steps: 2_000_000, hangTimeoutMs: 5_000 } }],
    ['freshPackages=a,@b/c', { freshPackages: ['a', '@b/c'] }],
  ])('reads "%s"', (text, options) => {
    expect(readTestOptions(text, true)).toEqual(options);
  });

  it.each([
    ['run=5', 'found "run=5", expected skip, runs=<count>'],
    ['skip=1', 'found "skip=1", expected skip,'],
    ['runs', 'found "runs", expected a whole number, at least 1'],
    ['runs=0', 'expected a whole number'],
    ['runs=1e3', 'expected a whole number'],
    ['steps=-1', 'expected a whole number'],
    ['stressTimeoutMs=5', 'found "stressTimeoutMs=5", expected skip'],
    ['budget=5', 'found "budget=5", expected a duration'],
    ['strategy=best', 'found "strategy=best", expected strategy=<mix'],
    ['freshPackages=', 'expected freshPackages=<name,name>'],
  ])('refuses "%s"', (text, message) => {
    expect(() => readTestOptions(text, true)).toThrow(message);
  });

  it('has fresh packages only for a whole file', () => {
    expect(() => readTestOptions('freshPackages=a', false)).toThrow(WrongOption);
  });

  it('never fails in any other way', () => {
    fc.assert(
      fc.property(fc.string(), fc.boolean(), (text, isOfFile) => {
        try {
          readTestOptions(text, isOfFile);
        } catch (error) {
          expect(error).toBeInstanceOf(WrongOption);
        }
      }),
    );
  });
});

describe('merged', () => {
  it('lets the inner options count, and adds limits up', () => {
    const outer = { runs: 1, strategy: 'mix', limits: { steps: 1, queuedMessages: 2 } } as const;
    expect(merged(outer, { runs: 2, limits: { steps: 3 } })).toEqual({
      runs: 2,
      strategy: 'mix',
      limits: { steps: 3, queuedMessages: 2 },
    });
    expect(merged({}, {})).toEqual({});
  });
});
