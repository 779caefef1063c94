import fc, { type Arbitrary } from 'fast-check';
import type { ControlledEngine } from '../engine/controlled/engine.js';
import type { Outcome } from '../engine/outcome.js';
import { endReasons } from '../kernel/layout.js';
import type { Plan } from '../schedule/schedule.js';
import { firstDifferentOperation } from './first-difference.js';
import type { ExploreRequest, ExplorerRecord, FoundFailure } from './protocol.js';

const progressEveryMs = 250;
/** Executions spent on making a counterexample smaller. */
const maximumShrinkExecutions = 20_000;

/** Replays that must agree before a failure is believed. */
const confirmations = 5;

/** What makes two failures the same one, as far as shrinking is concerned. */
const identityOf = ({ verdict, failure }: Outcome): string =>
  [verdict, failure?.invariant ?? '', verdict === 'crash' ? (failure?.message.split(':')[0] ?? '') : ''].join(' ');

/** What an explorer made of a chunk. */
export interface ExploredChunk {
  readonly executions: number;
  readonly steps: number;
  readonly switches: number;
  readonly failure: FoundFailure | null;
}

/**
 * One chunk of a campaign: lets fast-check draw and shrink plans, and performs them one after another. Executions are
 * numbered in the order in which fast-check asks for them, which is the same each time the chunk is done; so those that
 * took an earlier explorer down are known by their numbers, and answered for without being performed.
 */
export class ChunkExploration {
  readonly #engine: ControlledEngine;
  readonly #request: ExploreRequest;
  readonly #send: (record: ExplorerRecord) => void;
  readonly #check: (plan: Plan) => void;
  #invocations = 0;
  #executions = 0;
  #steps = 0;
  #switches = 0;
  #shrinkExecutions = 0;
  /** The first failure's identity: only its like count as failures from then on. */
  #target: string | undefined;
  #lastFailure: Outcome | undefined;
  #lastFailureIsKnown = false;
  #lastProgress = performance.now();

  /** @param check throws for plans that the scenario must not be executed with */
  constructor(
    engine: ControlledEngine,
    request: ExploreRequest,
    send: (record: ExplorerRecord) => void,
    check: (plan: Plan) => void,
  ) {
    this.#engine = engine;
    this.#request = request;
    this.#send = send;
    this.#check = check;
  }

  /** Does the whole chunk. Throws what `check` threw. */
  explore(arbitrary: Arbitrary<Plan>): ExploredChunk {
    const { seed, executions, path, remainingMs } = this.#request;
    const result = fc.check(
      fc.property(arbitrary, (plan) => this.#holds(plan)),
      {
        seed,
        numRuns: executions,
        ...(path === null ? {} : { path, endOnFailure: true }),
        ...(remainingMs === null ? {} : { interruptAfterTimeLimit: remainingMs }),
      },
    );
    const failure = this.#lastFailure;
    const plan = result.counterexample?.[0];
    if (failure === undefined && result.errorInstance instanceof Error) throw result.errorInstance;
    return {
      executions: this.#executions,
      steps: this.#steps,
      switches: this.#switches,
      failure:
        failure === undefined || plan === undefined
          ? null
          : { path: result.counterexamplePath ?? '0', plan, outcome: this.#confirm(plan, failure) },
    };
  }

  #holds(plan: Plan): boolean {
    this.#reportProgress();
    if (this.#target === undefined) this.#executions++;
    else if (++this.#shrinkExecutions > maximumShrinkExecutions) return true;
    const number = this.#invocations++;
    const { lastInvocation } = this.#request;
    if (lastInvocation !== null && number > lastInvocation) return true;
    const known = this.#request.known[number];
    const outcome = known ?? this.#perform(plan, number);
    if (outcome === undefined) return true;
    const identity = identityOf(outcome);
    this.#target ??= identity;
    if (identity !== this.#target) return true;
    this.#lastFailure = outcome;
    this.#lastFailureIsKnown = known !== undefined;
    return false;
  }

  #reportProgress(): void {
    const now = performance.now();
    if (now - this.#lastProgress < progressEveryMs) return;
    this.#lastProgress = now;
    this.#send({ kind: 'progress', executions: this.#executions, shrinking: this.#target !== undefined });
  }

  /** Returns undefined if the execution held. */
  #perform(plan: Plan, number: number): Outcome | undefined {
    const engine = this.#engine;
    if (this.#request.careful) this.#send({ kind: 'at', invocation: number });
    this.#check(plan);
    engine.execute(plan, number);
    this.#steps += engine.steps;
    this.#switches += engine.switches;
    if (engine.endReason !== endReasons.done) return engine.outcome(false);
    // The first execution of every chunk is performed twice: a scenario that does what the schedule does not decide is
    // found out even where it holds.
    if (number !== 0 || this.#request.path !== null) return undefined;
    const { traceHash } = engine.outcome(false);
    engine.execute(plan, number);
    return engine.outcome(false).traceHash === traceHash ? undefined : this.#whyUncontrolled(plan);
  }

  /** Replays a failure a few times before it is believed. What ended the process has been seen by the supervisor, and stands. */
  #confirm(plan: Plan, found: Outcome): Outcome {
    if (this.#lastFailureIsKnown || found.verdict === 'uncontrolled') return found;
    for (let replay = 1; ; replay++) {
      this.#engine.execute(plan, this.#invocations);
      const replayed = this.#engine.outcome(replay === confirmations);
      const agrees = replayed.traceHash === found.traceHash && identityOf(replayed) === identityOf(found);
      if (!agrees) return this.#whyUncontrolled(plan);
      if (replay === confirmations) return replayed;
    }
  }

  /** Two executions of one plan differ: names the operation from which they do, if two more show it. */
  #whyUncontrolled(plan: Plan): Outcome {
    this.#engine.execute(plan, this.#invocations);
    const first = this.#engine.outcome(true);
    this.#engine.execute(plan, this.#invocations);
    const second = this.#engine.outcome(true);
    return {
      ...second,
      verdict: 'uncontrolled',
      failure: {
        verdict: 'uncontrolled',
        message: `the same schedule gave two different traces: something in the scenario is decided by neither the schedule nor the parameters. ${firstDifferentOperation(first.trace, second.trace)}`,
        step: second.steps,
      },
    };
  }
}
