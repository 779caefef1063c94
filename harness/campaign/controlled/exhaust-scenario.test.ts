import { describe, expect, it } from 'vitest';
import { InterleavingCount } from '../interleaving-count.js';
import {
  deathSample,
  exploredSample,
  foundSample,
  PlayedSlot,
  scenarioSample,
  violationSample,
} from '../testing/doubles.js';
import type { ExhaustedPart, ExhaustiveState } from './exhaust-part.js';
import {
  exhaustScenario,
  type ExhaustiveOptions,
  type ExhaustiveProgress,
  type ExhaustiveResult,
} from './exhaust-scenario.js';
import { encodePlan } from './found-failure.js';
import type { ExhaustRequest, ExplorerReply } from './protocol.js';

const scenario = scenarioSample('a');
const shape = { estimatedSteps: 10, maximumAgents: 3 };
const state: ExhaustiveState = { combination: 0, tree: { path: [], chosen: [], isDone: false } };
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
      return { kind: 'exhausted', part: part(next), state: withState ? state : null, combinations: 2 };
    },
    explore: (request) => {
      if (request.kind !== 'explore') throw new Error('not asked for');
      return exploredSample(request, foundSample('0'));
    },
  });
  return { slot, asked };
}

function exhaust(slot: PlayedSlot, changes: Partial<ExhaustiveOptions> = {}): Promise<ExhaustiveResult> {
  return exhaustScenario(slot.slot, scenario, shape, {
    seed: 42,
    preemptions: null,
    executions: 1_000,
    deadline: Infinity,
    shrinkMs: 1_000,
    from: undefined,
    interleavings: new InterleavingCount(),
    isStopped: () => false,
    onProgress: () => undefined,
    wantsState: () => false,
    onState: () => undefined,
    onFound: () => undefined,
    ...changes,
  });
}

describe('exhaustScenario', () => {
  it('goes on part by part until all is done', async () => {
    const { slot, asked } = having({}, { interleavings: [3, 4, 5], isDone: true, fractionDone: 1 });
    const fractions: number[] = [];
    const result = await exhaust(slot, { onProgress: (_, __, fraction) => fractions.push(fraction) });
    expect(asked.map(({ from, executions }) => [from, executions])).toEqual([
      ['beginning', 1_000],
      [null, 996],
    ]);
    expect(fractions).toEqual([0.5, 1]);
    expect(result).toMatchObject({
      executions: 6,
      failure: null,
      isFinished: true,
      exhaustive: { interleavings: 5, isComplete: true, redundant: 2, lost: 0, combinations: 2, preemptions: null },
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
    let left = 2;
    const { slot, asked } = having({}, {}, {});
    const result = await exhaust(slot, { isStopped: () => left-- <= 0 });
    expect([asked.length, result.isFinished, result.problem]).toEqual([2, false, undefined]);
  });

  it('says where it is when it is asked to, and goes on from there', async () => {
    const { slot } = having({ uncovered: ['loops'] }, { isDone: true });
    const told: ExhaustiveProgress[] = [];
    await exhaust(slot, { wantsState: () => true, onState: (progress) => told.push(progress) });
    expect(told[0]).toEqual({ state, executions: 3, redundant: 1, lost: 0, combinations: 2, uncovered: ['loops'] });
    const again = having({ isDone: true, uncovered: [] });
    const result = await exhaust(again.slot, { from: told[0], executions: 10 });
    expect(again.asked).toEqual([expect.objectContaining({ from: state, executions: 10 })]);
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
      exhaust: () => ({ kind: 'exhausted', part: part({ executions: 0 }), state: null, combinations: null }),
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
        return { kind: 'exhausted', part: part({ isDone }), state: null, combinations: 1 };
      },
    });
    const result = await exhaust(slot);
    expect(slot.asked('exhaust').map(({ from }) => from)).toEqual(['beginning', null, 'beginning', null]);
    expect(result).toMatchObject({
      executions: 6,
      isFinished: true,
      notes: [expect.stringContaining('from the beginning')],
    });
  });
});
