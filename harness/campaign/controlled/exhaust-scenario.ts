import { HarnessError } from '../../errors.js';
import type { ExhaustiveCounts } from '../../results/exhaustive-counts.js';
import type { Plan } from '../../schedule/schedule.js';
import type { ScheduleShape } from '../../schedule/strategy.js';
import { asError } from '../as-error.js';
import { campaignPath } from '../chunks.js';
import type { InterleavingCount } from '../interleaving-count.js';
import { performChunk } from './chunk-on-explorer.js';
import type { ExhaustiveState } from './exhaust-slice.js';
import type { CampaignFailure, ExplorationResult } from './explore-scenario.js';
import { unexpected, type ExplorerSlot } from './explorer-pool.js';
import type { FoundFailure } from './found-failure.js';
import { ExplorerDied } from './host.js';
import type { LoadedScenario } from './load-scenario.js';

/** After how much real time an explorer says how far it got. */
const sliceMs = 500;

/** Where an exhaustive exploration is, and what it has seen: what is needed to go on after an end. */
export interface ExhaustiveProgress {
  readonly state: ExhaustiveState;
  readonly executions: number;
  readonly redundant: number;
  readonly lost: number;
  readonly combinations: number;
  readonly hasSpun: boolean;
}

export interface ExhaustiveOptions {
  readonly seed: number;
  /** How often an agent that could go on may be kept from it; null without a bound. */
  readonly preemptions: number | null;
  /** When to give up: after so many executions, and by `performance.now()`. */
  readonly executions: number;
  readonly deadline: number;
  readonly shrinkMs: number;
  /** Where an earlier run was. */
  readonly from: ExhaustiveProgress | undefined;
  /** The interleavings seen so far, those of an earlier run included. */
  readonly interleavings: InterleavingCount;
  readonly isStopped: () => boolean;
  readonly onProgress: (executions: number, phase: 'exploring' | 'shrinking', fractionDone: number) => void;
  /** Whether `onState` is to be called at the end of the next slice. */
  readonly wantsState: () => boolean;
  readonly onState: (progress: ExhaustiveProgress) => void;
  readonly onFound: (failure: CampaignFailure, place: number) => void;
}

/** What an exhaustive exploration has shown. */
export interface ExhaustiveResult extends ExplorationResult {
  /** Undefined if the scenario draws more combinations of parameters than can be explored. */
  readonly exhaustive: ExhaustiveCounts | undefined;
}

/**
 * Explores every interleaving of a scenario on one explorer, until there is none left, one fails, or a limit is reached. A failure is
 * shrunk as if it had been drawn.
 */
export async function exhaustScenario(
  slot: ExplorerSlot,
  scenario: LoadedScenario,
  shape: ScheduleShape,
  options: ExhaustiveOptions,
): Promise<ExhaustiveResult> {
  return new ExhaustiveRun(slot, scenario, shape, options).perform();
}

class ExhaustiveRun {
  readonly #slot: ExplorerSlot;
  readonly #scenario: LoadedScenario;
  readonly #shape: ScheduleShape;
  readonly #options: ExhaustiveOptions;
  readonly #notes: string[] = [];
  #executions: number;
  #redundant: number;
  #lost: number;
  #combinations: number;
  #hasSpun: boolean;
  #fractionDone = 0;
  #isDone = false;

  constructor(slot: ExplorerSlot, scenario: LoadedScenario, shape: ScheduleShape, options: ExhaustiveOptions) {
    this.#slot = slot;
    this.#scenario = scenario;
    this.#shape = shape;
    this.#options = options;
    this.#executions = options.from?.executions ?? 0;
    this.#redundant = options.from?.redundant ?? 0;
    this.#lost = options.from?.lost ?? 0;
    this.#combinations = options.from?.combinations ?? 1;
    this.#hasSpun = options.from?.hasSpun ?? false;
  }

  async perform(): Promise<ExhaustiveResult> {
    let problem: Error | undefined;
    try {
      const failed = await this.#explore();
      if (failed !== undefined) return await this.#failed(failed);
    } catch (error) {
      problem = this.#problem(error);
    }
    const isFinished = this.#isDone && this.#lost === 0;
    return this.#result(null, isFinished, problem);
  }

