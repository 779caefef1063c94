import type { ControlledEngine } from '../../engine/controlled/engine.js';
import { ExplorationTree, type TreeState } from '../../exhaustive/exploration-tree.js';
import type { PlanInputs } from '../../schedule/plan-arbitrary.js';
import type { Plan } from '../../schedule/schedule.js';

/** Where an exhaustive exploration is. Plain data: it survives JSON. */
export interface ExhaustiveState {
  /** Which of the combinations of writers, readers and parameters. */
  readonly combination: number;
  readonly tree: TreeState;
}

/** What a slice of an exhaustive exploration has done. */
export interface ExhaustedSlice {
  /** Executions performed to their end. */
  readonly executions: number;
  /** Executions that were broken off, since they could only repeat others. */
  readonly redundant: number;
  /** Executions that did not go as they were meant to: what would have followed is not explored. */
  readonly lost: number;
  /** Whether a loop that only looks was cut short in some execution: how often it looks is then not explored. */
  readonly hasSpun: boolean;
  /** What identifies the interleaving of each execution that was performed to its end. */
  readonly interleavings: readonly number[];
  /** The part of everything that is done, by estimate. */
  readonly fractionDone: number;
  readonly isDone: boolean;
  /** The execution that failed, if one did: it is the last one. */
  readonly failed: Plan | undefined;
}

/** A slice in which nothing was done. */
export const emptySlice: ExhaustedSlice = {
  executions: 0,
  redundant: 0,
  lost: 0,
  hasSpun: false,
  interleavings: [],
  fractionDone: 0,
  isDone: false,
  failed: undefined,
};

/** What exploring everything needs of the controlled engine. */
export type ExhaustingEngine = Pick<
  ControlledEngine,
  'execute' | 'directed' | 'decided' | 'held' | 'interleaving' | 'hadChoice' | 'hadPoint' | 'steps' | 'switches'
>;

const plainSchedule = { order: [], preemptions: [], choices: [], randomSeed: 0 };

/** Explores everything, a slice at a time: all combinations of inputs, one after another. */
export class Exhaustion {
  readonly #engine: ExhaustingEngine;
  readonly #combinations: readonly PlanInputs[];
  readonly #maximumPreemptions: number;
  #combination: number;
  #tree: ExplorationTree;

  /** @param state where to go on. Default: at the beginning */
  constructor(
    engine: ExhaustingEngine,
    combinations: readonly PlanInputs[],
    maximumPreemptions: number,
    state?: ExhaustiveState,
  ) {
    this.#engine = engine;
    this.#combinations = combinations;
    this.#maximumPreemptions = maximumPreemptions;
    this.#combination = state?.combination ?? 0;
    this.#tree = new ExplorationTree(maximumPreemptions, state?.tree);
  }

  get state(): ExhaustiveState {
    return { combination: this.#combination, tree: this.#tree.state };
  }

  /**
   * Performs executions until there is no other, one fails, or the slice is over.
   *
   * @param isOver asked after each execution
   */
  explore(isOver: (executions: number) => boolean): ExhaustedSlice {
    const done = { executions: 0, redundant: 0, lost: 0 };
    const interleavings: number[] = [];
    let hasSpun = false;
    let failed: Plan | undefined;
    for (;;) {
      const direction = this.#tree.next();
      if (direction === undefined) {
        if (this.#combination + 1 >= this.#combinations.length) break;
        this.#combination++;
        this.#tree = new ExplorationTree(this.#maximumPreemptions);
        continue;
      }
      const plan = { ...this.#combinations[this.#combination]!, schedule: plainSchedule };
      this.#engine.execute(plan, 0, direction);
      const { transitions, isRedundant, ...directed } = this.#engine.directed;
      hasSpun ||= directed.hasSpun;
      if (isRedundant) done.redundant++;
      else {
        done.executions++;
        interleavings.push(this.#engine.interleaving);
        // However it began, it failed.
        if (!this.#engine.held) {
          failed = { ...plan, schedule: this.#engine.decided(plan.schedule) };
          break;
        }
      }
      if (this.#tree.take(transitions ?? []) === 'lost') done.lost++;
      if (isOver(done.executions + done.redundant)) break;
    }
    return { ...done, hasSpun, interleavings, fractionDone: this.#fractionDone, isDone: this.#isDone, failed };
  }

  get #isDone(): boolean {
    return this.#tree.next() === undefined && this.#combination + 1 >= this.#combinations.length;
  }

  get #fractionDone(): number {
    return (this.#combination + this.#tree.fractionDone) / this.#combinations.length;
  }
}
