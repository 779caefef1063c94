import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HarnessError } from '../../errors.js';
import { campaignPath, chunkExecutions, chunkNumber, chunkSeed, executionsUpTo } from '../chunks.js';
import { InterleavingCount } from '../interleaving-count.js';
import {
  deathSample,
  exploredSample,
  foundSample,
  PlayedSlot,
  scenarioSample,
  sessionSample,
  violationSample,
} from '../testing/doubles.js';
import {
  exploreScenario,
  measureShape,
  shrinkMsOf,
  type ExplorationOptions,
  type ExplorationResult,
} from './explore-scenario.js';
import { encodeFailure } from './found-failure.js';
import type { ExplorerReply, ExploreRequest } from './protocol.js';

const scenario = scenarioSample('a', { maximumWriters: 3 });
const range = { repetition: 1, shardIndex: 0, shardCount: 2 };

function explore(slots: readonly PlayedSlot[], changes: Partial<ExplorationOptions> = {}): Promise<ExplorationResult> {
  return exploreScenario(
    sessionSample(slots).session.pool,
    scenario,
    { estimatedSteps: 10, maximumAgents: 4 },
    {
      seed: 42,
      strategy: 'mix',
      range,
      executions: 2 * 10 * chunkExecutions,
      deadline: Infinity,
      shrinkMs: 1_000,
      interleavings: new InterleavingCount(),
      isStopped: () => false,
      onProgress: () => undefined,
      onFound: () => undefined,
      ...changes,
    },
  );
}

/** Which chunk of the range it is that is asked for. */
function indexOf({ seed }: ExploreRequest): number {
  for (let index = 0; ; index++) if (chunkSeed(42, chunkNumber(range, index)) === seed) return index;
}

const asExplore = (request: { readonly kind: string }): ExploreRequest => request as ExploreRequest;

/** A slot that does what it is asked for by chunks. */
const exploring = (answer: (index: number, request: ExploreRequest, slot: PlayedSlot) => unknown): PlayedSlot => {
  const slot: PlayedSlot = new PlayedSlot({
    explore: async (request, _, tell) => {
      const asked = asExplore(request);
      const index = indexOf(asked);
      const fails = await answer(index, asked, slot);
      if (fails !== true) return exploredSample(asked);
      const failure = foundSample('7:1');
      tell({ kind: 'found', invocation: 8, executions: 8, failure: encodeFailure(failure) });
      // Time passes until it is as small as can be.
      await Promise.resolve();
      return { ...exploredSample(asked, failure), executions: 8 };
    },
  });
  return slot;
};

describe('measureShape', () => {
  it('asks an explorer, and counts the main agent', async () => {
    const slot = new PlayedSlot({
      probe: () => ({
        kind: 'probed',
        profile: { estimatedSteps: 123, startedWorkers: 0, weights: [], regions: [], conflicts: null },
      }),
    });
    expect(await measureShape(slot.slot, scenario)).toEqual({
      estimatedSteps: 123,
      startedWorkers: 0,
      weights: [],
      regions: [],
      conflicts: null,
      maximumAgents: 4,
    });
  });

  it.each([
    ['the watchdog has ended', deathSample(violationSample({ verdict: 'hang' })), 1],
    ['end without a word', deathSample(), 3],
  ])('assumes a length for executions that %s', async (_, death, probes) => {
    const slot: PlayedSlot = new PlayedSlot({
      probe: () => {
        throw slot.requests.length > 9 ? new Error('there is no end of it') : death;
      },
    });
    expect((await measureShape(slot.slot, scenario)).estimatedSteps).toBeGreaterThan(0);
    expect(slot.requests).toHaveLength(probes);
  });

  it('measures again if somebody else has ended the process', async () => {
    const slot: PlayedSlot = new PlayedSlot({
      probe: () => {
        if (slot.requests.length === 1) throw deathSample();
        return {
          kind: 'probed',
          profile: { estimatedSteps: 123, startedWorkers: 0, weights: [], regions: [], conflicts: null },
        };
      },
    });
    expect(await measureShape(slot.slot, scenario)).toMatchObject({ estimatedSteps: 123 });
  });

  it('measures nothing more once the run is stopped', async () => {
    const death = deathSample();
    const slot: PlayedSlot = new PlayedSlot({
      probe: () => {
        slot.close();
        throw death;
      },
    });
    await expect(measureShape(slot.slot, scenario)).rejects.toBe(death);
  });
});

describe('shrinkMsOf', () => {
  it('is what the scenario allows, but no more than the budget', () => {
    const { shrinkMs } = scenario.facts.limits;
    expect(shrinkMsOf(scenario, undefined)).toBe(shrinkMs);
    expect(shrinkMsOf(scenario, shrinkMs + 1)).toBe(shrinkMs);
    expect(shrinkMsOf(scenario, 5)).toBe(5);
  });
});

