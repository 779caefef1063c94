import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noTransitionMissed } from './no-transition-missed.js';
import { told, type Happening } from './testing/told.js';

const judge = (happenings: readonly Happening[], options = {}): string =>
  told(noTransitionMissed({ initial: 'off', ...options }), null, happenings);

const set = (name: string, to: unknown, by = 0): Happening => ({ begin: name, value: to, by });
const done = (name: string, result?: unknown): Happening => ({ acknowledge: name, result });
const sets = (...values: string[]): Happening[] =>
  values.flatMap((value, index) => [set(`${index}`, value), done(`${index}`, true)]);
const sees = (from: unknown, to: unknown, by = 0, more = {}): Happening => ({ read: { from, to, ...more }, by });

describe('noTransitionMissed', () => {
  it('is called noTransitionMissed', () => expect(noTransitionMissed().name).toBe('noTransitionMissed'));

  it('holds if everybody sees everything in one order', () => {
    const everything = [sees('off', 'on'), sees('on', 'off'), sees('off', 'on', 1), sees('on', 'off', 1)];
    expect(judge([...sets('on', 'off'), ...everything])).toBe('holds');
    expect(judge([])).toBe('holds');
  });

  it('tells of a transition that does not begin where the last one ended', () => {
    expect(judge([...sets('on', 'red'), sees('off', 'on'), sees('off', 'red')])).toBe(
      'reader 0 to see next a transition that begins at "on", where the last one ended | "off" → "red"',
    );
  });

  it('tells of a first transition that does not begin at the beginning', () => {
    expect(judge([...sets('on', 'red'), sees('on', 'red')])).toBe(
      'the first transition that reader 0 sees to begin at "off" | "on" → "red"',
    );
    expect(told(noTransitionMissed(), null, [...sets('on', 'red'), sees('on', 'red')])).toBe('holds');
  });

  it('tells of a transition that changes nothing', () => {
    expect(judge([...sets('off'), sees('off', 'off')])).toBe('reader 0 to see a change | "off" → "off"');
  });

  it('tells of a transition that nobody made', () => {
    expect(judge([...sets('on'), sees('off', 'red')])).toBe(
      'reader 0 to see only transitions that were made, and "off" → "red" was not | it saw "off" → "red"',
    );
  });

  it('tells of a transition that is seen twice', () => {
    const backAndForth = [sees('off', 'on'), sees('on', 'off'), sees('off', 'on')];
    expect(judge([...sets('on', 'off'), ...backAndForth])).toContain('at most once');
    expect(judge([...sets('on', 'off', 'on'), ...backAndForth])).toBe('holds');
  });

  it('tells of a jump, if it is known from what values were set', () => {
    const exact = [set('a', { from: 'off', to: 'on' }), done('a'), set('b', { from: 'on', to: 'red' }), done('b')];
    expect(judge([...exact, sees('off', 'red')])).toBe(
      'reader 0 to see only transitions that were made, and "off" → "red" was not | it saw "off" → "red"',
    );
    expect(judge([...exact, sees('off', 'on'), sees('on', 'red')])).toBe('holds');
  });

  it('tells, at the end, of an acknowledged transition that a consumer has not seen', () => {
    expect(judge([...sets('on', 'off'), sees('off', 'on'), sees('on', 'off'), sees('off', 'on', 1)])).toBe(
      'reader 1 to see → "off", which writer 0 had set | it saw "off" → "on"',
    );
    const exact = [set('a', { from: 'off', to: 'on' }, 3), done('a'), set('b', 'red'), done('b')];
    expect(judge([...exact, sees('off', 'red')])).toBe(
      'reader 0 to see "off" → "on", which writer 3 had set | it saw "off" → "red"',
    );
  });

  it('does not take one set for another', () => {
    const between = [sees('off', 'on'), sees('on', 'red'), sees('red', 'on')];
    const red = [set('r', 'red'), done('r')];
    expect(judge([...red, set('a', 'on'), ...between])).toBe(
      'reader 0 to see → "on" at most once, as often as it was set | it saw "off" → "on" → "red" → "on"',
    );
    const open = [set('a', 'on'), done('a')];
    const exact = [set('b', { from: 'off', to: 'on' }), done('b')];
    expect(judge([...red, ...open, ...exact, ...between])).toBe('holds');
    const fromRed = [set('b', { from: 'red', to: 'on' }), done('b')];
    expect(judge([set('a', 'on'), ...fromRed, sees('off', 'on')])).toContain('to see "red" → "on"');
    const numbered = (version: number): Happening[] => [
      set(`${version}`, 'on'),
      done(`${version}`, { to: 'on', version }),
    ];
    const seen = [sees('off', 'on', 0, { version: 1 }), sees('on', 'red', 0, { version: 2 })];
    expect(judge([...red, ...numbered(1), ...seen])).toBe('holds');
    expect(judge([...red, set('a', 'on'), ...numbered(3), ...seen])).toContain('to see → "on", which writer 0');
  });

  it('counts how often the same value was set', () => {
    expect(judge([...sets('on', 'off', 'on'), sees('off', 'on'), sees('on', 'off')])).toContain('to see → "on"');
  });

  it('does not ask for what was not acknowledged, but allows it, to all or none', () => {
    const half = [set('x', 'on'), sees('off', 'on'), set('y', 'red'), sees('off', 'on', 1), sees('on', 'red', 1)];
    expect(judge(half)).toBe(
      'all consumers to end with the same transitions; reader 1 saw "off" → "on" → "red" | reader 0 saw "off" → "on"',
    );
    expect(judge([...sets('on'), set('x', 'off'), sees('off', 'on')])).toBe('holds');
    expect(judge([...sets('on'), set('x', 'off'), sees('off', 'on'), sees('on', 'off')])).toBe('holds');
  });

  it('knows that a set which was refused changed nothing', () => {
    expect(judge([...sets('on'), set('x', 'on'), done('x', false), sees('off', 'on')])).toBe('holds');
    expect(judge([set('x', 'on'), sees('off', 'on'), done('x', false)])).toContain('was not');
    expect(judge([set('x', 'on'), done('x', false), sees('off', 'on')])).toContain('was not');
  });

  it('misses consumers that saw nothing, if it knows of them', () => {
    expect(judge(sets('on'), { consumers: 1 })).toBe(
      '1 of 1 consumers to see "on", which writer 0 had set | no consumer saw anything',
    );
    expect(judge([...sets('on'), sees('off', 'on', 1)], { consumers: 2 })).toContain('only reader 1 saw anything');
    expect(judge([...sets('on'), sees('off', 'on', 1), { read: { ended: true } }], { consumers: 2 })).toBe('holds');
    expect(judge([set('x', 'on'), sees('off', 'on')], { consumers: 2 })).toBe(
      '2 of 2 consumers to see "on", which reader 0 saw | only reader 0 saw anything',
    );
    expect(judge([set('x', 'on')], { consumers: 1 })).toBe('holds');
  });

  it('expects nothing more of a consumer that has ended', () => {
    expect(judge([...sets('on', 'off'), sees('off', 'on'), { read: { ended: true } }])).toBe('holds');
    expect(judge([...sets('on', 'off'), sees('on', 'off'), { read: { ended: true } }])).not.toBe('holds');
  });

  it('tells consumers of one participant apart', () => {
    const first = { consumer: 'first' };
    const second = { consumer: 'second' };
    expect(judge([...sets('on'), sees('off', 'on', 0, first), sees('off', 'on', 0, second)])).toBe('holds');
    const late = [sees('off', 'on', 0, first), sees('on', 'red', 0, second)];
    expect(judge([...sets('on', 'red'), ...late])).toContain('that reader 0 ("second") sees');
  });

  it('tells of consumers that contradict each other', () => {
    const happenings = [
      ...[set('a', 'on'), set('b', 'off'), set('c', 'red'), set('d', 'off')],
      ...[sees('off', 'on'), sees('on', 'off'), sees('off', 'red', 1), sees('red', 'off', 1)],
    ];
    expect(judge(happenings)).toBe(
      'all consumers to see transitions in one order; at place 1, reader 0 saw "off" → "on" | reader 1 saw "off" → "red" there',
    );
    const numbered = [
      ...[set('a', 'on'), set('b', 'red')],
      ...[sees('off', 'on', 0, { version: 4 }), sees('off', 'red', 1, { version: 4n })],
    ];
    expect(told(noTransitionMissed(), null, numbered)).toContain('number 4, reader 0 saw "off" → "on"');
  });

  it('tells of consumers that end differently, if they may begin at any time', () => {
    const both = [sees('off', 'on'), sees('on', 'red'), sees('on', 'red', 1)];
    expect(told(noTransitionMissed(), null, [...sets('on', 'red'), ...both])).toBe('holds');
    const early = [sees('off', 'on'), sees('on', 'red'), sees('off', 'on', 1)];
    expect(told(noTransitionMissed(), null, [...sets('on', 'red'), ...early])).toBe(
      'all consumers to end with the same transitions; reader 0 saw "off" → "on" → "red" | reader 1 saw "off" → "on"',
    );
    expect(told(noTransitionMissed(), null, [...sets('on', 'red'), ...early, { read: { ended: true }, by: 1 }])).toBe(
      'holds',
    );
  });

  it('tells of a gap in the numbers, where the values alone would not show it', () => {
    const on = (version: number): Happening => sees('off', 'on', 0, { version });
    const off = (version: number): Happening => sees('on', 'off', 0, { version });
    expect(judge([...sets('on', 'off', 'on', 'off'), on(1), off(4)])).toBe(
      'reader 0 to see next transition 2 | transition 4: "on" → "off"',
    );
    expect(judge([...sets('on', 'off'), on(1), off(2)])).toBe('holds');
  });

  it('asks late consumers for what has a number after their first', () => {
    const numbered = [
      ...[set('a', 'on'), done('a', { from: 'off', to: 'on', version: 1 })],
      ...[set('b', 'red'), done('b', { from: 'on', to: 'red', version: 2 })],
      ...[set('c', 'off'), done('c', { from: 'red', to: 'off', version: 3 })],
    ];
    const red = sees('on', 'red', 0, { version: 2 });
    const off = sees('red', 'off', 0, { version: 3 });
    expect(told(noTransitionMissed(), null, [...numbered, red, off])).toBe('holds');
    expect(told(noTransitionMissed(), null, [...numbered, off])).toBe('holds');
    expect(told(noTransitionMissed(), null, [...numbered, red])).toBe(
      'reader 0 to see "red" → "off", which writer 0 had set | it saw "on" → "red"',
    );
  });

  it('finds transitions where it is told to', () => {
    const options = {
      seen: (look: { was: string; is: string }) => ({ from: look.was, to: look.is }),
      set: (value: { next: string }, result: unknown) => (result === 'no' ? undefined : { to: value.next }),
    };
    const next = { begin: 'a', value: { next: 'on' } };
    expect(judge([next, done('a'), { read: { was: 'off', is: 'on' } }], options)).toBe('holds');
    expect(judge([next, done('a'), { read: { was: 'on', is: 'off' } }], options)).toContain('to begin at "off"');
    expect(judge([next, { read: { was: 'off', is: 'on' } }, done('a', 'no')], options)).toContain('was not');
  });

  it('ignores reads that say nothing about transitions', () => {
    expect(judge([{ read: 5 }, { read: null }, { read: { from: 1 } }, { read: { ended: 'no' } }])).toBe('holds');
  });

  describe('under a watcher that misses nothing', () => {
    it('gives no false alarm', () => {
      fc.assert(
        fc.property(perfectWatching(), ({ happenings, initial }) => {
          expect(told(noTransitionMissed({ initial }), null, happenings)).toBe('holds');
        }),
      );
    });

    it('gives no false alarm if consumers begin at any time', () => {
      fc.assert(
        fc.property(perfectWatching({ late: true }), ({ happenings }) => {
          expect(told(noTransitionMissed(), null, happenings)).toBe('holds');
        }),
      );
    });

    it('misses any transition that is left out', () => {
      fc.assert(
        fc.property(perfectWatching({ allSeen: true }), fc.nat(), ({ happenings, initial }, choice) => {
          const reads = happenings.filter((happening) => 'read' in happening && !('ended' in Object(happening.read)));
          fc.pre(reads.length > 0);
          const left = happenings.filter((happening) => happening !== reads[choice % reads.length]);
          expect(told(noTransitionMissed({ initial, consumers: 2 }), null, left)).not.toBe('holds');
        }),
      );
    });
  });
});

