import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quiescent } from './quiescent.js';
import { queueExecutions } from './testing/queues.js';
import { told } from './testing/told.js';

describe('quiescent', () => {
  const counted = quiescent({ left: (store: Int32Array) => store[0]! });
  const listed = quiescent({ left: (store: readonly unknown[]) => store });

  it('is called quiescent', () => expect(counted.name).toBe('quiescent'));

  it('holds when nothing is left', () => {
    expect(told(counted, Int32Array.of(0), [{ begin: 'a' }, { read: 1 }])).toBe('holds');
    expect(told(listed, [], [])).toBe('holds');
    expect(
      told(quiescent({ left: (store: Int32Array) => store.filter((item) => item > 0) }), new Int32Array(3), []),
    ).toBe('holds');
  });

  it('tells how much is left, or what', () => {
    expect(told(counted, Int32Array.of(2), [])).toBe('nothing to be left at the end | 2 left');
    expect(told(counted, Int32Array.of(-1), [])).toContain('| -1 left');
    expect(told(listed, ['a', { key: 1 }], [])).toBe('nothing to be left at the end | 2 left: "a", {key: 1}');
    expect(told(quiescent({ left: (store: Set<number>) => store }), new Set([7]), [])).toContain('1 left: 7');
  });

  it('judges the end alone', () => {
    const checker = counted.begin();
    expect(checker).not.toHaveProperty('observe');
    expect(checker.finish?.({ store: Int32Array.of(1), history: [] })).toBeDefined();
  });

  it('says when it is told neither things nor a number', () => {
    const misled = (left: unknown) => quiescent({ left: () => left as number });
    expect(told(misled(undefined), null, [])).toBe(
      'nothing to be left at the end | undefined, which says neither what is left nor how much',
    );
    expect(told(misled(Number.NaN), null, [])).toContain('NaN, which says neither');
    expect(told(misled({}), null, [])).toContain('{}, which says neither');
    expect(told(misled('ab'), null, [])).toContain('"ab", which says neither');
  });

  it('gives no false alarm over a queue that was emptied, and notices every other', () => {
    const left = quiescent({ left: (store: { readonly items: readonly unknown[] }) => store.items });
    fc.assert(
      fc.property(queueExecutions(), ({ store, happenings }) => {
        const verdict = told(left, store, happenings);
        if (store.items.length === 0) expect(verdict).toBe('holds');
        else expect(verdict).toContain(`${store.items.length} left: `);
      }),
    );
  });
});
