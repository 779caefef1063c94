import { describe, expect, it } from 'vitest';
import { campaignPath } from '../chunks.js';
import { InterleavingCount } from '../interleaving-count.js';
import {
  deathSample,
  exploredSample,
  foundSample,
  PlayedSlot,
  scenarioSample,
  violationSample,
} from '../testing/doubles.js';
import type { TreeState } from '../../exhaustive/exploration-tree.js';
import type { ExhaustedPart, ExhaustiveState } from './exhaust-part.js';
import {
  executionsOf,
  exhaustScenario,
  type ExhaustiveOptions,
  type ExhaustiveProgress,
  type ExhaustiveResult,
} from './exhaust-scenario.js';
import { encodePlan } from './found-failure.js';
import type { ExhaustRequest, ExplorerReply } from './protocol.js';

const scenario = scenarioSample('a');
const shape = { estimatedSteps: 10, maximumAgents: 3 };
const beginning: ExhaustiveState = { combination: 0, tree: null };
const tree: TreeState = { path: [], chosen: [7], isDone: false };
const plan = {
  writers: 1,
  readers: 0,
  params: {},
  schedule: { order: [], preemptions: [], choices: [1], randomSeed: 0 },
};

const part = (changes: Partial<ExhaustedPart> = {}): ExhaustedPart => ({
  executions: 3,
  redundant: 1,
  lost: 0,
  uncovered: [],
  steps: 30,
  switches: 5,
  hadChoice: true,
  hadPoint: true,
  interleavings: [1, 2, 2],
  fractionDone: 0.5,
  isDone: false,
  failed: undefined,
  ...changes,
});

/** An explorer that has these parts, one after another. */
function having(...parts: readonly Partial<ExhaustedPart>[]): { slot: PlayedSlot; asked: ExhaustRequest[] } {
  const asked: ExhaustRequest[] = [];
  const slot = new PlayedSlot({
    exhaust: (request): ExplorerReply => {
      const { withState } = request as ExhaustRequest;
      const next = parts[asked.push(request as ExhaustRequest) - 1];
      return { kind: 'exhausted', part: part(next), tree: withState ? tree : null, combinations: 1 };
    },
    explore: (request) => {
      if (request.kind !== 'explore') throw new Error('not asked for');
      return exploredSample(request, foundSample('0'));
    },
  });
  return { slot, asked };
}

const optionsSample = (): ExhaustiveOptions => ({
  seed: 42,
  preemptions: null,
  executions: 1_000,
  deadline: Infinity,
  shrinkMs: 1_000,
  divides: true,
  shard: undefined,
  from: undefined,
  interleavings: new InterleavingCount(),
  isStopped: () => false,
  onProgress: () => undefined,
  wantsState: () => false,
  onState: () => undefined,
  onFound: () => undefined,
});

function exhaust(slot: PlayedSlot, changes: Partial<ExhaustiveOptions> = {}): Promise<ExhaustiveResult> {
  return exhaustScenario([slot.slot], scenario, shape, { ...optionsSample(), ...changes });
}

