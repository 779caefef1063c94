import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactlyOnce } from './exactly-once.js';
import { queueExecutions, readsOfTheRest } from './testing/queues.js';
import { told, type Happening } from './testing/told.js';

const written = (value: unknown, by = 0): Happening[] => [
  { begin: String(value), value, by },
  { acknowledge: String(value) },
];

describe('exactlyOnce', () => {
  it('is called exactlyOnce', () => expect(exactlyOnce().name).toBe('exactlyOnce'));

  it('holds when each item that was acknowledged is delivered once, in any order, to anybody', () => {
    expect(told(exactlyOnce(), null, [...written('a'), ...written('b', 1), { read: 'b', by: 1 }, { read: 'a' }])).toBe(
      'holds',
    );
    expect(told(exactlyOnce(), null, [])).toBe('holds');
  });

  it('lets an item be delivered before its write is acknowledged', () => {
    expect(told(exactlyOnce(), null, [{ begin: 'a', value: 'a' }, { read: 'a' }, { acknowledge: 'a' }])).toBe('holds');
  });

  it('lets an item that was not acknowledged be delivered or not', () => {
    const begun: Happening[] = [{ begin: 'a', value: 'a' }];
    expect(told(exactlyOnce(), null, begun)).toBe('holds');
    expect(told(exactlyOnce(), null, [...begun, { read: 'a' }])).toBe('holds');
  });

  it('tells at the end which item was lost, and how many more', () => {
    expect(told(exactlyOnce(), null, [...written('a', 1), ...written('b'), { read: 'b' }])).toBe(
      `"a" to be delivered: writer 1's write of it was acknowledged | it was not delivered`,
    );
    expect(told(exactlyOnce(), null, [...written('a', 1), ...written('b'), ...written('c')])).toBe(
      `"a" to be delivered: writer 1's write of it was acknowledged | it and 2 more were not delivered`,
    );
  });

  it('tells at once who got an item for the second time', () => {
    const once: Happening[] = [...written('a'), { read: 'a', by: 1 }];
    expect(told(exactlyOnce(), null, [...once, { read: 'a', by: 2 }])).toBe(
      '"a" to be delivered once, and reader 1 already got it | reader 2 got it too',
    );
    expect(told(exactlyOnce(), null, [...once, { read: 'a', by: 1 }, { read: 'a', by: 2 }])).toBe(
      '"a" to be delivered once, and reader 1 already got it | reader 1 got it again',
    );
    const unacknowledged: Happening[] = [{ begin: 'a', value: 'a' }, { read: 'a' }, { read: 'a' }];
    expect(told(exactlyOnce(), null, unacknowledged)).toContain('reader 0 got it again');
  });

  it('tells at once who got what nobody wrote, or nobody yet', () => {
    expect(told(exactlyOnce(), null, [...written(1), { read: 2, by: 3 }])).toBe(
      'reader 3 to get only what was written | it got 2, which was never written',
    );
    expect(told(exactlyOnce(), null, [{ read: 1 }, ...written(1)])).toContain('it got 1, which was never written');
  });

  it('tells items apart as data', () => {
    expect(
      told(exactlyOnce(), null, [...written([1, 2]), ...written([2, 1]), { read: [2, 1] }, { read: [1, 2] }]),
    ).toBe('holds');
  });

  it('refuses to judge items that cannot be told apart', () => {
    expect(told(exactlyOnce(), null, [...written('a', 1), { begin: 'again', value: 'a', by: 2 }])).toBe(
      'distinct items, to tell which of them was delivered | writer 2 wrote "a", as writer 1 had before',
    );
    const atOnce: Happening[] = [
      { begin: 'first', value: 'a' },
      { begin: 'second', value: 'a', by: 1 },
      { acknowledge: 'first' },
      { acknowledge: 'second' },
    ];
    expect(told(exactlyOnce(), null, atOnce)).toContain('writer 1 wrote "a", as writer 0 had before');
  });

  it('lets an item that was not taken be written again', () => {
    const again: Happening[] = [{ begin: 'refused', value: 'a' }, ...written('a')];
    expect(told(exactlyOnce(), null, [...again, { read: 'a' }])).toBe('holds');
    expect(told(exactlyOnce(), null, again)).toContain('it was not delivered');
    expect(told(exactlyOnce(), null, [...again, { read: 'a' }, { read: 'a' }])).toContain('got it again');
  });

  it('finds the items of a read', () => {
    const batches = exactlyOnce({ delivered: (batch: { items?: number[] }) => batch.items });
    const both = [...written(1), ...written(2)];
    expect(told(batches, null, [...both, { read: {} }, { read: { items: [2, 1] } }, { read: { items: [] } }])).toBe(
      'holds',
    );
    expect(told(batches, null, [...both, { read: { items: [1, 1] } }])).toContain('reader 0 got it again');
    const single = exactlyOnce({ delivered: (value: { item: string }) => value.item });
    expect(told(single, null, [...written('a'), { read: { item: 'a' } }])).toBe('holds');
  });

  it('passes over reads of nothing, and writes that are no items', () => {
    expect(told(exactlyOnce(), null, [{ read: undefined }])).toBe('holds');
    const tickets = exactlyOnce({ written: (value: { ticket?: number }) => value.ticket });
    const happenings: Happening[] = [
      { begin: 'section', value: {} },
      { acknowledge: 'section' },
      { begin: 'again', value: {} },
      { acknowledge: 'again' },
      { begin: 'item', value: { ticket: 7 } },
      { acknowledge: 'item' },
    ];
    expect(told(tickets, null, [...happenings, { read: 7 }])).toBe('holds');
    expect(told(tickets, null, happenings)).toContain('7 to be delivered');
  });

  it('begins anew for each execution', () => {
    const invariant = exactlyOnce();
    for (let execution = 0; execution < 3; execution++) {
      expect(told(invariant, null, [...written('a'), { read: 'a' }])).toBe('holds');
    }
  });

  it('gives no false alarm over a queue', () => {
    fc.assert(
      fc.property(queueExecutions(), ({ store, happenings }) => {
        const rest = readsOfTheRest(store, happenings);
        expect(told(exactlyOnce(), store, [...happenings, ...rest])).toBe('holds');
      }),
    );
  });
});
