import type { ScheduleShape } from '../../schedule/strategy.js';
import type { StrategyName } from '../../schedule/strategy-names.js';
import { asError } from '../as-error.js';
import {
  campaignPath,
  chunkNumber,
  chunkSeed,
  chunksOfRange,
  executionsOfChunk,
  executionsUpTo,
  type ChunkRange,
} from '../chunks.js';
import type { InterleavingCount } from '../interleaving-count.js';
import { performChunk } from './chunk-on-explorer.js';
import { ExplorerDied } from './host.js';
import { unexpected, type ExplorerPool, type ExplorerSlot } from './explorer-pool.js';
import { simplestProbe } from './protocol.js';
import type { LoadedScenario } from './load-scenario.js';
import type { FoundFailure } from './found-failure.js';

/** The assumed length of executions that end the explorer before it can be measured. */
const assumedSteps = 64;

/** Random schedules in the probe: what an execution meets only if something comes first is seen in some of them. */
const probedSchedules = 30;

/** A failure, with where in the campaign it was found: `path` is a path through all of it. */
export interface CampaignFailure extends FoundFailure {
  /** Executions up to and including the one that failed first, counted over all shards' part of the repetition. */
  readonly executionsToFind: number;
}

export interface ExplorationResult {
  readonly executions: number;
  readonly steps: number;
  readonly switches: number;
  /** Whether the schedule could have decided anything in some execution; true if there was none. */
  readonly hadChoice: boolean;
  /** Whether an operation of the scenario's own code was a scheduling point in some execution; true if there was none. */
  readonly hadPoint: boolean;
  readonly failure: CampaignFailure | null;
  /** Whether everything requested was done: every execution, or all until a failure was found and shrunk. */
  readonly isFinished: boolean;
  readonly notes: readonly string[];
  /** The error of the harness that prevented the rest; undefined if there was none. */
  readonly problem: Error | undefined;
}

export interface ExplorationOptions {
  readonly seed: number;
  readonly strategy: StrategyName;
  readonly range: ChunkRange;
  /** Executions of all shards together; Infinity with a budget alone. */
  readonly executions: number;
  /** When to stop, by `performance.now()`; Infinity for no budget. */
  readonly deadline: number;
  /** Time for shrinking a failure. */
  readonly shrinkMs: number;
  /** Counts the interleavings of all chunks, in the order of their places; without it, they are not counted. */
  readonly interleavings?: InterleavingCount | undefined;
  readonly isStopped: () => boolean;
  readonly onProgress: (executions: number, phase: 'exploring' | 'shrinking') => void;
  /**
   * Called with every failure as soon as it is found, and with each smaller one. Explorers may find several: those of one
   * place, which is the number of a chunk, replace each other, and the failure reported at the end is that of the first place.
   */
  readonly onFound: (failure: CampaignFailure, place: number) => void;
}

/** Time for shrinking a counterexample of a scenario. */
export function shrinkMsOf({ facts }: LoadedScenario, budgetMs: number | undefined): number {
  return Math.min(facts.limits.shrinkMs, budgetMs ?? Infinity);
}

/**
 * Measures what the scenario's executions are like. If a random schedule ends the explorer, only the simplest one is used; if even
 * that does, `assumedSteps`: but only if it happens twice, since schedules depend on the result, and something else may have ended
 * the process.
 */
export async function measureShape(slot: ExplorerSlot, scenario: LoadedScenario): Promise<ScheduleShape> {
  const writersAndMain = scenario.facts.maximumWriters + 1;
  let randomSchedules = probedSchedules;
  let deaths = 0;
  for (;;) {
    try {
      const reply = await slot.request(scenario, { kind: 'probe', randomSchedules });
      if (reply.kind !== 'probed') throw unexpected(reply, scenario);
      return { ...reply.profile, maximumAgents: writersAndMain + reply.profile.startedWorkers };
    } catch (error) {
      if (!(error instanceof ExplorerDied) || slot.closed) throw error;
      if (error.fatal === undefined && deaths++ === 0) continue;
      if (randomSchedules === 0 || error.fatal?.invocation === simplestProbe)
        return { estimatedSteps: assumedSteps, maximumAgents: writersAndMain };
      randomSchedules = 0;
    }
  }
}

