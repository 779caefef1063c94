import { HarnessError } from '../../errors.js';
import { uncoveredKinds, type ExhaustiveCounts, type Uncovered } from '../../results/exhaustive-counts.js';
import type { ScheduleShape } from '../../schedule/strategy.js';
import { asError } from '../as-error.js';
import { campaignPath } from '../chunks.js';
import type { InterleavingCount } from '../interleaving-count.js';
import { performChunk } from './chunk-on-explorer.js';
import type { ExhaustedPart, ExhaustiveState } from './exhaust-part.js';
import type { CampaignFailure, ExplorationResult } from './explore-scenario.js';
import { unexpected, type ExplorerSlot } from './explorer-pool.js';
import { decodePlan, type EncodedPlan, type FoundFailure } from './found-failure.js';
import { ExplorerDied } from './host.js';
import type { LoadedScenario } from './load-scenario.js';

/** After how much real time an explorer says how far it got. */
const partMs = 500;

/** Where an exhaustive exploration is, and what it has seen: what is needed to go on after an end. */
export interface ExhaustiveProgress {
  readonly state: ExhaustiveState;
  readonly executions: number;
  readonly redundant: number;
  readonly lost: number;
  readonly combinations: number;
  readonly uncovered: readonly Uncovered[];
}

export interface ExhaustiveOptions {
  readonly seed: number;
  /** How often an agent that could go on may be kept from it; null without a bound. */
  readonly preemptions: number | null;
  /** When to give up: after so many executions, those of an earlier run not counted, and by `performance.now()`. */
  readonly executions: number;
  readonly deadline: number;
  readonly shrinkMs: number;
  /** Where an earlier run was. */
  readonly from: ExhaustiveProgress | undefined;
  /** The interleavings seen so far, those of an earlier run included. */
  readonly interleavings: InterleavingCount;
  readonly isStopped: () => boolean;
  readonly onProgress: (executions: number, phase: 'exploring' | 'shrinking', fractionDone: number) => void;
  /** Whether `onState` is to be called at the end of the next part, which may be the last. */
  readonly wantsState: (isLast: boolean) => boolean;
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
  readonly #before: Omit<ExhaustiveProgress, 'state'>;
  readonly #uncovered: Set<Uncovered>;
  #executions = 0;
  #redundant = 0;
  #lost = 0;
  #steps = 0;
  #switches = 0;
  #hadChoice = false;
  #hadPoint = false;
  #combinations: number | null;
  #fractionDone = 0;
  #isDone = false;

  constructor(slot: ExplorerSlot, scenario: LoadedScenario, shape: ScheduleShape, options: ExhaustiveOptions) {
    this.#slot = slot;
    this.#scenario = scenario;
    this.#shape = shape;
    this.#options = options;
    const { executions = 0, redundant = 0, lost = 0, combinations = 1, uncovered = [] } = options.from ?? {};
    this.#before = { executions, redundant, lost, combinations, uncovered };
    this.#uncovered = new Set(uncovered);
    this.#combinations = combinations;
  }

  async perform(): Promise<ExhaustiveResult> {
    for (let attempt = 1; ; attempt++) {
      try {
        const failed = await this.#explore(this.#options.from?.state ?? 'beginning');
        if (failed !== undefined) return await this.#failed(failed);
        return this.#result(null, this.#isComplete, undefined);
      } catch (error) {
        // Something else may have ended the process: it begins again. What it has seen is seen.
        const isOver =
          this.#slot.closed || !(error instanceof ExplorerDied) || error.fatal !== undefined || attempt > 1;
        if (isOver) return this.#result(null, false, this.#problem(error));
        this.#notes.push(`${error.message}; every interleaving is explored from the beginning again`);
        this.#executions = this.#redundant = this.#lost = this.#steps = this.#switches = 0;
      }
    }
  }

