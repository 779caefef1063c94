import fc, { type Arbitrary } from 'fast-check';
import type { ControlledEngine } from '../../engine/controlled/engine.js';
import type { ExecutionResult } from '../../engine/execution-result.js';
import type { ShrinkingEnd } from '../../results/schema.js';
import type { Plan, Schedule } from '../../schedule/schedule.js';
import { firstDifferentOperation } from './first-difference.js';
import { encodeFailure, type FoundFailure } from './found-failure.js';
import type { ExploreRequest, ExplorerReply } from './protocol.js';
import { ShrinkPath } from './shrink-path.js';

const reportEveryMs = 250;

/** Replays that must agree before a failure is accepted. */
const confirmations = 5;

/** What exploring needs of the controlled engine. */
export type ExploringEngine = Pick<
  ControlledEngine,
  'execute' | 'decided' | 'executionResult' | 'held' | 'steps' | 'switches' | 'hadChoice' | 'hadPoint' | 'interleaving'
>;

/** What shrinking uses to decide whether two failures are the same. */
const identityOf = ({ verdict, failure }: ExecutionResult): string =>
  [verdict, failure?.invariant ?? '', verdict === 'crash' ? (failure?.message?.split(':')[0] ?? '') : ''].join(' ');

/** An execution that failed. */
interface Seen {
  readonly plan: Plan;
  readonly executionResult: ExecutionResult;
  /** Of the execution, in the order in which fast-check asks. */
  readonly number: number;
  /** Whether there is nothing to replay. */
  readonly isCertain: boolean;
}

/** The result of exploring a chunk. */
export interface ExploredChunk {
  readonly executions: number;
  readonly steps: number;
  readonly switches: number;
  /** Whether the schedule could have decided anything in some execution. */
  readonly hadChoice: boolean;
  /** Whether an operation of the scenario's own code was a scheduling point in some execution. */
  readonly hadPoint: boolean;
  /** Of each execution that was drawn, and did not end the process, what identifies its interleaving. */
  readonly interleavings: readonly number[];
  readonly failure: FoundFailure | null;
}

/**
 * One chunk of a campaign: lets fast-check draw and shrink plans, and performs them one after another. Executions are
 * numbered in the order in which fast-check asks for them, which is the same each time the chunk is done. So those that
 * ended an earlier explorer are known by their numbers, and their results are used without performing them.
 *
 * A failure is reported as soon as it is found, and again as it becomes smaller, so that an interrupted run has it.
 */
export class ChunkExploration {
  readonly #engine: ExploringEngine;
  readonly #request: ExploreRequest;
  readonly #send: (reply: ExplorerReply) => void;
  readonly #check: (plan: Plan) => void;
  readonly #startedAtMs = performance.now();
  readonly #path: ShrinkPath;
  /** Up to here the chunk was done before, and something was found: it is done again even if no time is left. */
  readonly #lastKnown: number;
  #invocations = 0;
  #executions = 0;
  #steps = 0;
  #switches = 0;
  #hadChoice = false;
  #hadPoint = false;
  readonly #interleavings: number[] = [];
  #shrinkExecutions = 0;
  #shrinkDeadlineMs = Infinity;
  #shrinkingEnded: ShrinkingEnd | null = null;
  /** The first failure's identity: from then on, only the same failure counts. */
  #target: string | undefined;
  #smallest: Seen | undefined;
  /** Two executions of one plan differed: there is nothing to shrink. */
  #uncontrolled: ExecutionResult | undefined;
  /** The error that stopped the chunk: about the scenario's counts, or of the engine. */
  #error: Error | undefined;
  #reportedAtMs = performance.now();
  #toldAtMs = performance.now();

  /** @param check throws for plans with which the scenario must not be executed */
  constructor(
    engine: ExploringEngine,
    request: ExploreRequest,
    send: (reply: ExplorerReply) => void,
    check: (plan: Plan) => void,
  ) {
    this.#engine = engine;
    this.#request = request;
    this.#send = send;
    this.#check = check;
    this.#path = new ShrinkPath(request.path);
    this.#lastKnown = Math.max(-1, ...Object.keys(request.known).map(Number));
  }