/**
 * Explores one scenario with every explorer of the pool. The failure reported is the first by its place in the campaign,
 * even if another explorer was quicker, so the result does not depend on the number of explorers or their speed.
 */
export async function exploreScenario(
  pool: ExplorerPool,
  scenario: LoadedScenario,
  shape: ScheduleShape,
  options: ExplorationOptions,
): Promise<ExplorationResult> {
  const notes: string[] = [];
  let nextIndex = 0;
  let executions = 0;
  let steps = 0;
  let switches = 0;
  let hadChoice = false as boolean;
  let hadPoint = false as boolean;
  let unfinishedChunks = 0;
  let firstFailure: { readonly index: number; readonly failure: CampaignFailure } | undefined;
  /** The first chunk known to hold a failure, which may still be shrinking: later chunks no longer matter. */
  let firstFailingIndex = Infinity;
  const underWay = new Map<ExplorerSlot, number>();
  /** Interleavings of chunks, by their places, before which others are still under way. */
  const uncounted = new Map<number, readonly number[]>();
  let nextCounted = 0;
  const chunkCount = chunksOfRange(options.range, options.executions);

  const report = (): void => {
    let total = executions;
    for (const count of underWay.values()) total += count;
    options.onProgress(total, firstFailingIndex === Infinity ? 'exploring' : 'shrinking');
  };

  const count = (index: number, interleavings: readonly number[]): void => {
    uncounted.set(index, interleavings);
    for (let next; (next = uncounted.get(nextCounted)) !== undefined; nextCounted++) {
      options.interleavings?.add(next);
      uncounted.delete(nextCounted);
    }
  };

  const serve = async (slot: ExplorerSlot): Promise<void> => {
    for (;;) {
      const index = nextIndex;
      const remainingMs = options.deadline - performance.now();
      if (index >= chunkCount || firstFailingIndex < index) return;
      // The budget may be used up before the first execution: then nothing is known.
      if (options.isStopped() || (remainingMs <= 0 && index === 0)) unfinishedChunks++;
      if (options.isStopped() || remainingMs <= 0) return;
      nextIndex++;
      const chunk = chunkNumber(options.range, index);
      const placed = (failure: FoundFailure): CampaignFailure => {
        const path = campaignPath(chunk, failure.path);
        return { ...failure, path, executionsToFind: executionsUpTo(path) };
      };
      const result = await performChunk(
        slot,
        scenario,
        {
          seed: chunkSeed(options.seed, chunk),
          executions: executionsOfChunk(options.range, index, options.executions),
          path: null,
          strategy: options.strategy,
          shape,
          remainingMs: remainingMs === Infinity ? null : Math.ceil(remainingMs),
          shrinks: true,
          shrinkMs: options.shrinkMs,
          shrinkExecutions: scenario.facts.limits.shrinkExecutions,
        },
        {
          onProgress: (done) => {
            underWay.set(slot, done);
            report();
          },
          onFound: (failure, done) => {
            underWay.set(slot, done);
            firstFailingIndex = Math.min(firstFailingIndex, index);
            if (index === firstFailingIndex) options.onFound(placed(failure), chunk);
            report();
          },
          isObsolete: () => firstFailingIndex < index,
        },
        notes,
      );
      underWay.delete(slot);
      executions += result.executions;
      steps += result.steps;
      switches += result.switches;
      hadChoice ||= result.hadChoice;
      hadPoint ||= result.hadPoint;
      count(index, result.interleavings);
      report();
      const isObsolete = firstFailure !== undefined && firstFailure.index < index;
      if (!result.isFinished && !isObsolete) unfinishedChunks++;
      if (result.failure === null || isObsolete) continue;
      firstFailingIndex = Math.min(firstFailingIndex, index);
      firstFailure = { index, failure: placed(result.failure) };
    }
  };

  const served = await Promise.allSettled(pool.slots.map(serve));
  const broken = served.find((result) => result.status === 'rejected');
  return {
    executions,
    steps,
    switches,
    hadChoice: hadChoice || executions === 0,
    hadPoint: hadPoint || executions === 0,
    failure: firstFailure?.failure ?? null,
    isFinished: unfinishedChunks === 0 && broken === undefined,
    notes,
    problem: broken === undefined || options.isStopped() ? undefined : asError(broken.reason),
  };
}
