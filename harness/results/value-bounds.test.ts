import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beyondBounds, valueLimits } from './value-bounds.js';

/** A value of nested lists, objects, Maps and Sets, one level for each kind given. */
function nested(kinds: readonly ('list' | 'object' | 'Map' | 'key' | 'Set')[]): unknown {
  let value: unknown = 'innermost';
  for (const kind of kinds) {
    if (kind === 'list') value = [1, value];
    else if (kind === 'object') value = { a: value };
    else if (kind === 'Map') value = new Map([['a', value]]);
    else if (kind === 'key') value = new Map([[value, 'a']]);
    else value = new Set([value]);
  }
  return value;
}

describe('beyondBounds', () => {
  it('finds nesting beyond the limit in whatever holds values, and no other', () => {
    const kinds = fc.array(fc.constantFrom('list', 'object', 'Map', 'key', 'Set'), { maxLength: 12 });
    fc.assert(
      fc.property(kinds, fc.integer({ min: 1, max: 12 }), (chosen, nesting) => {
        const found = beyondBounds(nested(chosen), { nesting, count: Infinity });
        expect(found !== undefined).toBe(chosen.length > nesting);
      }),
    );
  });

  it('counts every value, and every place of a list', () => {
    const holes: unknown[] = [];
    holes.length = 2 ** 32 - 1;
    const limits = { nesting: 5, count: 10 };
    expect(beyondBounds([1, 2, 3, [4, 5], { a: 6, b: 7 }], limits)).toBeUndefined();
    expect(beyondBounds([1, 2, 3, [4, 5], { a: 6, b: 7, c: 8 }], limits)).toBe('has more than 10 values');
    expect(beyondBounds(new Map([[new Set([1, 2, 3, 4]), [1, 2, 3, 4]]]), limits)).toBe('has more than 10 values');
    expect(beyondBounds({ holes })).toBe('has more than 1,000,000 values');
    expect(beyondBounds(Array.from({ length: valueLimits.count - 1 }, () => 0))).toBeUndefined();
    expect(beyondBounds(new Uint8Array(valueLimits.count + 1))).toBeUndefined();
  });

  it('comes to an end where a value holds itself', () => {
    const value: unknown[] = [];
    value.push(value, new Map([[value, value]]));
    expect(beyondBounds(value)).toBeUndefined();
  });

  it('needs no deep stack', () => {
    expect(beyondBounds(JSON.parse(`${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`))).toMatch(
      /nested more than 1,000/,
    );
  });
});
