import assert from 'node:assert/strict';
import { describe, expect, it } from 'vitest';
import type { CompiledScenario } from '../../instrument/compiled.js';
import type { AnyScenario } from '../../scenario/any-scenario.js';
import type { HistoryEvent } from '../../scenario/history.js';
import type { ThrownReport } from './thrown-report.js';
import { failureOfThrown, verdictOn } from './verdict.js';

/** A bundle of one line, which is that of the source. */
const compiled = {
  own: {
    fileName: 'bundle.js',
    sourceMap: JSON.stringify({ version: 3, sources: ['/project/a.scenario.ts'], names: [], mappings: 'AAAA' }),
  },
  packages: null,
} as unknown as CompiledScenario;

const history: HistoryEvent[] = [
  { kind: 'read', agent: 2, participant: { role: 'writer', index: 1 }, step: 7, value: 5 },
];
const judge = (scenario: AnyScenario, store: unknown = null): ReturnType<typeof verdictOn> =>
  verdictOn(scenario, store, history, compiled);

/** An error that the bundle threw. */
function thrownInBundle<Thrown extends Error>(error: Thrown): Thrown {
  error.stack = `${error.name}: ${error.message}\n    at check (bundle.js:1:1)\n    at judge (/harness/judge.js:3:4)`;
  return error;
}
const mappedFrame = '    at check (/project/a.scenario.ts:1:1)';

describe('verdictOn', () => {
  it('holds, with the name of its outcome, if nothing is found', () => {
    const outcomes = {
      of: ({ store, history: seen }: { store: unknown; history: readonly HistoryEvent[] }) =>
        `${String(store)}, ${seen.length}`,
      grades: { '4, 1': 'acceptable' },
    } as const;
    expect(judge({ outcomes }, 4)).toEqual({ failure: null, outcome: '4, 1' });
    expect(judge({})).toEqual({ failure: null, outcome: null });
  });

  it('is the violation of the invariant that does not hold, by the event that shows it, if one does', () => {
    const below = (bound: number): NonNullable<AnyScenario['invariants']> => ({
      'below it': ({ event }) => event?.kind !== 'read' || (event.value as number) < bound,
      'at the end': ({ store, final }) => !final || store === null,
    });
    expect(judge({ invariants: below(6) })).toEqual({ failure: null, outcome: null });
    expect(judge({ invariants: below(5) }).failure).toMatchObject({
      verdict: 'violation',
      invariant: 'below it',
      agent: 2,
      step: 7,
    });
    const { failure } = judge({ invariants: below(6) }, 1);
    expect(failure).toMatchObject({ verdict: 'violation', invariant: 'at the end' });
    expect(failure).not.toHaveProperty('agent');
  });

  it('is a violation where an outcome is forbidden, and has its name all the same', () => {
    const outcomes = { of: () => '0, 0', grades: { '0, 0': 'forbidden' } } as const;
    expect(judge({ outcomes })).toMatchObject({
      failure: { verdict: 'violation', invariant: 'outcomes' },
      outcome: '0, 0',
    });
  });

  it('has the stack of a failed assertion by the places in the sources', () => {
    const invariants = {
      asserting: () => {
        throw thrownInBundle(new assert.AssertionError({ actual: 1, expected: 2, operator: 'strictEqual' }));
      },
    };
    const { failure } = judge({ invariants });
    expect(failure).toMatchObject({ verdict: 'violation', invariant: 'asserting', expected: '2', found: '1' });
    expect(failure?.stack?.split('\n').at(-1)).toBe(mappedFrame);
  });

  it('is a crash if what judges throws, with the outcome if that was known by then', () => {
    const broken = (): never => {
      throw thrownInBundle(new TypeError('x is undefined'));
    };
    const outcomes = { of: () => 'seen', grades: {}, otherwise: 'acceptable' } as const;
    const crashed = judge({ outcomes, invariants: [{ name: 'broken', begin: () => ({ finish: broken }) }] });
    expect(crashed).toEqual({
      failure: {
        verdict: 'crash',
        message: 'an invariant threw: TypeError: x is undefined',
        stack: expect.stringContaining(mappedFrame) as string,
      },
      outcome: 'seen',
    });
    expect(judge({ outcomes: { ...outcomes, of: broken } })).toMatchObject({
      failure: { verdict: 'crash' },
      outcome: null,
    });
  });
});

describe('failureOfThrown', () => {
  const crash: ThrownReport = { name: 'Error', message: 'Error: no', stack: 'where' };
  const failed: ThrownReport = {
    ...crash,
    assertion: { expected: '2', found: '1', assertion: { difference: [] } },
  };

  it('is a crash of the agent, with its stack if there is one', () => {
    expect(failureOfThrown(crash, 3, 'reader', null)).toEqual({
      verdict: 'crash',
      message: 'Error: no',
      agent: 3,
      stack: 'where',
    });
    expect(failureOfThrown({ ...crash, stack: undefined }, 0, 'reader', null)).not.toHaveProperty('stack');
  });

  it.each([
    [1, 'reader', 'assertion in a writer'],
    // A writer’s thread may still have something to do by then.
    [1, 'after', 'assertion in a writer'],
    [0, 'reader', 'assertion in a reader'],
    [0, 'program', 'assertion in run'],
    [0, 'after', 'after'],
  ] as const)('is a violation if an assertion failed, named for where: on agent %i, %s', (agent, onMain, invariant) => {
    expect(failureOfThrown(failed, agent, onMain, null)).toEqual({
      verdict: 'violation',
      invariant,
      message: 'Error: no',
      expected: '2',
      found: '1',
      assertion: { difference: [] },
      agent,
      stack: 'where',
    });
  });

  it('says on a writer that the method it lacks was lost with the copy of the store', () => {
    class Counter {
      add(): void {
        // Its being there is all that counts.
      }
    }
    const missing = { ...crash, message: 'TypeError: store.counter.add is not a function' };
    const store = { counter: new Counter() };
    expect(failureOfThrown(missing, 1, 'reader', store).message).toMatch(
      /^TypeError: store\.counter\.add is not a function\nstore\.counter is a copy made by structuredClone/,
    );
    expect(failureOfThrown(missing, 0, 'reader', store).message).toBe(missing.message);
  });
});
