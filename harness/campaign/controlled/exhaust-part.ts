import type { ControlledEngine } from '../../engine/controlled/engine.js';
import { ExplorationTree, type TreeState } from '../../exhaustive/exploration-tree.js';
import { splitTree } from '../../exhaustive/split-tree.js';
import type { Direction } from '../../kernel/director.js';
import type { Uncovered } from '../../results/exhaustive-counts.js';
import type { PlanInputs } from '../../schedule/plan-arbitrary.js';
import type { Plan, Schedule } from '../../schedule/schedule.js';
import { encodePlan, type EncodedPlan } from './found-failure.js';

/** Where an exhaustive exploration of one combination, or of a share of it, is. Plain data: it survives JSON. */
export interface ExhaustiveState {
  /** Which of the combinations of writers, readers and parameters. */
  readonly combination: number;
  /** Null: at the beginning. */
  readonly tree: TreeState | null;
}

/** What a part of an exhaustive exploration has done. */
export interface ExhaustedPart {
  /** Executions performed to their end. */
  readonly executions: number;
  /** Executions that were broken off, since they could only repeat others. */
  readonly redundant: number;
  /** Executions that did not go as they were meant to: what would have followed is not explored. */
  readonly lost: number;
  /** What some execution could have done otherwise that is not explored. */
  readonly uncovered: readonly Uncovered[];
  /** Of all executions together, as for drawn ones. */
  readonly steps: number;
  readonly switches: number;
  readonly hadChoice: boolean;
  readonly hadPoint: boolean;
  /** What identifies the interleaving of each execution that was performed to its end. */
  readonly interleavings: readonly number[];
  /** How much of the share is done, by estimate. */
  readonly fractionDone: number;
  readonly isDone: boolean;
  /** The execution that failed, or gave another trace when it was repeated, if one did: it is the last one. */
  readonly failed: EncodedPlan | undefined;
}

/** A part in which nothing was done. */
export const emptyPart: ExhaustedPart = {
  executions: 0,
  redundant: 0,
  lost: 0,
  uncovered: [],
  steps: 0,
  switches: 0,
  hadChoice: false,
  hadPoint: false,
  interleavings: [],
  fractionDone: 0,
  isDone: false,
  failed: undefined,
};

/** What exploring everything needs of the controlled engine. */
type ExhaustingEngine = Pick<
  ControlledEngine,
  | 'execute'
  | 'directed'
  | 'decided'
  | 'held'
  | 'interleaving'
  | 'hadChoice'
  | 'hadPoint'
  | 'steps'
  | 'switches'
  | 'executionResult'
>;

/** Slices would be decided by nobody. An execution that could need one is too long to be directed. */
const noSlice = 1_000_000;
const plainSchedule: Schedule = { order: [], preemptions: [], choices: [], randomSeed: 0, slice: noSlice };

/** Explores every interleaving of one combination of inputs, or a share of them, a part at a time. */
export class Exhaustion {
  readonly #engine: ExhaustingEngine;
  readonly #inputs: PlanInputs;
  readonly #check: (plan: Plan) => void;
  readonly #tree: ExplorationTree;

  /**
   * @param check throws for plans with which the scenario must not be executed
   * @param tree where to go on. Default: at the beginning
   */
  constructor(
    engine: ExhaustingEngine,
    inputs: PlanInputs,
    maximumPreemptions: number,
    check: (plan: Plan) => void,
    tree?: TreeState,
  ) {
    this.#engine = engine;
    this.#check = check;
    this.#inputs = inputs;
    this.#tree = new ExplorationTree(maximumPreemptions, tree);
  }

  get tree(): TreeState {
    return this.#tree.state;
  }

  /**
   * Performs executions until there is no other, one fails, or the part is over.
   *
   * @param isOver asked after each execution
   */
  explore(isOver: (executions: number) => boolean): ExhaustedPart {
    const done = { executions: 0, redundant: 0, lost: 0, steps: 0, switches: 0, hadChoice: false, hadPoint: false };
    const interleavings: number[] = [];
    const uncovered = new Set<Uncovered>();
    let failed: EncodedPlan | undefined;
    while (!isOver(done.executions + done.redundant)) {
      const direction = this.#tree.next();
      if (direction === undefined) break;
      const plan = { ...this.#inputs, schedule: plainSchedule };
      this.#check(plan);
      const isFirst = direction.agents.length === 0;
      const firstHash = isFirst ? this.#traceOf(plan, direction) : undefined;
      this.#engine.execute(plan, 0, direction);
      const { transitions, isRedundant, uncovered: left } = this.#engine.directed;
      for (const kind of left) uncovered.add(kind);
      done.steps += this.#engine.steps;
      done.switches += this.#engine.switches;
      done.hadChoice ||= this.#engine.hadChoice;
      done.hadPoint ||= this.#engine.hadPoint;
      if (isRedundant) done.redundant++;
      else {
        done.executions++;
        interleavings.push(this.#engine.interleaving);
        const isAlike = firstHash === undefined || this.#engine.executionResult(false).traceHash === firstHash;
        // However it began, it failed; or something is decided by neither the schedule nor the parameters.
        if (!this.#engine.held || !isAlike) {
          failed = encodePlan({ ...plan, schedule: this.#engine.decided(plan.schedule) });
          break;
        }
      }
      if (this.#tree.take(transitions) === 'lost') done.lost++;
    }
    const rest = { fractionDone: this.#tree.fractionDone, isDone: this.#tree.next() === undefined, failed };
    return { ...done, uncovered: [...uncovered], interleavings, ...rest };
  }

  #traceOf(plan: Plan, direction: Direction): string {
    this.#engine.execute(plan, 0, direction);
    return this.#engine.executionResult(false).traceHash;
  }
}

/**
 * Divides all interleavings of one combination of inputs into shares, which are always the same.
 *
 * @returns where the exploration of each begins, and how many executions it took to know
 */
export function divide(
  engine: Pick<ExhaustingEngine, 'execute' | 'directed'>,
  inputs: PlanInputs,
  shares: number,
): { readonly trees: TreeState[]; readonly executions: number } {
  let executions = 0;
  const trees = splitTree((direction) => {
    executions++;
    engine.execute({ ...inputs, schedule: plainSchedule }, 0, direction);
    return engine.directed.transitions;
  }, shares);
  return { trees, executions };
}
