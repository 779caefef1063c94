import { expect, expectTypeOf, it } from 'vitest';
import { invariantsOf, type AnyScenario } from './any-scenario.js';
import { scenario } from './define.js';
import type { HistoryEvent } from './history.js';
import { invariant, type Moment } from './invariant.js';
import { validateScenario } from './validate.js';

const moment: Moment<unknown> = { store: [1], history: [] };

it('what the store is follows from store, and is undefined without one', () => {
  scenario({
    name: 'with a store',
    store: () => ({ words: new Int32Array(new SharedArrayBuffer(4)) }),
    writers: {
      count: 1,
      run({ store }) {
        expectTypeOf(store.words).toExtend<Int32Array>();
      },
    },
    invariants: {
      inline: ({ store, final }) => {
        expectTypeOf(store.words).toExtend<Int32Array>();
        return final || store.words[0] === 0;
      },
    },
  });
  const without = scenario({
    name: 'without a store',
    readers: {
      count: 1,
      run({ store }) {
        expectTypeOf(store).toEqualTypeOf<undefined>();
      },
    },
  });
  expect(validateScenario(without, 'a.scenario.ts')).toBe(without);
});

it('a program knows the types of the store and the parameters, and has no index', () => {
  const program = scenario({
    params: { amounts: [1, 2] },
    store: () => ({ total: 0 }),
    async run(context) {
      expectTypeOf(context).not.toHaveProperty('index');
      expectTypeOf(context).not.toHaveProperty('workers');
      expectTypeOf(context.params.amounts).toEqualTypeOf<readonly [1, 2]>();
      context.store.total += 1;
      await context.pause();
    },
    after: ({ store }) => expectTypeOf(store).toEqualTypeOf<{ total: number }>(),
  });
  expect(validateScenario(program, 'a.scenario.ts')).toBe(program);
});

it('after knows the types of the store, the parameters and the history', () => {
  const made = scenario({
    name: 'after',
    params: { rounds: 3, word: 'x' },
    store: () => ({ words: new Int32Array(new SharedArrayBuffer(4)) }),
    writers: { count: 1, run: () => undefined },
    async after({ store, params, history, writers, readers }) {
      expectTypeOf(store.words).toExtend<Int32Array>();
      expectTypeOf(params.rounds + writers + readers).toEqualTypeOf<number>();
      expectTypeOf(history).toEqualTypeOf<readonly HistoryEvent[]>();
      await Promise.resolve();
    },
  });
  expect(validateScenario(made, 'a.scenario.ts')).toBe(made);
  scenario({
    readers: { count: 1, run: () => undefined },
    after: ({ store }) => expectTypeOf(store).toEqualTypeOf<undefined>(),
  });
  const message = 'a.scenario.ts: after: found an object, expected a function after({ store, history, ... })';
  expect(() => validateScenario({ ...made, after: {} }, 'a.scenario.ts')).toThrow(message);
});

it('invariants by name are those of a list', () => {
  const check = ({ store }: { readonly store: unknown }): boolean => Array.isArray(store) && store.length > 1;
  const readers = { count: 1, run: () => undefined };
  const named = { name: 'a', readers, invariants: { long: check, other: invariant('replaced', check) } };
  const list = { name: 'a', readers, invariants: [invariant('long', check), invariant('other', check)] };
  const told = (one: AnyScenario): unknown =>
    invariantsOf(validateScenario(one, 'a.scenario.ts')).map((one) => [one.name, one.begin().finish?.(moment)]);
  expect(told(named)).toMatchObject([
    ['long', { found: 'the check returned false' }],
    ['other', {}],
  ]);
  expect((told(named) as unknown[]).map((one) => (one as unknown[])[0])).toEqual(['long', 'other']);
  expect((told(list) as unknown[]).map((one) => (one as unknown[])[0])).toEqual(['long', 'other']);
  expect(validateScenario({ ...named, expect: { verdict: 'violation', invariant: 'long' } }, 'a')).toBeDefined();
});

it('an assertion outside of an invariant can be expected by its name, where it can fail', () => {
  const expecting = (invariant: string, fields: object): unknown =>
    validateScenario({ name: 'a', ...fields, expect: { verdict: 'violation', invariant } }, 'a.scenario.ts');
  const part = { count: 1, run: () => undefined };
  expect(expecting('after', { readers: part, after: () => undefined })).toBeDefined();
  expect(expecting('assertion in a writer', { writers: part })).toBeDefined();
  expect(expecting('assertion in a reader', { readers: part })).toBeDefined();
  expect(expecting('assertion in run', { run: () => undefined })).toBeDefined();
  expect(() => expecting('after', { writers: part })).toThrow(
    'a.scenario.ts: expect.invariant: found "after", expected one of assertion in a writer',
  );
});

it.each<[string, unknown, string]>([
  [
    'a number',
    1,
    'a.scenario.ts: invariants: found 1, expected an array of invariants, or an object with a named check in each property',
  ],
  ['a number in a list', [1], 'a.scenario.ts: invariants.0: found 1, expected an invariant'],
  ['a number by name', { positive: 1 }, 'a.scenario.ts: invariants.positive: found 1, expected a check'],
])('%s is no invariants', (_, invariants, message) => {
  const readers = { count: 1, run: () => undefined };
  expect(() => validateScenario({ name: 'a', readers, invariants }, 'a.scenario.ts')).toThrow(message);
});