/**
 * Histories of three setters and two consumers of a watcher that logs each change at one instant, all recorded with any delay.
 * Some sets are never acknowledged, some transitions are numbered, some consumers stop early and say so.
 */
function perfectWatching({ late = false, allSeen = false } = {}) {
  const moves = fc.array(fc.nat({ max: 4 }), { maxLength: 60 });
  const values: fc.Arbitrary<Iterator<number, number>> = fc.infiniteStream(fc.nat({ max: 2 }));
  const isNumbered = fc.boolean();
  return fc.tuple(moves, values, isNumbered, fc.nat({ max: 3 })).map(([order, drawn, numbered, ending]) => {
    const initial = 0;
    const log: { from: number; to: number; version: number }[] = [];
    const happenings: Happening[] = [];
    const setters = [0, 1, 2].map((by) => ({ by, moment: 0, name: '', to: 0, result: {} }));
    const consumers = [0, 1].map((by) => ({ by, next: undefined as number | undefined, ended: false }));
    const look = (consumer: { by: number; next: number | undefined; ended: boolean }): void => {
      consumer.next ??= late ? log.length : 0;
      const transition = log[consumer.next];
      if (transition === undefined || consumer.ended) return;
      consumer.next++;
      const { version, ...rest } = transition;
      happenings.push({ read: numbered ? { ...rest, version } : rest, by: consumer.by });
    };
    for (const [index, move] of order.entries()) {
      const setter = setters[move];
      if (setter === undefined) {
        look(consumers[move - 3]!);
        continue;
      }
      if (setter.moment === 0) {
        setter.name = `${setter.by}.${index}`;
        setter.to = drawn.next().value;
        happenings.push({ begin: setter.name, value: setter.to, by: setter.by });
      } else if (setter.moment === 1) {
        const from = log.at(-1)?.to ?? initial;
        const change = { from, to: setter.to, version: log.length + 1 };
        setter.result = from === setter.to ? false : numbered ? change : true;
        if (from !== setter.to) log.push(change);
      } else {
        happenings.push({ acknowledge: setter.name, result: setter.result });
      }
      setter.moment = (setter.moment + 1) % 3;
    }
    for (const consumer of consumers) {
      if (!allSeen && (ending & (consumer.by + 1)) !== 0) {
        consumer.ended = true;
        happenings.push({ read: { ended: true }, by: consumer.by });
      }
      while ((consumer.next ?? 0) < log.length && !consumer.ended) look(consumer);
    }
    return { initial, happenings };
  });
}
