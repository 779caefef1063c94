import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mutualExclusion } from './mutual-exclusion.js';
import { told, type Happening } from './testing/told.js';

const enter = (name: string, by: number, value: unknown = 'lock'): Happening => ({ begin: name, value, by });
const leave = (name: string): Happening => ({ acknowledge: name });

describe('mutualExclusion', () => {
  it('is called mutualExclusion', () => expect(mutualExclusion().name).toBe('mutualExclusion'));

  it('holds when sections follow one another', () => {
    expect(
      told(mutualExclusion(), null, [enter('a', 0), leave('a'), enter('b', 1), leave('b'), enter('c', 0), leave('c')]),
    ).toBe('holds');
    expect(told(mutualExclusion(), null, [])).toBe('holds');
  });

  it('tells who entered, and who was inside', () => {
    expect(told(mutualExclusion(), null, [enter('a', 1), enter('b', 0)])).toBe(
      'no participant to enter the section of "lock" while writer 1 is inside | writer 0 entered it too',
    );
    expect(told(mutualExclusion(), null, [enter('a', 1), enter('b', 1)])).toBe(
      'no participant to enter the section of "lock" while writer 1 is inside | writer 1 entered it again',
    );
  });

  it('tells of the overlap at once, even if the first leaves right after', () => {
    expect(told(mutualExclusion(), null, [enter('a', 0), enter('b', 1), leave('a'), leave('b')])).toContain(
      'writer 1 entered it too',
    );
  });

  it('compares sections of one name', () => {
    const happenings = [enter('a', 0, 'left'), enter('b', 1, 'right'), leave('a')];
    expect(told(mutualExclusion(), null, happenings)).toBe('holds');
    expect(told(mutualExclusion(), null, [...happenings, enter('c', 0, 'right')])).toBe(
      'no participant to enter the section of "right" while writer 1 is inside | writer 0 entered it too',
    );
    expect(told(mutualExclusion(), null, [enter('a', 0, { row: 1 }), enter('b', 1, { row: 1 })])).toContain(
      'the section of {row: 1}',
    );
  });

  it('lets somebody be inside at the end', () => {
    expect(told(mutualExclusion(), null, [enter('a', 0), leave('a'), enter('b', 1)])).toBe('holds');
  });

  it('takes a section without a name for one too', () => {
    const nameless: Happening[] = [{ begin: 'a' }, { begin: 'b', by: 1 }];
    expect(told(mutualExclusion(), null, nameless)).toBe(
      'no participant to enter the section while writer 0 is inside | writer 1 entered it too',
    );
    expect(told(mutualExclusion(), null, [nameless[0]!, leave('a'), nameless[1]!])).toBe('holds');
  });

  it('passes over reads, and over writes that are no sections', () => {
    const named = mutualExclusion({ section: (value: { lock?: string }) => value.lock });
    const happenings: Happening[] = [enter('a', 0, { lock: 'x' }), enter('b', 1, {}), enter('c', 2, {}), leave('b')];
    expect(told(named, null, [...happenings, { read: { lock: 'x' } }])).toBe('holds');
    expect(told(named, null, [...happenings, enter('d', 1, { lock: 'x' })])).toContain('while writer 0 is inside');
  });

  it('begins anew for each execution', () => {
    const invariant = mutualExclusion();
    for (let execution = 0; execution < 3; execution++) expect(told(invariant, null, [enter('a', 0)])).toBe('holds');
  });

  it('gives no false alarm over a perfect lock', () => {
    // Parties take turns in any order: the one with the turn enters if the lock is free, leaves if it has it, otherwise waits.
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 1 })), { maxLength: 40 }), (turns) => {
        const holders = new Map<number, { readonly by: number; readonly name: string }>();
        const happenings: Happening[] = [];
        for (const [turn, [by, lock]] of turns.entries()) {
          const holder = holders.get(lock);
          if (holder === undefined) {
            holders.set(lock, { by, name: String(turn) });
            happenings.push(enter(String(turn), by, lock));
          } else if (holder.by === by) {
            holders.delete(lock);
            happenings.push(leave(holder.name));
          }
        }
        expect(told(mutualExclusion(), null, happenings)).toBe('holds');
      }),
    );
  });
});