describe('exhaustScenario', () => {
  it('goes on part by part until all is done', async () => {
    const { slot, asked } = having({}, { interleavings: [3, 4, 5], isDone: true, fractionDone: 1 });
    const fractions: number[] = [];
    const result = await exhaust(slot, { onProgress: (_, __, fraction) => fractions.push(fraction) });
    expect(asked.map(({ from, executions }) => [from, executions])).toEqual([
      [beginning, 1_000],
      [null, 996],
    ]);
    expect(fractions).toEqual([0.5, 1]);
    expect(result).toMatchObject({
      executions: 6,
      failure: null,
      isFinished: true,
      exhaustive: { interleavings: 5, isComplete: true, redundant: 2, lost: 0, combinations: 1, preemptions: null },
    });
    expect(result).toMatchObject({ steps: 60, switches: 10, hadChoice: true, exhaustive: { uncovered: [] } });
  });

  it.each<[string, Partial<ExhaustiveOptions>, Partial<ExhaustedPart>]>([
    ['the executions are used up', { executions: 8 }, {}],
    ['the time is over', { deadline: -Infinity }, {}],
    ['an execution was lost', {}, { lost: 1, isDone: true }],
    ['timers were left', {}, { uncovered: ['timers'], isDone: true }],
    ['broadcast channels were opened', {}, { uncovered: ['loops', 'channels'], isDone: true }],
    ['there were more than can be counted', { interleavings: new InterleavingCount(1) }, { isDone: true }],
  ])('claims nothing if %s', async (_, options, last) => {
    const { slot } = having({}, last);
    expect(await exhaust(slot, options)).toMatchObject({ isFinished: false, exhaustive: { isComplete: false } });
  });

  it('claims nothing once it is stopped', async () => {
    const { slot, asked } = having({}, {}, {});
    const result = await exhaust(slot, { isStopped: () => asked.length >= 2 });
    expect([asked.length, result.isFinished, result.problem]).toEqual([2, false, undefined]);
  });

  it('says where it is when it is asked to, and goes on from there', async () => {
    const { slot } = having({ uncovered: ['loops'] }, { isDone: true });
    const told: ExhaustiveProgress[] = [];
    await exhaust(slot, { wantsState: () => true, onState: (progress) => told.push(progress) });
    const counts = { executions: 3, redundant: 1, lost: 0 };
    const kept = { combination: 0, tree, isDone: false, weight: 1, isWhole: true, ...counts };
    expect(told[0]).toEqual({ shares: [kept], givenUp: 0, combinations: 1, uncovered: ['loops'] });
    const again = having({ isDone: true, uncovered: [] });
    const result = await exhaust(again.slot, { from: told[0], executions: 10 });
    expect(again.asked).toEqual([expect.objectContaining({ from: { combination: 0, tree }, executions: 10 })]);
    expect(result).toMatchObject({
      executions: 3,
      exhaustive: { executions: 6, redundant: 2, isComplete: true, uncovered: ['loops'] },
    });
  });

  it('has a failure confirmed and shrunk from the schedule that it had', async () => {
    const { slot } = having({}, { failed: encodePlan(plan) });
    const found: number[] = [];
    const result = await exhaust(slot, { onFound: ({ executionsToFind }) => found.push(executionsToFind) });
    expect(slot.asked('explore')).toEqual([expect.objectContaining({ given: plan, executions: 1, shrinks: true })]);
    expect(result).toMatchObject({
      failure: { path: '0', executionsToFind: 6 },
      isFinished: true,
      exhaustive: { isComplete: false },
    });
  });

  it('explores nothing if there are too many combinations', async () => {
    const slot = new PlayedSlot({
      exhaust: () => ({ kind: 'exhausted', part: part({ executions: 0 }), tree: null, combinations: null }),
    });
    expect(await exhaust(slot)).toMatchObject({ executions: 0, isFinished: false, exhaustive: undefined });
  });

  it('says where it is once more before it gives up', async () => {
    const { slot, asked } = having({}, { executions: 0, redundant: 0, interleavings: [] });
    await exhaust(slot, { executions: 4, wantsState: (isLast) => isLast });
    expect(asked.map(({ executions, withState }) => [executions, withState])).toEqual([
      [4, false],
      [0, true],
    ]);
  });

  it.each([
    ['an execution, as its watchdog saw,', deathSample(violationSample({ verdict: 'hang' })), 1],
    ['something, twice,', deathSample(), 2],
  ])('says what to do if %s ends its process', async (_, death, requests) => {
    const slot = new PlayedSlot({
      exhaust: () => {
        throw death;
      },
    });
    const { problem, isFinished } = await exhaust(slot);
    expect([isFinished, problem?.message]).toEqual([false, expect.stringContaining('without --exhaustive')]);
    expect(slot.asked('exhaust')).toHaveLength(requests);
  });

  it('begins again if something else has ended its process', async () => {
    const slot: PlayedSlot = new PlayedSlot({
      exhaust: () => {
        if (slot.requests.length === 2) throw deathSample();
        const isDone = slot.requests.length === 4;
        return { kind: 'exhausted', part: part({ isDone }), tree: null, combinations: 1 };
      },
    });
    const result = await exhaust(slot);
    expect(slot.asked('exhaust').map(({ from }) => from)).toEqual([beginning, null, beginning, null]);
    expect(result).toMatchObject({
      executions: 6,
      isFinished: true,
      notes: [expect.stringContaining('explored again')],
    });
  });

  describe('with several explorers', () => {
    const tree = (agent: number): TreeState => ({ path: [], chosen: [agent], isDone: false, root: 0 });
    /** How a simulated explorer explores: executions until each share is done, and the one that fails, if one does. */
    interface Simulated {
      readonly combinations?: number;
      readonly trees?: readonly TreeState[];
      /** By what `chosen` says, or the combination: how many parts it takes, and whether it fails then. */
      readonly shares: Readonly<
        Record<string, { readonly parts: number; readonly fails?: boolean; readonly dies?: boolean }>
      >;
    }

    function simulate(count: number, { combinations = 1, trees = [], shares }: Simulated): PlayedSlot[] {
      return Array.from({ length: count }, () => {
        let name = '';
        let done = 0;
        return new PlayedSlot({
          divide: () => ({ kind: 'divided', trees, executions: 40 }),
          explore: (request) => {
            if (request.kind !== 'explore') throw new Error('not asked for');
            return exploredSample(request, foundSample(name));
          },
          exhaust: (request): ExplorerReply => {
            const { from, withState, executions } = request as ExhaustRequest;
            if (from !== null) [name, done] = [String(from.tree?.chosen[0] ?? from.combination), 0];
            const { parts, fails = false, dies = false } = shares[name]!;
            if (dies && executions > 0) throw deathSample(violationSample({ verdict: 'hang' }));
            const isDone = ++done >= parts && executions > 0;
            const failed = isDone && fails ? encodePlan(plan) : undefined;
            const more = { executions: Math.min(executions, 1_000), redundant: 0, isDone: isDone && !fails, failed };
            return { kind: 'exhausted', part: part(more), tree: withState ? tree(9) : null, combinations };
          },
        });
      });
    }

    const on = (slots: readonly PlayedSlot[], changes: Partial<ExhaustiveOptions> = {}): Promise<ExhaustiveResult> =>
      exhaustScenario(
        slots.map(({ slot }) => slot),
        scenario,
        shape,
        { ...optionsSample(), executions: 1_000_000, ...changes },
      );
    const begun = (slots: readonly PlayedSlot[]): (number | undefined)[] =>
      slots.flatMap((slot) => slot.asked('exhaust').flatMap(({ from }) => (from === null ? [] : [from.combination])));

    it('explores combinations side by side, each once', async () => {
      const shares = Object.fromEntries([0, 1, 2, 3, 4].map((name) => [name, { parts: 1 }]));
      const slots = simulate(2, { combinations: 5, shares });
      expect(await on(slots)).toMatchObject({
        isFinished: true,
        exhaustive: { isComplete: true, executions: 5_000, redundant: 0, fractionDone: 1, combinations: 5 },
      });
      expect(begun(slots).sort()).toEqual([0, 1, 2, 3, 4]);
      for (const slot of slots) expect(slot.asked('exhaust').length).toBeGreaterThan(1);
    });

    it('divides a combination that takes long, and gives up what was done of it', async () => {
      const shares = { 0: { parts: 9 }, 1: { parts: 1 }, 2: { parts: 1 }, 3: { parts: 1 } };
      const slots = simulate(2, { trees: [tree(1), tree(2), tree(3)], shares });
      expect(await on(slots)).toMatchObject({
        isFinished: true,
        executions: 3_000,
        exhaustive: { isComplete: true, executions: 3_000, redundant: 2_040, fractionDone: 1 },
      });
      expect(slots.flatMap((slot) => slot.asked('divide'))).toHaveLength(1);
    });

    it('goes on with what cannot be divided, or must not be', async () => {
      const shares = { 0: { parts: 9 } };
      for (const changes of [{}, { divides: false }, { preemptions: 2 }]) {
        const slots = simulate(2, { shares });
        expect(await on(slots, changes)).toMatchObject({ exhaustive: { isComplete: true, executions: 9_000 } });
        expect(begun(slots)).toEqual([0]);
        expect(slots[0]!.asked('divide')).toHaveLength(Object.keys(changes).length === 0 ? 1 : 0);
      }
    });

    it.each([1, 2, 3])('reports the failure of the first share that has one, with %i', async (count) => {
      const shares = { 0: { parts: 1 }, 1: { parts: 3, fails: true }, 2: { parts: 1, fails: true }, 3: { parts: 1 } };
      const slots = simulate(count, { combinations: 4, shares });
      const result = await on(slots);
      expect(result).toMatchObject({ isFinished: true, exhaustive: { isComplete: false } });
      expect(result.failure?.path).toBe(campaignPath(0, '1'));
      expect(result.failure?.executionsToFind).toBe(4_000);
    });

    it('counts what it performed itself, although what an earlier run began is divided', async () => {
      const shares = { 0: { parts: 9 }, 1: { parts: 1 }, 2: { parts: 1 } };
      const counts = { executions: 1_500, redundant: 0, lost: 0 };
      const kept = { combination: 0, tree: null, isDone: false, weight: 1, isWhole: true, ...counts };
      const from = { shares: [kept], givenUp: 0, combinations: 1, uncovered: [] };
      const result = await on(simulate(1, { trees: [tree(1), tree(2)], shares }), { from });
      expect(result).toMatchObject({ executions: 2_000, isFinished: true });
      expect(result.exhaustive).toMatchObject({ executions: 2_000, redundant: 2_040 });
    });

    it.each([1, 2, 3])('lets earlier shares fail if one ends its process, with %i', async (count) => {
      const late = { 1: { parts: 1, dies: true }, 2: { parts: 1, fails: true } };
      const found = await on(simulate(count, { combinations: 3, shares: { 0: { parts: 5, fails: true }, ...late } }));
      expect([found.failure?.path, found.problem]).toEqual([campaignPath(0, '0'), undefined]);
      const ended = await on(simulate(count, { combinations: 3, shares: { 0: { parts: 5 }, ...late } }));
      expect([ended.failure, ended.isFinished]).toEqual([null, false]);
      expect(ended.problem?.message).toContain('without --exhaustive');
    });

    it('is done when all is, to the last bit', async () => {
      const shares = { ...Object.fromEntries([0, 1, 2].map((name) => [name, { parts: 9 }])), 5: { parts: 1 } };
      const trees = Array.from({ length: 7 }, () => tree(5));
      const { exhaustive } = await on(simulate(2, { combinations: 3, trees, shares }));
      expect(exhaustive).toMatchObject({ isComplete: true, fractionDone: 1 });
    });

    it('keeps how far it came although nothing was under way at its end', async () => {
      const told: ExhaustiveProgress[] = [];
      const slots = simulate(1, { trees: [tree(1), tree(2)], shares: { 0: { parts: 9 } } });
      const keep = { wantsState: (isLast: boolean) => isLast, onState: (one: ExhaustiveProgress) => told.push(one) };
      expect(await on(slots, { executions: 2_000, ...keep })).toMatchObject({ executions: 2_000, isFinished: false });
      expect(told.at(-1)).toMatchObject({ givenUp: 2_040, shares: [{ tree: tree(1) }, { tree: tree(2) }] });
    });

    it('divides after as many executions without a limit', async () => {
      const slots = simulate(2, {
        trees: [tree(1), tree(2)],
        shares: { 0: { parts: 9 }, 1: { parts: 3 }, 2: { parts: 3 } },
      });
      const { exhaustive } = await on(slots, { executions: Infinity });
      expect(exhaustive).toMatchObject({ isComplete: true, redundant: 2_040 });
      for (const { executions } of slots.flatMap((slot) => slot.asked('exhaust'))) expect(executions).toBeLessThan(2e6);
    });

    it('goes on from the shares of an earlier run, and counts them together', async () => {
      const shares = { 0: { parts: 1 }, 1: { parts: 50 }, 2: { parts: 50 }, 9: { parts: 1 } };
      const told: ExhaustiveProgress[] = [];
      const stopped = simulate(2, { combinations: 3, shares });
      await on(stopped, { executions: 2_000, wantsState: () => true, onState: (progress) => told.push(progress) });
      const from = told.at(-1)!;
      expect(from.shares).toHaveLength(3);
      const result = await on(simulate(2, { combinations: 3, shares }), { from });
      expect(result).toMatchObject({ isFinished: true, exhaustive: { isComplete: true } });
      const again = from.shares.filter(({ isDone }) => !isDone).length;
      expect(again).toBeGreaterThan(0);
      expect(result.exhaustive?.executions).toBe(executionsOf(from) + result.executions);
    });

    it('explores in each shard what the others leave out, divided alike', async () => {
      const shares = Object.fromEntries([0, 1, 2, 3, 4, 5].map((name) => [name, { parts: 1 }]));
      const trees = [tree(3), tree(4), tree(5)];
      const explored = async (index: number, count: number): Promise<unknown[]> => {
        const slots = simulate(2, { combinations: 2, trees, shares });
        const result = await on(slots, { shard: { index, count } });
        expect(result).toMatchObject({ isFinished: true, exhaustive: { shard: `${index}/${count}`, fractionDone: 1 } });
        return slots.flatMap((slot) =>
          slot.asked('exhaust').flatMap(({ from, executions }) => (from === null || executions === 0 ? [] : [from])),
        );
      };
      const all = [0, 1].flatMap((combination) => trees.map((one) => ({ combination, tree: one })));
      for (const count of [1, 2, 4, 9]) {
        const parts = await Promise.all(Array.from({ length: count }, (_, place) => explored(place + 1, count)));
        const found = parts.flat();
        expect(found).toHaveLength(all.length);
        expect(found).toEqual(expect.arrayContaining(all));
      }
    });

    it('never performs more than it may', async () => {
      for (const executions of [1, 7, 1_500, 2_500]) {
        const shares = Object.fromEntries([0, 1, 2, 3].map((name) => [name, { parts: 100 }]));
        const { executions: performed, isFinished } = await on(simulate(3, { combinations: 4, shares }), {
          executions,
        });
        expect([executions, performed > 0 && performed <= executions, isFinished]).toEqual([executions, true, false]);
      }
    });
  });
});
