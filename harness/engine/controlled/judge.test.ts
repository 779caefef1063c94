import assert from 'node:assert/strict';
import { beforeEach, describe, expect, it } from 'vitest';
import { Kernel } from '../../kernel/kernel.js';
import { memory, plainSchedule, PlayedTurnstile, wideLimits } from '../../kernel/testing/agents.js';
import type { HistoryEvent } from '../../scenario/history.js';
import type { Invariant, InvariantChecker } from '../../scenario/invariant.js';
import { HistoryLog } from './history-log.js';
import { Judge } from './judge.js';

const reader = { role: 'reader', index: 0 } as const;
const kernels = [0, 1].map((agent) => new Kernel(memory, agent, new PlayedTurnstile()));
let logs: HistoryLog[] = [];
let calls: string[] = [];

beforeEach(() => {
  kernels[0]!.begin(plainSchedule, 2, wideLimits);
  logs = kernels.map((kernel) => new HistoryLog(kernel));
  calls = [];
});

const noting = (name: string, more: Partial<InvariantChecker<unknown>> = {}): Invariant<unknown> => ({
  name,
  begin: () => ({
    observe: (event, { store, history }) => {
      calls.push(`${name} observes ${String(event.value)} with ${String(store)} after ${String(history.length)}`);
      return event.value === 'bad' ? { expected: 'good', found: 'bad' } : undefined;
    },
    learn: (event) => {
      calls.push(`${name} learns ${String(event.value)}`);
    },
    finish: ({ store, history }) => {
      calls.push(`${name} finishes with ${String(store)} after ${String(history.length)}`);
      return undefined;
    },
    ...more,
  }),
});
const record = (agent: number, value: unknown): void => {
  logs[agent]!.append('read', reader, 0, value);
};

describe('Judge', () => {
  it('judges though the program has changed how arrays are iterated', () => {
    const judge = new Judge([noting('one'), noting('two')], logs[0]!, 'store', 0);
    record(0, 'good');
    const iterate = Object.getOwnPropertyDescriptor(Array.prototype, Symbol.iterator)!;
    let found: unknown;
    let finished: unknown;
    Object.defineProperty(Array.prototype, Symbol.iterator, { ...iterate, value: undefined });
    try {
      found = judge.observe();
      finished = judge.finish();
    } finally {
      Object.defineProperty(Array.prototype, Symbol.iterator, iterate);
    }
    expect([found, finished]).toEqual([undefined, undefined]);
    expect(calls).toEqual([
      'one observes good with store after 1',
      'two observes good with store after 1',
      'one finishes with store after 1',
      'two finishes with store after 1',
    ]);
  });

  it('an assertion that fails in an invariant is its violation, at the event that it was asked about', () => {
    const failing = (name: string, value: unknown): Invariant<unknown> =>
      noting(name, {
        observe: (event) => {
          assert.notEqual(event.value, value);
          return undefined;
        },
        finish: () => assert.fail(`${name} at the end`),
      });
    const judge = new Judge([noting('fine'), failing('asserting', 'bad')], logs[0]!, 'store', 0);
    record(0, 'good');
    expect(judge.observe()).toBeUndefined();
    expect(judge.finish()).toMatchObject({ invariant: 'asserting', event: undefined, found: 'asserting at the end' });
    record(0, 'bad');
    expect(new Judge([failing('asserting', 'bad')], logs[0]!, 'store', 0).finish()).toMatchObject({
      invariant: 'asserting',
      event: { value: 'bad' },
      thrown: expect.any(assert.AssertionError) as unknown,
    });
    const broken = noting('broken', {
      observe: () => undefined,
      finish: () => {
        throw new TypeError('no assertion');
      },
    });
    expect(() => new Judge([broken], logs[0]!, 'store', 0).finish()).toThrow('no assertion');
  });

  it('observes the events of its own agent and learns of the others', () => {
    const judge = new Judge([noting('law')], logs[0]!, 'store', 0);
    record(1, 'theirs');
    record(0, 'mine');
    expect(judge.observe()).toBeUndefined();
    expect(calls).toEqual(['law learns theirs', 'law observes mine with store after 2']);
  });

  it('sees each event once', () => {
    const judge = new Judge([noting('law')], logs[0]!, 'store', 0);
    record(0, 1);
    judge.observe();
    judge.observe();
    record(0, 2);
    judge.observe();
    expect(calls).toHaveLength(2);
  });

  it('observes all events where an invariant does not tell them apart', () => {
    const checker = noting('law').begin();
    Reflect.deleteProperty(checker, 'learn');
    const judge = new Judge([{ name: 'law', begin: () => checker }], logs[0]!, 'store', 0);
    record(1, 'theirs');
    judge.observe();
    expect(calls).toEqual(['law observes theirs with store after 1']);
  });

  it('does not blame an agent for what another has recorded', () => {
    record(1, 'bad');
    expect(new Judge([noting('law')], logs[0]!, 'store', 0).observe()).toBeUndefined();
    expect(new Judge([noting('law')], logs[1]!, 'store', 1).observe()).toMatchObject({
      invariant: 'law',
      expected: 'good',
      found: 'bad',
      event: expect.objectContaining({ agent: 1 }) as HistoryEvent,
    });
  });

  it('stops at the first violation, in the order of the invariants', () => {
    const judge = new Judge([noting('first'), noting('second')], logs[0]!, 'store', 0);
    record(0, 'bad');
    record(0, 'bad');
    expect(judge.observe()?.invariant).toBe('first');
    expect(calls).toHaveLength(1);
  });

  it('judges what it has not seen before it judges the end', () => {
    const judge = new Judge([noting('law')], logs[0]!, 'store', 0);
    record(0, 'bad');
    expect(judge.finish()?.event).toBeDefined();
    expect(calls).toHaveLength(1);
  });

  it('a violation that only the end shows has no event', () => {
    const finish = () => ({ expected: 'a', found: 'b' });
    const judge = new Judge([noting('fine'), noting('law', { finish })], logs[0]!, 'store', 0);
    record(1, 'theirs');
    expect(judge.finish()).toEqual({ invariant: 'law', event: undefined, expected: 'a', found: 'b' });
    expect(calls).toEqual(['fine learns theirs', 'law learns theirs', 'fine finishes with store after 1']);
  });

  it('begins each invariant afresh', () => {
    let begun = 0;
    const invariant: Invariant<unknown> = { name: 'counts', begin: () => ({ finish: () => (++begun, undefined) }) };
    new Judge([invariant], logs[0]!, null, 0).finish();
    new Judge([invariant], logs[0]!, null, 0).finish();
    expect(begun).toBe(2);
    expect(new Judge([], logs[0]!, null, 0).finish()).toBeUndefined();
  });
});
