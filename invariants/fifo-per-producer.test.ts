import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fifoPerProducer } from './fifo-per-producer.js';
import { queueExecutions } from './testing/queues.js';
import { told, type Happening } from './testing/told.js';

const writes = (by: number, ...values: readonly unknown[]): Happening[] =>
  values.map((value, place) => ({ begin: `${by}.${place}`, value, by }));
const reads = (by: number, ...values: readonly unknown[]): Happening[] => values.map((read) => ({ read, by }));

describe('fifoPerProducer', () => {
  it('is called fifoPerProducer', () => expect(fifoPerProducer().name).toBe('fifoPerProducer'));

  it('holds when a consumer gets the items of each producer in their order', () => {
    const happenings = [...writes(0, 'a', 'b', 'c'), ...writes(1, 'x', 'y'), ...reads(0, 'x', 'a', 'b', 'y', 'c')];
    expect(told(fifoPerProducer(), null, happenings)).toBe('holds');
    expect(told(fifoPerProducer(), null, [])).toBe('holds');
  });

  it('tells whose order was turned round, and for whom', () => {
    expect(told(fifoPerProducer(), null, [...writes(1, 'a', 'b'), ...reads(2, 'b', 'a')])).toBe(
      'reader 2 to get "a" before "b", as writer 1 wrote them | it got "b" first',
    );
  });

  it('finds the turn among the items of others', () => {
    const happenings = [...writes(0, 'a', 'b'), ...writes(1, 'x', 'y'), ...reads(0, 'x', 'b', 'y', 'a')];
    expect(told(fifoPerProducer(), null, happenings)).toBe(
      'reader 0 to get "a" before "b", as writer 0 wrote them | it got "b" first',
    );
  });

  it('judges a consumer that gets but some of the items', () => {
    const happenings = writes(0, 'a', 'b', 'c', 'd');
    expect(told(fifoPerProducer(), null, [...happenings, ...reads(0, 'b', 'd'), ...reads(1, 'a', 'c')])).toBe('holds');
    expect(told(fifoPerProducer(), null, [...happenings, ...reads(0, 'a', 'd', 'b')])).toContain(
      'reader 0 to get "b" before "d"',
    );
  });

  it('compares each consumer with itself', () => {
    expect(told(fifoPerProducer(), null, [...writes(0, 'a', 'b'), ...reads(0, 'b'), ...reads(1, 'a')])).toBe('holds');
  });

  it('takes the order from the beginnings of the writes', () => {
    const happenings: Happening[] = [
      ...writes(0, 'a', 'b'),
      { acknowledge: '0.1' },
      { acknowledge: '0.0' },
      ...reads(0, 'a', 'b'),
    ];
    expect(told(fifoPerProducer(), null, happenings)).toBe('holds');
  });

  it('passes over what nobody wrote, what several wrote, and reads of nothing', () => {
    const happenings = [...writes(0, 'a', 'both'), ...writes(1, 'both', 'x')];
    expect(told(fifoPerProducer(), null, [...happenings, ...reads(0, 'both', 'a', 'x', 'both', 'c', undefined)])).toBe(
      'holds',
    );
  });

  it('leaves an item that arrives twice in a row to exactlyOnce', () => {
    expect(told(fifoPerProducer(), null, [...writes(0, 'a', 'b'), ...reads(0, 'a', 'a', 'b', 'b')])).toBe('holds');
    expect(told(fifoPerProducer(), null, [...writes(0, 'a', 'b'), ...reads(0, 'a', 'b', 'a')])).toContain(
      'to get "a" before "b"',
    );
  });

  it('lets an item that was written again arrive at either place', () => {
    const happenings = writes(0, 'a', 'b', 'a', 'c');
    expect(told(fifoPerProducer(), null, [...happenings, ...reads(0, 'a', 'b', 'c')])).toBe('holds');
    expect(told(fifoPerProducer(), null, [...happenings, ...reads(0, 'b', 'a', 'c')])).toBe('holds');
    expect(told(fifoPerProducer(), null, [...happenings, ...reads(0, 'b', 'c', 'a')])).toContain(
      'to get "a" before "c"',
    );
  });

  it('finds the items of writes and reads', () => {
    const batches = fifoPerProducer({
      written: (value: { item?: string }) => value.item,
      delivered: (batch: readonly string[]) => batch,
    });
    const happenings = writes(0, { item: 'a' }, {}, { item: 'b' });
    expect(told(batches, null, [...happenings, { read: ['a', 'b'] }])).toBe('holds');
    expect(told(batches, null, [...happenings, { read: ['b', 'a'] }])).toContain('reader 0 to get "a" before "b"');
  });

  it('begins anew for each execution', () => {
    const invariant = fifoPerProducer();
    for (let execution = 0; execution < 3; execution++) {
      expect(told(invariant, null, [...writes(0, 'a', 'b'), ...reads(0, 'a', 'b')])).toBe('holds');
    }
  });

  it('gives no false alarm over a queue', () => {
    fc.assert(
      fc.property(queueExecutions(), ({ store, happenings }) => {
        expect(told(fifoPerProducer(), store, happenings)).toBe('holds');
      }),
    );
  });
});
