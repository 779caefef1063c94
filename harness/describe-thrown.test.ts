import fc from 'fast-check';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { describeThrown, isInstance, rejectionMessage, thrownMessage } from './describe-thrown.js';

const refuse = (): never => {
  throw new Error('nobody may look');
};

/** Values that throw whenever they are inspected. */
const hostile: fc.Arbitrary<unknown> = fc.constantFrom(
  { toString: refuse },
  { [Symbol.toPrimitive]: refuse },
  Object.defineProperty({}, Symbol.toStringTag, { get: refuse }),
  Object.defineProperty(new Error('hidden'), 'message', { get: refuse }),
  Object.defineProperty(new Error('hidden'), 'name', { get: refuse }),
  Object.defineProperty(new Error('hidden'), 'stack', { get: refuse }),
  Object.assign(new Error('replaced'), { name: Symbol('name'), message: { toString: refuse } }),
  new Proxy({}, { getPrototypeOf: refuse, get: refuse, ownKeys: refuse, getOwnPropertyDescriptor: refuse }),
  new Proxy(new Error('behind'), { getPrototypeOf: refuse, get: refuse, ownKeys: refuse }),
  Proxy.revocable({}, {}).proxy,
  Object.create(null),
);

describe('describeThrown', () => {
  it.each([
    [new TypeError('broken'), 'TypeError: broken'],
    [new Error(), 'Error'],
    [Object.assign(new Error('gone'), { name: 'NotFound' }), 'NotFound: gone'],
    [runInNewContext('new RangeError("of another realm")'), 'RangeError: of another realm'],
    ['words', 'string thrown: words'],
    ['', 'string thrown'],
    [null, 'null thrown'],
    [undefined, 'undefined thrown'],
    [404, 'number thrown: 404'],
    [7n, 'bigint thrown: 7n'],
    [Symbol('s'), 'symbol thrown: Symbol(s)'],
    [{ code: 3 }, 'object thrown: { code: 3 }'],
    [Object.create(null), 'object thrown: [Object: null prototype] {}'],
    [refuse, 'function thrown: [Function: refuse]'],
  ])('puts it into words %#', (thrown, words) => {
    expect(thrownMessage(describeThrown(thrown))).toBe(words);
  });

  it('tells what was rejected before the first colon, as far as it is the same for all of its kind', () => {
    const kinds = [new TypeError('a: b'), new RangeError('a: b'), 'a: b', null, undefined, { a: 'b' }].flatMap(
      (value) => {
        const thrown = describeThrown(value);
        return [thrownMessage(thrown), rejectionMessage(thrown)].map((message) => message.split(':')[0]);
      },
    );
    expect(kinds).toContain('unhandled rejection of TypeError');
    expect(kinds).toContain('unhandled rejection of null');
    expect(new Set(kinds).size).toBe(kinds.length);
  });

  it('never throws, whatever was thrown', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), hostile), (thrown) => {
        const described = describeThrown(thrown);
        expect(thrownMessage(described)).not.toBe('');
        expect(rejectionMessage(described)).toMatch(/^unhandled rejection of ./);
        expect(typeof isInstance(thrown, Error)).toBe('boolean');
      }),
    );
  });
});
