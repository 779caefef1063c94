import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canLeadTo, type Fold, type TimedWrite } from './folding.js';

const lastOne: Fold<unknown> = { initial: 'nothing', apply: (_, value) => value };
const sum: Fold<number> = { initial: 0, apply: (total, value) => total + Number(value) };
const text: Fold<string> = { initial: '', apply: (before, value) => before + String(value) };

function write(value: unknown, began: number, acknowledged: number): TimedWrite {
  return { value, result: undefined, began, acknowledged };
}

describe('canLeadTo', () => {
  it('keeps writes in order that do not overlap', () => {
    const writes = [write('a', 0, 1), write('b', 2, 3)];
    expect(canLeadTo(writes, lastOne, (state) => state === 'b')).toBe('yes');
    expect(canLeadTo(writes, lastOne, (state) => state === 'a')).toBe('no');
    expect(canLeadTo(writes, lastOne, (state) => state === 'nothing')).toBe('no');
  });

  it('lets overlapping writes come either way', () => {
    const writes = [write('a', 0, 3), write('b', 1, 2)];
    expect(canLeadTo(writes, lastOne, (state) => state === 'a')).toBe('yes');
    expect(canLeadTo(writes, lastOne, (state) => state === 'b')).toBe('yes');
  });

  it('lets a write that was not acknowledged come late, or never, but not early', () => {
    const writes = [write('a', 0, 1), write('b', 2, Infinity), write('c', 3, 4)];
    expect(canLeadTo(writes, text, (state) => state === 'ac')).toBe('yes');
    expect(canLeadTo(writes, text, (state) => state === 'abc')).toBe('yes');
    expect(canLeadTo(writes, text, (state) => state === 'acb')).toBe('yes');
    expect(canLeadTo(writes, text, (state) => state === 'bac')).toBe('no');
    expect(canLeadTo(writes, text, (state) => state === 'ab')).toBe('no');
  });

  it('tries everything there is to try, and nothing else', () => {
    const times = fc.uniqueArray(fc.nat({ max: 20 }), { minLength: 2, maxLength: 10 });
    const written = times.map((chosen) => {
      const writes: TimedWrite[] = [];
      for (let index = 0; index + 1 < chosen.length; index += 2) {
        const [began, acknowledged] = [chosen[index]!, chosen[index + 1]!].sort((first, second) => first - second);
        writes.push(write(String.fromCharCode(97 + index / 2), began!, acknowledged! > 18 ? Infinity : acknowledged!));
      }
      return writes.sort((first, second) => first.began - second.began);
    });
    fc.assert(
      fc.property(written, (writes) => {
        const found = new Set<string>();
        canLeadTo(writes, text, (state) => {
          found.add(state);
          return false;
        });
        expect(found).toEqual(new Set(ordersOf(writes, '')));
      }),
    );
  });

  it('takes about as many steps as there are writes when their order does not matter', () => {
    // Three parties, each of which begins a write as soon as its last one was acknowledged.
    const writes = Array.from({ length: 3_000 }, (_, index) => write(1, 2 * index, 2 * index + 5));
    expect(canLeadTo(writes, sum, (total) => total === 3_000)).toBe('yes');
    expect(canLeadTo(writes, sum, (total) => total === 2_999)).toBe('no');
  });

  it('gives up on more orders than anybody can try', () => {
    const writes = Array.from({ length: 30 }, (_, index) => write(index, index, 100 + index));
    expect(canLeadTo(writes, text, () => false)).toBe('undecided');
  });
});

/** Every text that the writes may result in, by brute force. */
function ordersOf(open: readonly TimedWrite[], before: string): string[] {
  const found = open.every((write) => write.acknowledged === Infinity) ? [before] : [];
  for (const next of open) {
    const others = open.filter((write) => write !== next);
    if (others.some((other) => other.acknowledged < next.began)) continue;
    found.push(...ordersOf(others, before + String(next.value)));
  }
  return found;
}