  #problem(error: unknown): Error | undefined {
    if (this.#options.isStopped() || this.#slot.closed) return undefined;
    if (!(error instanceof ExplorerDied)) return asError(error);
    const how = error.fatal?.executionResult.failure?.message ?? error.message;
    return new HarnessError(
      `${this.#scenario.file}: an execution ended its process while every interleaving was explored, which cannot go on: ${how}. Random schedules go on after such an execution, and show it: run it without --exhaustive and with more --runs.`,
    );
  }

  /** @returns the execution that failed, if one did */
  async #explore(from: ExhaustiveState | 'beginning'): Promise<EncodedPlan | undefined> {
    const { executions, deadline, isStopped } = this.#options;
    let next: ExhaustiveState | 'beginning' | null = from;
    for (;;) {
      const leftMs = deadline - performance.now();
      const left = executions - this.#executions - this.#redundant;
      const isOver = left <= 0 || (leftMs <= 0 && this.#executions > 0);
      if (isStopped() || (isOver && next !== null)) return undefined;
      const part = await this.#part(next, isOver ? 0 : left, Math.max(1, Math.min(partMs, leftMs)), isOver);
      next = null;
      if (part?.failed !== undefined) return part.failed;
      this.#isDone = part?.isDone === true;
      if (part === undefined || part.isDone || isOver) return undefined;
    }
  }

  /** Has the explorer do a part, or none if that is only to say where it is; undefined if there is nothing that it can explore. */
  async #part(
    from: ExhaustiveState | 'beginning' | null,
    executions: number,
    ms: number,
    isLast: boolean,
  ): Promise<ExhaustedPart | undefined> {
    const { preemptions, interleavings, onProgress, onState, wantsState } = this.#options;
    const request = { kind: 'exhaust', from, preemptions, executions, partMs: ms } as const;
    const reply = await this.#slot.request(this.#scenario, { ...request, withState: wantsState(isLast) });
    if (reply.kind !== 'exhausted') throw unexpected(reply, this.#scenario);
    const { part, state, combinations } = reply;
    this.#combinations = combinations;
    if (combinations === null) return undefined;
    this.#executions += part.executions;
    this.#redundant += part.redundant;
    this.#lost += part.lost;
    this.#steps += part.steps;
    this.#switches += part.switches;
    this.#hadChoice ||= part.hadChoice;
    this.#hadPoint ||= part.hadPoint;
    this.#fractionDone = part.fractionDone;
    for (const kind of part.uncovered) this.#uncovered.add(kind);
    interleavings.add(part.interleavings);
    onProgress(this.#executions, 'exploring', part.fractionDone);
    if (state !== null) onState({ state, ...this.#totals, combinations, uncovered: [...this.#uncovered] });
    return part;
  }

  get #totals(): Pick<ExhaustiveProgress, 'executions' | 'redundant' | 'lost'> {
    const { executions, redundant, lost } = this.#before;
    return {
      executions: executions + this.#executions,
      redundant: redundant + this.#redundant,
      lost: lost + this.#lost,
    };
  }

  /** Loops that are cut short are said beside the claim; of the rest, nothing is claimed. */
  get #isComplete(): boolean {
    const isCovered = [...this.#uncovered].every((kind) => kind === 'loops');
    return this.#isDone && this.#totals.lost === 0 && isCovered && !this.#options.interleavings.isFull;
  }

  async #failed(encoded: EncodedPlan): Promise<ExhaustiveResult> {
    const given = decodePlan(encoded);
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
    const hasRun = this.#executions > 0;
    return {
      executions: this.#executions,
      steps: this.#steps,
      switches: this.#switches,
      hadChoice: this.#hadChoice || !hasRun,
      hadPoint: this.#hadPoint || !hasRun,
      failure,
      isFinished,
      notes: this.#notes,
      problem,
      exhaustive:
        this.#combinations === null
          ? undefined
          : {
              ...this.#totals,
              interleavings: counts?.distinct ?? 0,
              isComplete: this.#isComplete && failure === null,
              fractionDone: this.#isDone ? 1 : this.#fractionDone,
              combinations: this.#combinations,
              preemptions: this.#options.preemptions,
              uncovered: uncoveredKinds.filter((kind) => this.#uncovered.has(kind)),
            },
    };
  }
}