  #problem(error: unknown): Error | undefined {
    if (this.#options.isStopped()) return undefined;
    if (!(error instanceof ExplorerDied)) return asError(error);
    const how = error.fatal?.executionResult.failure?.message ?? error.message;
    return new HarnessError(
      `${this.#scenario.file}: an execution ended its process, so not every interleaving can be explored: ${how}. Run it without --exhaustive to see that execution.`,
    );
  }

  /** @returns the execution that failed, if one did */
  async #explore(): Promise<Plan | undefined> {
    const { executions, deadline, preemptions, isStopped, interleavings } = this.#options;
    let from: ExhaustiveState | 'beginning' | null = this.#options.from?.state ?? 'beginning';
    for (;;) {
      const leftMs = deadline - performance.now();
      const left = executions - this.#executions - this.#redundant;
      if (isStopped() || left <= 0 || (leftMs <= 0 && this.#executions > 0)) return undefined;
      const withState = this.#options.wantsState();
      const reply = await this.#slot.request(this.#scenario, {
        kind: 'exhaust',
        from,
        preemptions,
        executions: left,
        sliceMs: Math.max(1, Math.min(sliceMs, leftMs)),
        withState,
      });
      if (reply.kind !== 'exhausted') throw unexpected(reply, this.#scenario);
      const { slice, state, combinations } = reply;
      if (combinations === null) {
        this.#combinations = 0;
        return undefined;
      }
      from = null;
      this.#executions += slice.executions;
      this.#redundant += slice.redundant;
      this.#lost += slice.lost;
      this.#hasSpun ||= slice.hasSpun;
      this.#combinations = combinations;
      this.#fractionDone = slice.fractionDone;
      interleavings.add(slice.interleavings);
      this.#options.onProgress(this.#executions, 'exploring', slice.fractionDone);
      if (slice.failed !== undefined) return slice.failed;
      if (state !== null)
        this.#options.onState({
          state,
          executions: this.#executions,
          redundant: this.#redundant,
          lost: this.#lost,
          combinations,
          hasSpun: this.#hasSpun,
        });
      if (!slice.isDone) continue;
      this.#isDone = true;
      return undefined;
    }
  }

  async #failed(given: Plan): Promise<ExhaustiveResult> {
    const placed = (failure: FoundFailure): CampaignFailure => ({
      ...failure,
      path: campaignPath(0, failure.path),
      executionsToFind: this.#executions,
    });
    const { seed, shrinkMs, onFound, onProgress, isStopped } = this.#options;
    const result = await performChunk(
      this.#slot,
      this.#scenario,
      {
        seed,
        given,
        executions: 1,
        path: null,
        strategy: 'mix',
        shape: this.#shape,
        remainingMs: null,
        shrinks: true,
        shrinkMs,
        shrinkExecutions: this.#scenario.facts.limits.shrinkExecutions,
      },
      {
        onProgress: () => onProgress(this.#executions, 'shrinking', this.#fractionDone),
        onFound: (failure) => onFound(placed(failure), 0),
        isObsolete: () => false,
      },
      this.#notes,
    );
    if (result.failure !== null) return this.#result(placed(result.failure), result.isFinished, undefined);
    const problem = isStopped()
      ? undefined
      : new HarnessError(
          `${this.#scenario.file}: an execution failed, but held when its schedule was repeated: something is decided by neither the schedule nor the parameters`,
        );
    return this.#result(null, false, problem);
  }

  #result(failure: CampaignFailure | null, isFinished: boolean, problem: Error | undefined): ExhaustiveResult {
    const counts = this.#options.interleavings.counts();
    return {
      executions: this.#executions,
      steps: 0,
      switches: 0,
      hadChoice: true,
      hadPoint: true,
      failure,
      isFinished,
      notes: this.#notes,
      problem,
      exhaustive:
        this.#combinations === 0
          ? undefined
          : {
              executions: this.#executions,
              interleavings: counts?.distinct ?? 0,
              isComplete: this.#isDone && this.#lost === 0 && failure === null,
              fractionDone: this.#isDone ? 1 : this.#fractionDone,
              redundant: this.#redundant,
              lost: this.#lost,
              combinations: this.#combinations,
              preemptions: this.#options.preemptions,
              ...(this.#hasSpun ? { cutsLoops: true as const } : {}),
            },
    };
  }
}
