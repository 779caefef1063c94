import type { Counterexample, ResultVerdict, ScenarioResult } from '../../results/schema.js';
import { describeStoreCopy } from '../../scenario/store-copy.js';
import { meets } from '../../scenario/verdict.js';
import { HarnessError } from '../../errors.js';
import { type RunOptions } from '../api.js';
import { asError } from '../as-error.js';
import { chunkExecutions, executionsOfRange, type ChunkRange } from '../chunks.js';
import { composeCounterexample } from '../compose-counterexample.js';
import { InterleavingCount } from '../interleaving-count.js';
import { explorePath, shrinkOn } from './explore-path.js';
import {
  exploreScenario,
  measureShape,
  shrinkMsOf,
  type CampaignFailure,
  type ExplorationResult,
} from './explore-scenario.js';
import { exhaustScenario, type ExhaustiveOptions } from './exhaust-scenario.js';
import { defaultExhaustiveRuns, runExhaustively } from './run-exhaustively.js';
import type { ScheduleShape } from '../../schedule/strategy.js';
import { repeatsItself } from '../../results/interleaving-counts.js';
import type { ExhaustiveCounts } from '../../results/exhaustive-counts.js';
import { withKeptPackages } from './kept-package-state.js';
import { CounterexampleKeeper, summarize } from '../keep-counterexample.js';
import type { LoadedScenario } from './load-scenario.js';
import { testOf } from './load-tests.js';
import { replayCorpus, type OldFailure } from './replay-corpus.js';
import type { Session } from '../session.js';

export { meets };

/** Executions per scenario when neither a number nor a budget is given. */
export const defaultRuns = 2_000;

const failsInPlainOrder =
  'it fails in the plain order too, in which nothing is delayed and nobody is preempted: its own runner may well show this failure';

const progressEveryMs = 200;
/** Executions of a test after which it counts as one with only one interleaving, if none had a choice. */
const executionsToSeeAChoice = 32;

/** Up to so many interleavings, what random schedules have shown is proven to be all, if it is. */
const mostToProve = 500;
/** Executions for that: some only repeat others, and there may be more interleavings than were seen. */
const executionsToProve = (distinct: number): number => 100 + 5 * distinct;

const nothingToDecide =
  'the schedule had nothing to decide: no two agents or tasks could ever run at the same time, so every execution took the same order';

const noPoints =
  'nothing that the scenario does was a scheduling point, so each agent ran from beginning to end without a switch. Native code and what `external` names are not instrumented';

/** How many schedules are drawn for a scenario. */
function drawnExecutions({ runs, budgetMs, exhaustive }: RunOptions): number {
  if (exhaustive !== undefined) return defaultRuns;
  return runs ?? (budgetMs === undefined ? defaultRuns : Infinity);
}

/** Executions of each scenario if neither a number nor a budget is given. */
export function defaultRunsOf({ exhaustive }: RunOptions): number {
  return exhaustive === undefined ? defaultRuns : defaultExhaustiveRuns;
}

/** The result of running a scenario. */
export interface ScenarioRun {
  readonly result: ScenarioResult;
  /** The error of the harness that prevented the rest; undefined if there was none. */
  readonly problem: Error | undefined;
  /** How much of its time went into exploring, once its executions had been measured. */
  readonly exploredMs: number;
}

/** The part of the first repetition that a process explores. */
function rangeOf({ shard }: RunOptions): ChunkRange {
  return { repetition: 0, shardIndex: (shard?.index ?? 1) - 1, shardCount: shard?.count ?? 1 };
}

/** Executions of one repetition that this process performs; null if only time limits them. */
function plannedExecutions(options: RunOptions): number | null {
  if (options.path !== undefined) return 1;
  if (options.exhaustive !== undefined) return null;
  if (options.runs === undefined && options.budgetMs !== undefined) return null;
  return executionsOfRange(rangeOf(options), options.runs ?? defaultRuns);
}

/** Whether a schedule decides nothing. */
function isPlain({ order, preemptions, choices, walk }: Counterexample['schedule']): boolean {
  return [...order, ...choices].every((choice) => choice === 0) && preemptions.length === 0 && walk === undefined;
}

/** A path names one execution, however often the rest would be repeated. */
const repetitionsOf = ({ path, repeat = 1 }: RunOptions): number => (path === undefined ? repeat : 1);

interface Finding {
  readonly counterexample: Counterexample;
  readonly executionsToFind: number | null;
}

