import type { Outcome } from '../engine/outcome.js';
import type { Plan } from '../schedule/schedule.js';
import type { ScheduleShape } from '../schedule/strategy.js';
import type { StrategyName } from './api.js';
import {
  campaignPath,
  chunkNumber,
  chunkSeed,
  chunksOfRange,
  executionsOfChunk,
  executionsUpTo,
  type ChunkRange,
} from './chunks.js';
import { ExplorerDied } from './explorer-process.js';
import { unexpected, type ExplorerPool, type ExplorerSlot } from './explorer-pool.js';
import type { LoadedScenario } from './load-scenario.js';
import { decodeValue } from './plan-codec.js';
import type { ExploreRequest } from './protocol.js';

/** Steps taken for the length of executions that end before it can be measured. */
const assumedSteps = 64;
/** How often one chunk may take its explorer down before its counterexample is taken as small as it is. */
const maximumDeathsPerChunk = 40;

/** A failure, shrunk, with where in the campaign it was found. */
export interface CampaignFailure {
  readonly path: string;
  readonly plan: Plan;
  readonly outcome: Outcome;
  /** Executions up to and including the one that failed first, counted over all shards' part of the repetition. */
  readonly executionsToFind: number;
}

export interface ExplorationResult {
  readonly executions: number;
  readonly steps: number;
  readonly switches: number;
  readonly failure: CampaignFailure | null;
  readonly notes: readonly string[];
}

export interface ExplorationOptions {
  readonly seed: number;
  readonly strategy: StrategyName;
  readonly range: ChunkRange;
  /** Executions of all shards together; Infinity with a budget alone. */
  readonly executions: number;
  /** When to stop, by `performance.now()`; Infinity for no budget. */
  readonly deadline: number;
  readonly isStopped: () => boolean;
  readonly onProgress: (executions: number, phase: 'exploring' | 'shrinking') => void;
}

/**
 * Measures how long the scenario's executions are. What takes the explorer down even so counts as `assumedSteps`; but it
 * has to do so twice, since schedules depend on the length, and somebody else may have ended the process.
 */
export async function measureShape(slot: ExplorerSlot, scenario: LoadedScenario): Promise<ScheduleShape> {
  const maximumAgents = scenario.facts.maximumWriters + 1;
  for (let deaths = 0; ; deaths++) {
    try {
      const record = await slot.request(scenario, { kind: 'probe' });
      if (record.kind !== 'probed') throw unexpected(record, scenario);
      return { estimatedSteps: record.estimatedSteps, maximumAgents };
    } catch (error) {
      if (!(error instanceof ExplorerDied) || slot.closed) throw error;
      if (error.fatal !== undefined || deaths > 0) return { estimatedSteps: assumedSteps, maximumAgents };
    }
  }
}

interface ChunkResult {
  readonly executions: number;
  readonly steps: number;
  readonly switches: number;
  readonly failure: (Omit<CampaignFailure, 'executionsToFind' | 'path'> & { readonly pathInChunk: string }) | null;
}

/**
 * Has one explorer do one chunk. An execution that takes the explorer down is remembered with its outcome, and the chunk
 * is done again by a new process, which skips it; so nothing is lost, and shrinking goes on across such deaths.
 */
