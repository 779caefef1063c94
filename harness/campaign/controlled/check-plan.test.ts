import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeParams, encodeParams } from '../../results/params.js';
import type { AnyScenario } from '../../scenario/any-scenario.js';
import type { Plan } from '../../schedule/schedule.js';
import { planProblem } from './check-plan.js';
import { inputsArbitrary } from './inputs-arbitrary.js';

const schedule = { order: [], preemptions: [], choices: [], randomSeed: 0 };

function scenarioWith(changes: Partial<AnyScenario>): AnyScenario {
  return { name: 'a', store: () => 0, writers: { count: 2, run: () => undefined }, ...changes };
}

const planWith = (changes: Partial<Plan> = {}): Plan => ({ writers: 2, readers: 0, params: {}, schedule, ...changes });

/** Arbitraries of all kinds of parameters, rare ones among them. */
const declarations: Readonly<Record<string, unknown>> = {
  count: fc.integer({ min: 1, max: 3 }),
  large: fc.bigInt(),
  flag: fc.boolean(),
  maybe: fc.option(fc.string(), { nil: undefined }),
  seldom: fc.option(fc.nat(), { nil: null, freq: 30 }),
  list: fc.array(fc.nat()),
  bytes: fc.uint8Array(),
  map: fc.array(fc.tuple(fc.string(), fc.nat())).map((entries) => new Map(entries)),
  record: fc.record({ a: fc.nat() }),
  any: fc.anything({ withBigInt: true, withMap: true, withDate: true, withTypedArray: true }),
  date: fc.date(),
  fixed: 5,
  setup: { a: new Set([1]), buffer: new Float64Array(3) },
};

const anyScenario = fc
  .record({
    params: fc.subarray(Object.keys(declarations)),
    writers: fc.constantFrom<unknown>(1, 3, fc.integer({ min: 1, max: 64 })),
    readers: fc.constantFrom<unknown>(undefined, 1, fc.integer({ min: 1, max: 1_000 })),
  })
  .map(({ params, writers, readers }) =>
    scenarioWith({
      params: Object.fromEntries(params.map((name) => [name, declarations[name]])),
      writers: { count: writers as number, run: () => undefined },
      ...(readers === undefined ? {} : { readers: { count: readers as number, run: () => undefined } }),
    }),
  );

describe('planProblem', () => {
  it('accepts whatever the scenario draws, as it comes back from a file', () => {
    const drawn = anyScenario.chain((scenario) => fc.tuple(fc.constant(scenario), inputsArbitrary(scenario)));
    fc.assert(
      fc.property(drawn, ([scenario, inputs]) => {
        const params = decodeParams(JSON.parse(JSON.stringify(encodeParams(inputs.params))) as Record<string, unknown>);
        expect(planProblem({ ...inputs, params, schedule }, scenario)).toBeUndefined();
      }),
    );
  });

  it('refuses every count that the scenario cannot have', () => {
    const count = fc.oneof(fc.integer(), fc.integer({ min: -2, max: 70 }), fc.double());
    fc.assert(
      fc.property(count, fc.constantFrom('fixed', 'drawn'), (found, kind) => {
        const declared = kind === 'fixed' ? 3 : fc.integer({ min: 1, max: 5 });
        const fits = kind === 'fixed' ? found === 3 : Number.isInteger(found) && found >= 1 && found <= 64;
        const scenario = scenarioWith({ writers: { count: declared, run: () => undefined } });
        expect(planProblem(planWith({ writers: found }), scenario) === undefined).toBe(fits);
        expect(planProblem(planWith({ readers: found }), scenarioWith({})) === undefined).toBe(found === 0);
      }),
    );
  });

  it.each<[what: string, declared: Record<string, unknown>, saved: Record<string, unknown>, problem: RegExp]>([
    ['a parameter more', {}, { a: 1 }, /it has a parameter "a", which the scenario does not have/],
    ['what objects inherit', {}, { constructor: 1 }, /it has a parameter "constructor"/],
    ['a parameter less', { a: fc.nat() }, {}, /it lacks the parameter "a"/],
    ['another kind', { a: fc.nat() }, { a: [1] }, /its parameter "a" is a list, but in the scenario it is a number/],
    [
      'another than two kinds',
      { a: fc.option(fc.nat()) },
      { a: '1' },
      /is a string, but in the scenario it is (a number or null|null or a number)/,
    ],
    ['another fixed kind', { a: [1] }, { a: new Map() }, /is a Map, but in the scenario it is a list/],
  ])('refuses %s', (_, declared, saved, problem) => {
    const found = planProblem(planWith({ params: saved }), scenarioWith({ params: declared }));
    expect(found).toMatch(problem);
    expect(found).toMatch(/^no longer fits its scenario: .* delete this file\.$/);
  });
});
