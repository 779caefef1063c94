import assert from 'node:assert/strict';
import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../scenario/history.js';
import { invariant, type Invariant } from '../../scenario/invariant.js';
import { judgeHistory } from './judge.js';

const read = (value: unknown, step: number): HistoryEvent => ({
  kind: 'read',
  agent: 0,
  participant: { role: 'reader', index: 0 },
  step,
  value,
});
const history = [read(1, 1), read(2, 2), read(1, 3)];

describe('judgeHistory', () => {
  it('hears checks that look at events alone, in order', () => {
    const rising = (): Invariant<unknown> => {
      let last = 0;
      return invariant('rising', ({ event }) => {
        if (event?.kind !== 'read') return true;
        const found = event.value as number;
        const rises = found >= last;
        last = found;
        return rises || { expected: 'at least 2', found: String(found) };
      });
    };
    expect(judgeHistory([rising()], history, null)).toEqual({
      invariant: 'rising',
      event: history[2],
      expected: 'at least 2',
      found: '1',
    });
    expect(judgeHistory([rising()], history.slice(0, 2), null)).toBeUndefined();
  });

  it('does not hear what a check says of a store that has moved on, except at the end', () => {
    const atMostOne = invariant<{ count: number }>(
      'at most one',
      ({ store }) => store.count <= 1,
    ) as Invariant<unknown>;
    expect(judgeHistory([atMostOne], history, { count: 1 })).toBeUndefined();
    expect(judgeHistory([atMostOne], history, { count: 2 })).toMatchObject({
      invariant: 'at most one',
      event: undefined,
    });
    const swallowing = invariant<object>('swallowing', ({ store, final }) => {
      try {
        return final || 'count' in store;
      } catch {
        return false;
      }
    }) as Invariant<unknown>;
    expect(judgeHistory([swallowing], history, {})).toBeUndefined();
  });

  it('an assertion that fails in an invariant is its violation, unless it is about a store that has moved on', () => {
    const asserting = invariant<{ count: number }>('asserting', (asked) => {
      const { event } = asked;
      if (event === undefined) assert.equal(asked.store.count, 1);
      else assert.notEqual(event.kind === 'read' && event.value, 3);
      return true;
    }) as Invariant<unknown>;
    expect(judgeHistory([asserting], history, { count: 1 })).toBeUndefined();
    const thrown: unknown = expect.any(assert.AssertionError);
    expect(judgeHistory([asserting], history, { count: 2 })).toMatchObject({ event: undefined, thrown });
    const third = [...history, read(3, 4)];
    expect(judgeHistory([asserting], third, { count: 1 })).toMatchObject({ event: third[3], thrown });
    const looking = invariant<{ count: number }>('looking', ({ store, final }) => {
      try {
        return final || store.count > 0;
      } catch {
        return assert.fail('it is not known');
      }
    }) as Invariant<unknown>;
    expect(judgeHistory([looking], history, { count: 1 })).toBeUndefined();
    const begun: Invariant<unknown> = { name: 'begun', begin: () => ({ finish: () => assert.fail('at the end') }) };
    expect(judgeHistory([begun], history, null)).toMatchObject({ invariant: 'begun', found: 'at the end' });
  });

  it('asks learn before observe, and review before either', () => {
    const asked: string[] = [];
    const checker = (names: readonly string[]): Invariant<unknown> => ({
      name: 'spy',
      begin: () => Object.fromEntries(names.map((name) => [name, (): undefined => void asked.push(name)])),
    });
    judgeHistory([checker(['observe', 'finish'])], history.slice(0, 1), null);
    judgeHistory([checker(['observe', 'learn', 'finish'])], history.slice(0, 1), null);
    judgeHistory([checker(['observe', 'learn', 'review'])], history.slice(0, 1), null);
    expect(asked).toEqual(['observe', 'finish', 'learn', 'finish', 'review']);
  });
});