describe('exploreScenario', () => {
  it('does every chunk of its share once, whoever does it', async () => {
    const seen: number[] = [];
    const slots = [1, 2, 3].map(() => exploring((index) => void seen.push(index)));
    const result = await explore(slots);
    expect([...seen].sort((one, other) => one - other)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(result).toEqual({
      executions: 10 * chunkExecutions,
      steps: 30 * chunkExecutions,
      switches: 10 * chunkExecutions,
      hadChoice: true,
      hadPoint: true,
      failure: null,
      isFinished: true,
      notes: [],
      problem: undefined,
    });
  });

  it('reports the first failure by its place, whichever explorer is quicker', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.integer({ min: 1, max: 4 }),
        fc.uniqueArray(fc.nat({ max: 9 }), { minLength: 1 }),
        async (scheduler, explorers, failing) => {
          const told: [number, string][] = [];
          const slots = Array.from({ length: explorers }, () =>
            exploring(async (index) => {
              await scheduler.schedule(Promise.resolve(), `chunk ${index}`);
              return failing.includes(index);
            }),
          );
          const result = await scheduler.waitFor(
            explore(slots, { onFound: (failure, place) => told.push([place, failure.path]) }),
          );
          const first = chunkNumber(range, Math.min(...failing));
          const path = campaignPath(first, '7:1');
          expect(result).toMatchObject({ isFinished: true, failure: { path, executionsToFind: executionsUpTo(path) } });
          expect(told.at(-1)).toEqual([first, path]);
          // What comes after a failure that is known is told of to nobody.
          expect(told.map(([place]) => place)).toEqual([...told.map(([place]) => place)].sort((a, b) => b - a));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('counts interleavings in the order of the chunks, whichever explorer is quicker', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 4 }), async (scheduler, explorers) => {
        const counted: number[] = [];
        class Counting extends InterleavingCount {
          override add(interleavings: readonly number[]): void {
            counted.push(...interleavings);
          }
        }
        const slots = Array.from(
          { length: explorers },
          () =>
            new PlayedSlot({
              explore: async (request) => {
                const asked = asExplore(request);
                await scheduler.schedule(Promise.resolve());
                return { ...exploredSample(asked), interleavings: [indexOf(asked), 100] } as ExplorerReply;
              },
            }),
        );
        await scheduler.waitFor(explore(slots, { interleavings: new Counting() }));
        expect(counted).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((index) => [index, 100]));
      }),
      { numRuns: 50 },
    );
  });

  it('begins no chunk after one that fails, and says that it is shrinking', async () => {
    const begun: number[] = [];
    const phases: string[] = [];
    await explore([exploring((index) => begun.push(index) === 3)], {
      onProgress: (_, phase) => phases.push(phase),
    });
    expect(begun).toEqual([0, 1, 2]);
    expect(new Set(phases)).toEqual(new Set(['exploring', 'shrinking']));
    expect(phases.at(-1)).toBe('shrinking');
  });

  it('has a chunk done no second time that does not matter any more', async () => {
    let hasFound = (): void => undefined;
    const found = new Promise<void>((resolve) => (hasFound = resolve));
    const later = exploring(async () => {
      await found;
      throw deathSample();
    });
    const first = exploring((index) => index === 0);
    const result = await explore([first, later], { onFound: () => hasFound() });
    expect(later.asked('explore')).toHaveLength(1);
    expect(result).toMatchObject({ isFinished: true, notes: [expect.any(String)] });
  });

  it('has what was done by then when it is stopped, and is not finished', async () => {
    let done = 0;
    const result = await explore(
      [
        exploring(() => {
          done++;
        }),
      ],
      { isStopped: () => done === 4 },
    );
    expect(result).toMatchObject({ executions: 4 * chunkExecutions, isFinished: false, problem: undefined });
  });

  it('is finished when its time is over, unless it was over before anything could be said', async () => {
    const first = await explore([new PlayedSlot()], { deadline: performance.now() - 1 });
    expect(first).toMatchObject({ executions: 0, isFinished: false });
    const deadline = performance.now() + 60;
    const wait = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));
    const slot = exploring(wait);
    const result = await explore([slot], { executions: Infinity, deadline });
    expect(performance.now()).toBeGreaterThanOrEqual(deadline);
    expect(result).toMatchObject({ executions: slot.requests.length * chunkExecutions, isFinished: true });
    for (const { remainingMs } of slot.asked('explore')) expect(remainingMs).toBeLessThanOrEqual(60);
  });

  it('tells of what comes in the way of an explorer, and has what the others have done', async () => {
    const broken = new HarnessError('it does not come up');
    let failed = false;
    const result = await explore([
      exploring(() => {
        failed = true;
        throw broken;
      }),
      exploring(() => undefined),
    ]);
    expect(failed).toBe(true);
    expect(result).toMatchObject({ executions: 9 * chunkExecutions, isFinished: false, problem: broken });
  });
});