/** One scenario's run: the corpus first, then exploration. Reports as it goes, and keeps what it finds at once. */
class RunOfScenario {
  readonly #session: Session;
  readonly #scenario: LoadedScenario;
  readonly #notes: string[] = [];
  readonly #interleavings = new InterleavingCount();
  readonly #keeper: CounterexampleKeeper;
  readonly #startedAtMs = performance.now();
  #exploringSinceMs = performance.now();
  #exploredMs = 0;
  #executions = 0;
  #steps = 0;
  #switches = 0;
  /** What is reported if nothing better is found. */
  #finding: Finding | null = null;
  #isFinished = false;
  #onlyOneInterleaving = false;
  #exhaustive: ExhaustiveCounts | undefined;
  /** If what is found is found by exploring every interleaving: with which bound. */
  #foundExhaustively: Counterexample['exhaustive'];
  #problem: Error | undefined;

  constructor(session: Session, scenario: LoadedScenario) {
    this.#session = session;
    this.#scenario = scenario;
    this.#foundExhaustively = session.options.exhaustive;
    this.#keeper = new CounterexampleKeeper(session.options, this.#notes);
    const { storeCopy, maximumWriters } = scenario.facts;
    if (storeCopy !== null) this.#notes.push(describeStoreCopy(storeCopy, maximumWriters));
  }