  /** Does the whole chunk. Throws what `check` threw. */
  explore(arbitrary: Arbitrary<Plan>): ExploredChunk {
    const { seed, executions, path, shrinks } = this.#request;
    const result = fc.check(
      fc.property(arbitrary, (plan) => this.#holdsOrFails(plan)),
      { seed, numRuns: executions, endOnFailure: !shrinks, ...(path === null ? {} : { path }) },
    );
    if (this.#error !== undefined) throw this.#error;
    if (this.#smallest === undefined && result.errorInstance instanceof Error) throw result.errorInstance;
    return {
      executions: this.#executions,
      steps: this.#steps,
      switches: this.#switches,
      hadChoice: this.#hadChoice,
      hadPoint: this.#hadPoint,
      interleavings: this.#interleavings,
      failure: this.#failure(),
    };
  }

  /** The schedule of a plan without its walk, which the plan is executed for; undefined if that ends the process. */
  decide(plan: Plan): Schedule | undefined {
    const number = this.#invocations++;
    const known = this.#request.known;
    if (known[number] !== undefined || (this.#smallest !== undefined && known[this.#smallest.number] !== undefined))
      return undefined;
    this.#replay({ plan, number }, false);
    return this.#engine.decided(plan.schedule);
  }

  #failure(): FoundFailure | null {
    if (this.#smallest === undefined) return null;
    const confirmed = this.#uncontrolled ?? this.#confirm(this.#smallest);
    return {
      path: this.#path.toString(),
      plan: this.#smallest.plan,
      executionResult: confirmed,
      confirmed: true,
      shrinkingEnded: confirmed.verdict === 'uncontrolled' ? null : this.#shrinkingEnded,
    };
  }

  /** fast-check would treat anything thrown as a failure of the scenario. */
  #holdsOrFails(plan: Plan): boolean {
    try {
      return this.#holds(plan);
    } catch (error) {
      if (!fc.PreconditionFailure.isFailure(error))
        this.#error = error instanceof Error ? error : new Error(String(error));
      throw new fc.PreconditionFailure(true);
    }
  }

  #holds(plan: Plan): boolean {
    if (this.#target === undefined) this.#beginExecution();
    else this.#beginShrinking();
    this.#reportProgress();
    const number = this.#invocations++;
    const known = this.#request.known[number];
    const executionResult = known ?? this.#perform(plan, number);
    if (executionResult === undefined) return true;
    const identity = identityOf(executionResult);
    if (this.#target !== undefined && identity !== this.#target) return true;
    this.#path.failed();
    // The watchdog saw what ended the process, so the result is certain.
    const isCertain = known !== undefined || executionResult.verdict === 'uncontrolled';
    this.#smallest = { plan, executionResult, number, isCertain };
    if (this.#target === undefined) {
      this.#target = identity;
      this.#found(this.#smallest);
    } else if (performance.now() - this.#toldAtMs >= reportEveryMs) {
      this.#becameSmaller(this.#smallest);
    }
    return false;
  }

  #beginExecution(): void {
    const { remainingMs, path } = this.#request;
    const isOver = path !== null || (remainingMs !== null && performance.now() - this.#startedAtMs >= remainingMs);
    // At least one execution: nothing is known of a scenario that was never executed. A path names just one.
    if (this.#executions > 0 && isOver && this.#invocations > this.#lastKnown) throw new fc.PreconditionFailure(true);
    this.#executions++;
    this.#path.next();
  }

  #beginShrinking(): void {
    if (this.#uncontrolled !== undefined) throw new fc.PreconditionFailure(true);
    if (performance.now() >= this.#shrinkDeadlineMs) this.#shrinkingEnded = 'timeLimit';
    else if (this.#shrinkExecutions >= this.#request.shrinkExecutions) this.#shrinkingEnded = 'executionLimit';
    if (this.#shrinkingEnded !== null) throw new fc.PreconditionFailure(true);
    this.#shrinkExecutions++;
    this.#path.next();
  }

  #reportProgress(): void {
    const now = performance.now();
    if (now - this.#reportedAtMs < reportEveryMs) return;
    this.#reportedAtMs = now;
    this.#send({ kind: 'progress', executions: this.#executions, shrinking: this.#target !== undefined });
  }

  /** Returns undefined if the execution held. */
  #perform(plan: Plan, number: number): ExecutionResult | undefined {
    const engine = this.#engine;
    if (this.#request.careful) this.#send({ kind: 'at', invocation: number });
    this.#check(plan);
    engine.execute(plan, number);
    this.#steps += engine.steps;
    this.#switches += engine.switches;
    this.#hadChoice ||= engine.hadChoice;
    this.#hadPoint ||= engine.hadPoint;
    if (this.#target === undefined) this.#interleavings.push(engine.interleaving);
    if (!engine.held) return engine.executionResult(this.#target === undefined);
    // The first execution of every chunk is performed twice, to detect a scenario that does what the schedule does not
    // decide, even where it holds.
    if (number !== 0 || this.#request.path !== null) return undefined;
    const { traceHash } = engine.executionResult(false);
    engine.execute(plan, number);
    return engine.executionResult(false).traceHash === traceHash ? undefined : this.#whyUncontrolled({ plan, number });
  }

  /** Reports a failure before anything else can go wrong, then whether it can be relied on, before it is shrunk. */
  #found(seen: Seen): void {
    this.#shrinkDeadlineMs = performance.now() + this.#request.shrinkMs;
    this.#tell(seen, seen.executionResult, seen.isCertain);
    const confirmed = this.#confirm(seen);
    if (confirmed.verdict === 'uncontrolled') this.#uncontrolled = confirmed;
    if (!seen.isCertain) this.#tell(seen, confirmed, true);
  }

  /** Reports a smaller counterexample, once a replay agrees. */
  #becameSmaller(seen: Seen): void {
    const replayed = seen.isCertain ? seen.executionResult : this.#replay(seen, true);
    if (agree(replayed, seen.executionResult)) this.#tell(seen, replayed, true);
  }

  #tell({ plan, number }: Seen, executionResult: ExecutionResult, confirmed: boolean): void {
    this.#toldAtMs = performance.now();
    const failure = {
      path: this.#path.toString(),
      plan,
      executionResult,
      confirmed,
      shrinkingEnded: 'interrupted' as const,
    };
    this.#send({ kind: 'found', invocation: number, executions: this.#executions, failure: encodeFailure(failure) });
  }

  /** If it ends the process this time, two executions of one plan differ, which the parent can see from both reports. */
  #replay({ plan, number }: Pick<Seen, 'plan' | 'number'>, withTrace: boolean): ExecutionResult {
    if (this.#request.careful) this.#send({ kind: 'at', invocation: number });
    this.#engine.execute(plan, number);
    return this.#engine.executionResult(withTrace);
  }

  /** Replays a failure a few times before it is accepted; once, if the time for it is over. */
  #confirm(seen: Seen): ExecutionResult {
    if (seen.isCertain) return seen.executionResult;
    for (let replay = 1; ; replay++) {
      const isLast = replay === confirmations || performance.now() >= this.#shrinkDeadlineMs;
      const replayed = this.#replay(seen, isLast);
      if (!agree(replayed, seen.executionResult)) return this.#whyUncontrolled(seen);
      if (isLast) return replayed;
    }
  }

  /** Two executions of one plan differ: names the operation from which they do, if two more show it. */
  #whyUncontrolled(seen: Pick<Seen, 'plan' | 'number'>): ExecutionResult {
    const first = this.#replay(seen, true);
    const second = this.#replay(seen, true);
    return {
      ...second,
      verdict: 'uncontrolled',
      hasTwoTraces: true,
      failure: {
        verdict: 'uncontrolled',
        message: `the same schedule gave two different traces: something in the scenario is decided by neither the schedule nor the parameters. ${firstDifferentOperation(first.trace, second.trace, second.agents)}`,
        step: second.steps,
      },
    };
  }
}

function agree(one: ExecutionResult, other: ExecutionResult): boolean {
  return one.traceHash === other.traceHash && identityOf(one) === identityOf(other);
}
