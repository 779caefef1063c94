import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.js';
import { decodeParams, encodeParams } from './params.js';

function throughJson(params: Record<string, unknown>): Record<string, unknown> {
  return decodeParams(JSON.parse(JSON.stringify(encodeParams(params))) as Record<string, unknown>);
}

describe('encodeParams and decodeParams', () => {
  it('keep plain values readable', () => {
    const params = { increments: 3, names: ['a', 'b'], nested: { on: true, off: null } };
    expect(encodeParams(params)).toEqual(params);
  });

  it('bring back anything that structured cloning copies', () => {
    const values = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
    });
    fc.assert(
      fc.property(fc.dictionary(fc.string(), values), (params) => {
        expect(throughJson(params)).toStrictEqual(
          Object.fromEntries(Object.entries(params).map(([name, value]) => [name, structuredClone(value)])),
        );
      }),
    );
  });

  it('tell apart a value that looks like an encoded one', () => {
    const params = { tricky: { $structuredClone: 'bm8=' } };
    expect(throughJson(params)).toEqual(params);
  });

  it('name the parameter that cannot be saved', () => {
    expect(() => encodeParams({ callback: () => 1 })).toThrow(UsageError);
    expect(() => encodeParams({ callback: () => 1 })).toThrow(/"callback"/);
  });

  it('name the parameter that is damaged', () => {
    expect(() => decodeParams({ size: { $structuredClone: '!' } })).toThrow(/"size" is damaged/);
  });
});
