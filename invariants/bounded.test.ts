import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../harness/authoring.js';
import { bounded } from './bounded.js';
import { perfectExecutions, told, type Task } from './testing/told.js';

const head = 0;
const tail = 1;
const depth = (store: Int32Array): number => store[tail]! - store[head]!;
const event: HistoryEvent = {
  kind: 'writeBegan',
  agent: 1,
  participant: { role: 'writer', index: 0 },
  step: 0,
  write: 0,
  value: 'a',
};

describe('bounded', () => {
  const atMostTwo = bounded({ depth, limit: 2 });

  it('is called bounded', () => expect(atMostTwo.name).toBe('bounded'));

  it('holds while the depth is within its limit, the limit itself included', () => {
    expect(told(atMostTwo, Int32Array.of(3, 5), [{ begin: 'a' }, { acknowledge: 'a' }, { read: 'a' }])).toBe('holds');
    expect(told(atMostTwo, Int32Array.of(3, 5), [])).toBe('holds');
  });

  it('tells at which event the depth was beyond it', () => {
    const tooDeep = Int32Array.of(3, 6);
    expect(told(atMostTwo, tooDeep, [{ begin: 'a', value: 'a', by: 1 }])).toBe(
      'a depth of at most 2 | 3, when writer 1 began to write "a"',
    );
    expect(told(atMostTwo, tooDeep, [{ read: 'a', by: 2 }])).toBe(
      'a depth of at most 2 | 3, when reader 2 had read "a"',
    );
    expect(told(atMostTwo, tooDeep, [])).toBe('a depth of at most 2 | 3, at the end');
    const store = Int32Array.of(3, 5);
    const checker = atMostTwo.begin();
    expect(checker.observe?.(event, { store, history: [] })).toBeUndefined();
    store[tail] = 6;
    const acknowledged = { ...event, kind: 'writeAcknowledged', result: undefined } as const;
    expect(checker.observe?.(acknowledged, { store, history: [] })).toEqual({
      expected: 'a depth of at most 2',
      found: `3, when writer 0's write of "a" was acknowledged`,
    });
  });

  it('does not ask the store about what others have judged when it happened', () => {
    const checker = bounded({
      depth: () => {
        throw new Error('The store has moved on.');
      },
      limit: 0,
    }).begin();
    expect('learn' in checker).toBe(true);
    checker.learn?.(event);
  });

  it('asks the store for the limit', () => {
    const half = bounded({ depth, limit: (store: Int32Array) => store.length / 2 });
    expect(told(half, Int32Array.of(0, 2, 0, 0), [{ begin: 'a' }])).toBe('holds');
    expect(told(half, Int32Array.of(0, 3, 0, 0), [{ begin: 'a', value: 1 }])).toContain('at most 2 | 3, when');
  });

  it('judges the depths that readers tell of', () => {
    const told2 = bounded({ read: (value: { queued?: number }) => value.queued, limit: 2 });
    expect(told(told2, null, [{ read: { queued: 2 } }, { read: {} }])).toBe('holds');
    expect(told(told2, null, [{ read: { queued: 2 } }, { read: { queued: 3 }, by: 1 }])).toBe(
      'a depth of at most 2 | 3, seen by reader 1',
    );
  });

  it('judges both', () => {
    const both = bounded({ depth, read: (value: number) => value, limit: 2 });
    expect(told(both, Int32Array.of(0, 2), [{ read: 2 }])).toBe('holds');
    expect(told(both, Int32Array.of(0, 2), [{ read: 3 }])).toContain('3, seen by reader 0');
    expect(told(both, Int32Array.of(0, 3), [{ read: 2 }])).toContain('3, when reader 0 had read 2');
  });

  it('says when there is no number', () => {
    expect(told(atMostTwo, new Int32Array(0), [{ begin: 'a', value: 1 }])).toBe(
      'a depth of at most 2 | NaN, which is not a number, when writer 0 began to write 1',
    );
    const misled = bounded({ read: (value) => value as number, limit: 2 });
    expect(told(misled, null, [{ read: '1' }])).toBe(
      'a depth of at most 2 | "1", which is not a number, seen by reader 0',
    );
  });

  it('says what to do when it is told neither', () => {
    expect(told(bounded({ limit: 1 }), null, [{ read: 5 }])).toBe(
      'bounded({ depth }) or bounded({ read }) to say where the depth is found | neither option',
    );
  });

  it('gives no false alarm over a queue that takes no more than fits', () => {
    const add: Task<number[]> = { value: 0, effect: (queue) => queue.length < 2 && queue.push(0) };
    const take: Task<number[]> = { effect: (queue) => queue.shift() };
    const look: Task<number[]> = { effect: (queue) => ({ depth: queue.length }) };
    const task = fc.constantFrom(add, add, take, look);
    const parties = fc.array(fc.array(task, { maxLength: 5 }), { minLength: 1, maxLength: 4 });
    const invariant = bounded<readonly number[]>({
      depth: (queue) => queue.length,
      read: (value: { depth?: number } | undefined) => value?.depth,
      limit: 2,
    });
    fc.assert(
      fc.property(
        perfectExecutions((): number[] => [], parties),
        ({ store, happenings }) => {
          expect(told(invariant, store, happenings)).toBe('holds');
        },
      ),
    );
  });
});