export async function performChunk(
  slot: ExplorerSlot,
  scenario: LoadedScenario,
  request: Omit<ExploreRequest, 'kind' | 'known' | 'careful'>,
  onProgress: (executions: number, shrinking: boolean) => void,
  notes: string[],
  isObsolete: () => boolean = () => false,
): Promise<ChunkResult> {
  const known: Record<number, Outcome> = {};
  let careful = false;
  /** The execution under way when the explorer last died without a word: blamed if it does so again. */
  let suspect: number | undefined;
  for (let deaths = 0; ; deaths++) {
    try {
      const record = await slot.request(scenario, { ...request, kind: 'explore', known, careful }, (progress) => {
        if (progress.kind === 'progress') onProgress(progress.executions, progress.shrinking);
      });
      if (record.kind !== 'explored') throw unexpected(record, scenario);
      const { failure } = record;
      return {
        executions: record.executions,
        steps: record.steps,
        switches: record.switches,
        failure:
          failure === null
            ? null
            : {
                pathInChunk: failure.path,
                plan: decodeValue(failure.plan as unknown as string) as Plan,
                outcome: failure.outcome,
              },
      };
    } catch (error) {
      if (!(error instanceof ExplorerDied) || slot.closed || deaths >= maximumDeathsPerChunk) throw error;
      if (error.fatal !== undefined) {
        known[error.fatal.invocation] = error.fatal.outcome;
        onProgress(0, true);
      }
      if (isObsolete()) return { executions: 0, steps: 0, switches: 0, failure: null };
      if (error.fatal !== undefined) {
        careful = false;
        continue;
      }
      // Whoever died without a word is watched more closely the second time.
      if (error.lastInvocation !== undefined && error.lastInvocation === suspect)
        known[suspect] = deathOutcome(error.message);
      else notes.push(`${error.message}; its work was done again, nothing is lost`);
      suspect = error.lastInvocation;
      careful = true;
    }
  }
}

/** The outcome of an execution that ends its process every time. */
function deathOutcome(how: string): Outcome {
  return {
    verdict: 'crash',
    failure: { verdict: 'crash', message: `${how} during this execution, twice`, step: 0 },
    steps: 0,
    switches: 0,
    preemptions: 0,
    traceHash: '0'.repeat(16),
    trace: [],
  };
}

/**
 * Explores one scenario with every explorer of the pool. The failure reported is the first by its place in the campaign,
 * whichever explorer was quicker, so the result does not depend on the number of explorers or their speed.
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
  let firstFailure: (CampaignFailure & { readonly index: number }) | undefined;
  /** The first chunk known to hold a failure, which may still be shrinking: chunks after it do not matter any more. */
  let firstFailingIndex = Infinity;
  const underWay = new Map<ExplorerSlot, number>();
  const chunkCount = chunksOfRange(options.range, options.executions);

  const report = (phase: 'exploring' | 'shrinking'): void => {
    let total = executions;
    for (const count of underWay.values()) total += count;
    options.onProgress(total, phase);
  };

  const serve = async (slot: ExplorerSlot): Promise<void> => {
    for (;;) {
      const index = nextIndex;
      const remainingMs = options.deadline - performance.now();
      if (index >= chunkCount || options.isStopped() || remainingMs <= 0) return;
      if (firstFailingIndex < index) return;
      nextIndex++;
      const chunk = chunkNumber(options.range, index);
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
        },
        (done, shrinking) => {
          underWay.set(slot, done);
          if (shrinking) firstFailingIndex = Math.min(firstFailingIndex, index);
          report(shrinking ? 'shrinking' : 'exploring');
        },
        notes,
        () => firstFailingIndex < index,
      );
      underWay.delete(slot);
      executions += result.executions;
      steps += result.steps;
      switches += result.switches;
      report('exploring');
      if (result.failure === null || (firstFailure !== undefined && firstFailure.index < index)) continue;
      firstFailingIndex = Math.min(firstFailingIndex, index);
      const { pathInChunk, plan, outcome } = result.failure;
      const path = campaignPath(chunk, pathInChunk);
      firstFailure = { index, path, plan, outcome, executionsToFind: executionsUpTo(path) };
    }
  };

  try {
    const served = await Promise.allSettled(pool.slots.map(serve));
    const broken = served.find((result) => result.status === 'rejected');
    if (broken !== undefined) throw broken.reason;
  } catch (error) {
    if (!options.isStopped()) throw error;
  }
  return {
    executions,
    steps,
    switches,
    failure: firstFailure ?? null,
    notes,
  };
}
