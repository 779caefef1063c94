import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { operationSample } from '../../report/testing/samples.js';
import type { Operation } from '../../results/schema.js';
import { firstDifferenceIndex, firstDifferentOperation } from './first-difference.js';

const traceOf = (values: readonly number[]): Operation[] =>
  values.map((value, step) => operationSample(step, 1, { value }));
const values = fc.array(fc.nat({ max: 1 }), { maxLength: 6 });

describe('firstDifferenceIndex', () => {
  it('is where the longest common beginning of two traces ends, whichever comes first; -1 if they are the same', () => {
    fc.assert(
      fc.property(values, values, values, (common, one, other) => {
        fc.pre(one[0] !== other[0]);
        const [first, second] = [traceOf([...common, ...one]), traceOf([...common, ...other])];
        expect(firstDifferenceIndex(first, second)).toBe(common.length);
        expect(firstDifferenceIndex(second, first)).toBe(common.length);
        expect(firstDifferenceIndex(first, traceOf([...common, ...one]))).toBe(-1);
      }),
    );
  });
});

describe('firstDifferentOperation', () => {
  it('names both operations, who performed them, and where', () => {
    const site = { file: 'a.scenario.ts', line: 7, column: 3 };
    const common = operationSample(0, 1);
    const first = [common, operationSample(1, 2, { site })];
    const second = [common, operationSample(1, 0, { site, kind: 'Atomics.store', value: 4 })];
    expect(firstDifferentOperation(first, second)).toMatch(
      /^First difference, at operation 1: Atomics\.load.* by writer 1 at a\.scenario\.ts:7:3; then Atomics\.store.*4.* by main agent at a\.scenario\.ts:7:3\.$/,
    );
  });

  it('says which trace ends, and names no place that is not known', () => {
    const { site: _, ...placeless } = operationSample(0, 1);
    expect(firstDifferentOperation([], [placeless])).toMatch(/0: nothing more; then .* by writer 0\.$/);
    expect(firstDifferentOperation([placeless], [])).toMatch(/0: .* by writer 0; then nothing more\.$/);
  });

  it('says that the difference comes and goes if there is none now', () => {
    expect(firstDifferentOperation(traceOf([1]), traceOf([1]))).toMatch(/^Two more replays gave the same trace/);
  });
});
