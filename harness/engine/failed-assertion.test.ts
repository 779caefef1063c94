import assert from 'node:assert/strict';
import fc from 'fast-check';
import { chai, describe, expect, it } from 'vitest';
import { assertionLimits, describeAssertion, describeRejected, type FailedAssertion } from './failed-assertion.js';
import { differenceLimits } from './line-difference.js';

/** The description of a failed assertion. */
function failed(fail: () => unknown): FailedAssertion {
  let thrown: unknown;
  try {
    fail();
  } catch (error) {
    thrown = error;
  }
  const described = describeAssertion(thrown);
  if (described === undefined) throw new Error('it is not an assertion that failed', { cause: thrown });
  return described;
}

const changes = ({ assertion }: FailedAssertion): string[] =>
  assertion.difference.flatMap(({ side, text }) => (side === 'both' ? [] : [`${side}: ${text.trim()}`]));

describe('describeAssertion', () => {
  it.each<[string, () => unknown]>([
    ['node:assert', () => assert.equal(1, 2)],
    ['chai', () => chai.expect(1).to.equal(2)],
    ['vitest', () => expect(1).toBe(2)],
    ['a library of its shape', () => assert.fail(Object.assign(new Error('1'), { actual: 1, expected: 2 }))],
    [
      'jest',
      () =>
        assert.fail(Object.assign(new Error('1 and 2'), { matcherResult: { actual: 1, expected: 2, pass: false } })),
    ],
  ])('has the values of %s', (_, fail) => {
    expect(failed(fail)).toMatchObject({ expected: '2', found: '1', assertion: { difference: [] } });
  });

  it.each<[string, () => unknown]>([
    ['node:assert', () => assert.deepEqual({ a: 1, b: [2, 3] }, { a: 1, b: [2, 4] })],
    ['chai', () => chai.expect({ a: 1, b: [2, 3] }).to.deep.equal({ a: 1, b: [2, 4] })],
    ['vitest', () => expect({ a: 1, b: [2, 3] }).toEqual({ a: expect.any(Number) as number, b: [2, 4] })],
  ])('has the difference of %s, where values take several lines', (_, fail) => {
    const described = failed(fail);
    expect(changes(described)).toEqual(['expected: 4', 'found: 3']);
    expect(described).toMatchObject({ expected: '{ a: 1, b: [ 2, 4 ] }', found: '{ a: 1, b: [ 2, 3 ] }' });
  });

  it.each<[string, () => unknown, string]>([
    ['a short message of Node', () => assert.equal(1, 2), 'Expected values to be strictly equal: 1 !== 2'],
    ['a long one', () => assert.deepEqual([1, 2, 3], [1, 2, 4]), 'Expected values to be strictly deep-equal'],
    ['the program’s own', () => assert.fail('two\nlines'), 'two\nlines'],
    ['colours', () => assert.fail('\u001b[31mred\u001b[39m'), 'red'],
    ['none', () => assert.fail(Object.assign(new Error(''), { code: 'ERR_ASSERTION' })), 'Error'],
  ])('says %s', (_, fail, message) => {
    expect(failed(fail).message).toBe(message);
  });

  it.each<[string, () => unknown]>([
    ['nothing', () => assert.fail('no')],
    ['what is equal', () => assert.notEqual(1, 1)],
    ['what looks equal', () => assert.equal({}, {}, 'not the same')],
    ['what chai does not show', () => chai.assert.fail('no')],
  ])('has no values of an assertion that compares %s', (_, fail) => {
    const described = failed(fail);
    expect(described.assertion).toEqual({ difference: [] });
    expect([described.expected, described.found]).toEqual([undefined, undefined]);
  });

  it('names matchers that do not match', () => {
    expect(changes(failed(() => expect({ a: 'x', b: 1 }).toEqual({ a: expect.any(Number) as number, b: 1 })))).toEqual([
      'expected: a: Any<Number> {},',
      "found: a: 'x',",
    ]);
  });

  it('compares texts line by line', () => {
    expect(changes(failed(() => expect('a\nb\nc').toBe('a\nB\nc')))).toEqual(['expected: B', 'found: b']);
  });

  it('keeps the calls of the stack, below one line', () => {
    const { stack = '' } = failed(() => assert.deepEqual([1, 2, 3], [1, 2, 4]));
    const [first, second] = stack.split('\n');
    expect(first).toBe('AssertionError: Expected values to be strictly deep-equal');
    expect(second).toMatch(/^\s+at /);
  });

  it.each<[string, unknown]>([
    ['an error', new TypeError('x')],
    ['an error with one of the values', Object.assign(new Error('x'), { actual: 1 })],
    ['no error', { name: 'AssertionError', actual: 1, expected: 2 }],
    ['nothing', undefined],
    [
      'what cannot be looked at',
      Object.defineProperty(new Error('x'), 'code', {
        get: () => {
          throw new Error('no');
        },
      }),
    ],
  ])('%s is not an assertion', (_, thrown) => {
    expect(describeAssertion(thrown)).toBeUndefined();
  });

  it('is bounded, whatever is compared', () => {
    const row = (value: number): number[] => new Array<number>(1_000).fill(value);
    const large = failed(() => expect(Array.from({ length: 1_000 }, () => row(1))).toBe(row(2)));
    expect(large.assertion.difference.length).toBeLessThanOrEqual(differenceLimits.lines);
    fc.assert(
      fc.property(
        fc.anything({ withDate: true, withMap: true, withTypedArray: true }),
        fc.anything(),
        (left, right) => {
          const error = Object.assign(new Error('x'), { actual: left, expected: right });
          const described = describeAssertion(error);
          expect(described).toBeDefined();
          for (const text of [described?.expected, described?.found])
            expect((text ?? '').length).toBeLessThanOrEqual(assertionLimits.lineLength + 1);
        },
      ),
    );
  });
});

it('a rejection by an assertion is told without the difference', () => {
  const rejected = describeRejected(
    new assert.AssertionError({ actual: [1, 2], expected: [1, 3], operator: 'deepStrictEqual' }),
  );
  expect(rejected.message).toBe('Expected values to be strictly deep-equal');
  expect(describeRejected('text')).toMatchObject({ name: 'string', message: 'text' });
});