  async perform(): Promise<ScenarioRun> {
    const { options, emit, isStopped } = this.#session;
    const { facts, file } = this.#scenario;
    const planned = plannedExecutions(options);
    if (planned === 0) {
      this.#notes.push(
        `this shard has nothing to run: ${options.runs ?? defaultRuns} executions are shared out in chunks of ${chunkExecutions}; raise --runs or use fewer shards`,
      );
    }
    emit({
      kind: 'scenarioStarted',
      name: facts.name,
      file,
      plannedExecutions: planned === null ? null : planned * repetitionsOf(options),
    });
    try {
      const old =
        options.path === undefined
          ? await replayCorpus(this.#session, this.#scenario, {
              notes: this.#notes,
              onExpected: () => this.#keeper.leaveOutExpected(this.#scenario.facts.expected),
            })
          : undefined;
      this.#exploringSinceMs = performance.now();
      if (old !== undefined) await this.#reportOld(old);
      else if (!isStopped()) await this.#explore();
    } catch (error) {
      // A stopped run was kept from its work on purpose.
      if (!isStopped()) this.#problem = asError(error);
    }
    const { result, counterexample } = await this.#result();
    emit({ kind: 'scenarioFinished', result, counterexample });
    return { result, problem: this.#problem, exploredMs: this.#exploredMs };
  }

  /** A counterexample that an earlier run left half shrunk is shrunk first. */
  async #reportOld({ entry, counterexample }: OldFailure): Promise<void> {
    this.#finding = { counterexample, executionsToFind: null };
    if (counterexample.shrinkingEnded === undefined) {
      this.#isFinished = true;
      return;
    }
    const { failure } = counterexample;
    this.#keeper.adopt(entry.file);
    this.#foundExhaustively = counterexample.exhaustive;
    const shrinkMs = shrinkMsOf(this.#scenario, this.#session.options.budgetMs);
    const take = (smaller: CampaignFailure): void => {
      const composed = this.#compose(smaller, counterexample.seed);
      const isSame = composed.failure.verdict === failure.verdict && composed.failure.invariant === failure.invariant;
      if (isSame) this.#finding = { counterexample: composed, executionsToFind: null };
    };
    const smaller = await shrinkOn(this.#session, this.#scenario, counterexample, shrinkMs, take);
    if (smaller !== null) take(smaller);
    this.#isFinished = !this.#session.isStopped();
  }

  /** Explores once for each repetition, and stops at the first in which the scenario does not meet its expectation. */
  async #explore(): Promise<void> {
    const { options, seed, pool, isStopped } = this.#session;
    const scenario = this.#scenario;
    const onFound = (failure: CampaignFailure, place: number): void => {
      const counterexample = this.#compose(failure, seed);
      this.#finding = { counterexample, executionsToFind: failure.executionsToFind };
      this.#keeper.update(counterexample, place);
    };
    if (options.path !== undefined) {
      const result = await explorePath(this.#session, scenario, options.path, (failure) => onFound(failure, 0));
      this.#take(await this.#explained(result));
      return;
    }
    const shape = await measureShape(pool.first, scenario);
    const startedAt = performance.now();
    let lastProgress = 0;
    if (options.exhaustive !== undefined) {
      const result = await runExhaustively(this.#session, scenario, shape, this.#interleavings, this.#notes, {
        onFound,
        onProgress: (executions, phase, fractionDone) => {
          const executionsPerSecond = (executions / Math.max(1, performance.now() - startedAt)) * 1_000;
          const { name } = scenario.facts;
          this.#session.emit({ kind: 'progress', name, executions, executionsPerSecond, phase, fractionDone });
        },
      });
      this.#exhaustive = result.exhaustive;
      this.#exploredMs += performance.now() - startedAt;
      this.#take(await this.#explained(result));
      // How often loops look that only look was left out: random schedules let them look longer.
      if (!this.#isFinished || !result.exhaustive?.uncovered.includes('loops') || result.failure !== null) return;
      this.#foundExhaustively = undefined;
    }
    for (let repetition = 0; repetition < repetitionsOf(options); repetition++) {
      const before = this.#executions;
      const exploringFromMs = performance.now();
      const explore = (executions: number): Promise<ExplorationResult> =>
        exploreScenario(pool, scenario, shape, {
          seed,
          strategy: options.strategy ?? 'mix',
          range: { ...rangeOf(options), repetition },
          executions,
          deadline: performance.now() + (options.budgetMs ?? this.#session.exploreMs ?? Infinity),
          shrinkMs: shrinkMsOf(scenario, options.budgetMs),
          interleavings: this.#interleavings,
          isStopped,
          onProgress: (done, phase) => {
            const now = performance.now();
            if (now - lastProgress < progressEveryMs) return;
            lastProgress = now;
            const executions = before + done;
            const executionsPerSecond = (executions / Math.max(1, now - startedAt)) * 1_000;
            this.#session.emit({ kind: 'progress', name: scenario.facts.name, executions, executionsPerSecond, phase });
          },
          onFound,
        });
      const executions = drawnExecutions(options);
      const result = await this.#exploreUnlessAlike(explore, executions);
      this.#exploredMs += performance.now() - exploringFromMs;
      this.#take(await this.#explained(result));
      if (repetition + 1 === repetitionsOf(options) && this.#mayBeProven(result)) await this.#prove(shape, onFound);
      if (!this.#isFinished || !meets(scenario.facts.expected, ...this.#found())) return;
    }
  }

  /** Whether random schedules show nothing new any more, and have shown so little that all there is may be explored. */
  #mayBeProven({ failure, hadChoice, isFinished }: ExplorationResult): boolean {
    const { budgetMs, shard, exhaustive } = this.#session.options;
    const { exploreMs } = this.#session;
    const isTimed = budgetMs !== undefined || exploreMs !== undefined;
    if (failure !== null || !hadChoice || !isFinished || isTimed || shard !== undefined || exhaustive !== undefined)
      return false;
    const counts = this.#interleavings.counts();
    return counts !== undefined && repeatsItself(counts) && counts.distinct <= mostToProve;
  }

  /** Explores all of it. What is not explored within a few executions is left as it is. */
  async #prove(shape: ScheduleShape, onFound: ExhaustiveOptions['onFound']): Promise<void> {
    const { seed, pool, isStopped } = this.#session;
    const interleavings = new InterleavingCount();
    const distinct = this.#interleavings.counts()?.distinct ?? 0;
    const result = await exhaustScenario([pool.first], this.#scenario, shape, {
      seed,
      preemptions: null,
      executions: executionsToProve(distinct),
      deadline: Infinity,
      shrinkMs: shrinkMsOf(this.#scenario, undefined),
      divides: false,
      shard: undefined,
      from: undefined,
      interleavings,
      isStopped,
      onProgress: () => undefined,
      wantsState: () => false,
      onState: () => undefined,
      onFound: (failure, place) => {
        this.#foundExhaustively = { preemptions: null };
        onFound(failure, place);
      },
    });
    const { failure, exhaustive } = result;
    if (failure !== null) {
      const executionsToFind = this.#executions + failure.executionsToFind;
      this.#take(await this.#explained({ ...result, executions: 0, failure: { ...failure, executionsToFind } }));
      return;
    }
    // Something that ends a process is a failure that was seen, if it cannot be shown.
    if (result.problem !== undefined) this.#isFinished = false;
    this.#problem ??= result.problem;
    // Random schedules may have let loops look for longer.
    const seen = new Set(interleavings.seen);
    if (exhaustive?.isComplete !== true || [...this.#interleavings.seen].some((one) => !seen.has(one))) return;
    this.#exhaustive = exhaustive;
  }

  /**
   * Many tests have only one interleaving. If the first executions of one are without a choice, the rest would only repeat them:
   * they draw other random numbers, and nothing else.
   */
  async #exploreUnlessAlike(
    explore: (executions: number) => Promise<ExplorationResult>,
    executions: number,
  ): Promise<ExplorationResult> {
    const isShared = this.#session.options.shard !== undefined;
    if (this.#scenario.tests === undefined || isShared || executions <= executionsToSeeAChoice)
      return explore(executions);
    const first = await explore(executionsToSeeAChoice);
    const isEnough = first.failure !== null || !first.hadChoice || !first.isFinished;
    return isEnough ? first : explore(executions);
  }

  async #explained(result: ExplorationResult): Promise<ExplorationResult> {
    if (result.failure === null) return result;
    return { ...result, failure: await withKeptPackages(this.#session, this.#scenario, result.failure) };
  }

  #take(result: ExplorationResult): void {
    const { executions, steps, switches, hadChoice, hadPoint, failure, notes, isFinished, problem } = result;
    this.#executions += executions;
    this.#steps += steps;
    this.#switches += switches;
    this.#notes.push(...notes);
    if (!hadChoice && failure === null && isFinished) {
      if (this.#scenario.tests === undefined) this.#notes.push(nothingToDecide);
      this.#onlyOneInterleaving = true;
    } else if (!hadPoint && failure === null && isFinished) this.#notes.push(noPoints);
    // A failure that was reported along the way may have turned out to be none, or one of a later place.
    if (failure !== null || isFinished) {
      this.#finding =
        failure === null
          ? null
          : {
              counterexample: this.#compose(failure, this.#session.seed),
              executionsToFind: failure.executionsToFind,
            };
    }
    this.#isFinished = isFinished;
    this.#problem ??= problem;
  }

  #compose(failure: CampaignFailure, seed: number): Counterexample {
    const { name } = this.#scenario.facts;
    const composed = composeCounterexample({
      ...failure,
      projectDirectory: this.#session.options.projectDirectory,
      scenario: { name, file: this.#scenario.file, ...testOf(this.#scenario) },
      seed,
      exhaustive: this.#foundExhaustively,
    });
    if (composed === null)
      throw new HarnessError(`a failure of ${name} came back without a description; this is a bug in threadmill`);
    return composed;
  }

  /** An unfinished scenario is never reported as held. */
  #found(): [ResultVerdict, string | null] {
    const failure = this.#finding?.counterexample.failure;
    if (failure !== undefined) return [failure.verdict, failure.invariant ?? null];
    return [this.#isFinished ? 'held' : 'interrupted', null];
  }

  async #result(): Promise<{ readonly result: ScenarioResult; readonly counterexample: Counterexample | null }> {
    const { facts, file } = this.#scenario;
    const counterexample = this.#finding?.counterexample ?? null;
    const [verdict, invariant] = this.#found();
    const savedAs = await this.#keeper.finish(counterexample);
    if (this.#scenario.tests !== undefined && counterexample !== null && isPlain(counterexample.schedule))
      this.#notes.push(failsInPlainOrder);
    const now = performance.now();
    const interleavings = counterexample === null ? this.#interleavings.counts() : undefined;
    const isHeld = counterexample === null;
    const exhaustive = this.#exhaustive && { ...this.#exhaustive, isComplete: this.#exhaustive.isComplete && isHeld };
    const result: ScenarioResult = {
      name: facts.name,
      file,
      ...testOf(this.#scenario),
      ...(this.#onlyOneInterleaving ? { onlyOneInterleaving: true as const } : {}),
      expected: facts.expected,
      verdict,
      invariant,
      met: meets(facts.expected, verdict, invariant),
      executions: this.#executions,
      ...(interleavings === undefined || this.#session.options.exhaustive !== undefined ? {} : { interleavings }),
      ...(exhaustive === undefined ? {} : { exhaustive }),
      executionsPerSecond: Math.round((this.#executions / Math.max(1, now - this.#exploringSinceMs)) * 1_000),
      schedulingPoints: this.#steps,
      switches: this.#switches,
      durationMs: Math.round(now - this.#startedAtMs),
      executionsToFind: this.#finding?.executionsToFind ?? null,
      path: counterexample?.path ?? null,
      counterexample: counterexample === null ? null : summarize(counterexample, savedAs),
      notes: this.#notes,
      stress: null,
    };
    return { result, counterexample };
  }
}

/** Runs one scenario: the corpus first, then exploration. Reports as it goes, and keeps what it finds at once. */
export function runScenario(session: Session, scenario: LoadedScenario): Promise<ScenarioRun> {
  return new RunOfScenario(session, scenario).perform();
}
