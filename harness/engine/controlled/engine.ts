import { MessageChannel, MessagePort, SHARE_ENV, Worker } from 'node:worker_threads';
import type { CompiledScenario } from '../../instrument/compiled.js';
import * as at from '../../kernel/layout.js';
import { agentStates, createKernelMemory, endReasons, turnReasons, type KernelMemory } from '../../kernel/layout.js';
import { InterleavingHash } from '../../kernel/interleaving.js';
import { lastTraceEntries } from '../../kernel/trace.js';
import { operationCodes } from '../../kernel/operations.js';
import type { WorkerHandle } from '../../scenario/define.js';
import { defaultLimits, type Limits } from '../../scenario/limits.js';
import type { Direction } from '../../kernel/director.js';
import { transitionsOf, type Transition } from '../../kernel/transitions.js';
import { decided } from '../../kernel/walker.js';
import type { ProfiledOperation } from '../../schedule/profile.js';
import type { Plan, Schedule } from '../../schedule/schedule.js';
import type { Uncovered } from '../../results/exhaustive-counts.js';
import type { Engine } from '../engine.js';
import { Environment } from '../environment.js';
import type { ExecutionResult } from '../execution-result.js';
import { residentMiB } from '../memory-use.js';
import { lostMethod } from '../lost-methods.js';
import { workerHandle } from '../worker-handle.js';
import { afterResource, resourceOf } from './describe-task.js';
import { Agent } from './agent.js';
import { sharedBuffersIn } from './envelope.js';
import { KnownCode, placesOf, writeSiteHashes } from './known-code.js';
import { noRounds } from './rounds.js';
import type { MemoryMeasure } from './memory-measure.js';
import { profiledOperation } from './profiled-operation.js';
import { ResultReader } from './read-result.js';
import { Services } from './services.js';
import { ShadowPorts } from './shadows/ports.js';
import type { WatchdogRequest } from './watchdog-protocol.js';
import type { ExecutionInput } from './worker-protocol.js';
import { threadFile } from '../../entry-file.js';
import type { MakeTestProgram } from '../../test-files/test-world.js';

/** How long worker threads may take to start. */
const workerStartTimeoutMs = 60_000;

/** The thread cannot be unwound; never returns. */
function declareStuck(words: Int32Array): never {
  words[at.STUCK] = 1;
  const nothing = new Int32Array(new SharedArrayBuffer(4));
  for (;;) Atomics.wait(nothing, 0, 0, 1_000);
}

const program = { role: 'program', index: 0 } as const;
/** How many of the last operations of an execution are looked at to see whether any is the program's. */
const searchedForPoints = 64;

const isFlat = (params: Readonly<Record<string, unknown>>): boolean =>
  Object.values(params).every((value) => typeof value !== 'object' || value === null);

/** What came of a directed execution. */
export interface DirectedResult {
  /** Undefined if it did not go as directed, or cannot be directed. */
  readonly transitions: readonly Transition[] | undefined;
  /** Whether it ended early, since it could only repeat others. */
  readonly isRedundant: boolean;
  /** What else could have happened that no direction leads to. */
  readonly uncovered: readonly Uncovered[];
}

interface WorkerLink {
  readonly controlPort: MessagePort;
  readonly messagePort: MessagePort;
}

/**
 * The controlled engine of one process: its main thread is the main agent, its workers are the writers, and a watchdog thread owns
 * the workers and looks for executions that cannot end by themselves. One execution at a time.
 */
export class ControlledEngine implements Engine<Plan, void> {
  readonly #memory: KernelMemory;
  readonly #interleaving: InterleavingHash;
  readonly #watchdog: Worker;
  #services: Services;
  #code: KnownCode | undefined;
  #agent: Agent | undefined;
  #reader: ResultReader | undefined;
  #limits: Limits | undefined;
  #compiled: CompiledScenario | undefined;
  #links: WorkerLink[] = [];

  /**
   * @param historyEvents the largest `limits.historyEvents` of any later scenario
   * @param showOutput whether to show what worker agents print
   */
  constructor(historyEvents: number, showOutput = false) {
    this.#memory = createKernelMemory(historyEvents);
    this.#interleaving = new InterleavingHash(this.#memory);
    this.#memory.words[at.END_REASON] = endReasons.done;
    const services = new MessageChannel();
    services.port1.unref();
    this.#services = new Services(this.#memory.words, services.port1, (notice) => {
      if (notice.kind === 'code') this.#code?.add(notice.places);
    });
    this.#watchdog = new Worker(threadFile('watchdog', import.meta.url), {
      workerData: { memory: this.#memory, showOutput, servicePort: services.port2 },
      transferList: [services.port2],
      env: SHARE_ENV,
    });
    this.#watchdog.unref();
    process.on('uncaughtException', (reason) => {
      this.#agent?.failUnlessHeard({ event: 'uncaughtException', reason });
    });
    process.on('unhandledRejection', (reason, promise) => {
      this.#agent?.failUnlessHeard({ event: 'unhandledRejection', reason, promise });
    });
  }

  #ask(request: WatchdogRequest, transferList: MessagePort[] = []): void {
    this.#watchdog.postMessage(request, transferList);
  }

  /**
   * Makes a scenario the one that `execute` runs, and evaluates it once. Returns its file's default export, unchecked. `configure`
   * must follow.
   *
   * @param beforeProgram called when everything is ready, and nothing of the scenario has been evaluated yet
   * @param makeTestProgram makes the scenario of a file of tests, which is evaluated as part of each execution
   */
  load(
    compiled: CompiledScenario,
    fastCheck: object,
    beforeProgram?: () => void,
    makeTestProgram?: MakeTestProgram,
  ): unknown {
    this.#agent?.dispose();
    for (const link of this.#links) {
      link.controlPort.close();
      // The scenario's shadow of `close` hides the real one.
      MessagePort.prototype.close.call(link.messagePort);
    }
    this.#links = [];
    const { words } = this.#memory;
    words[at.WORKERS_READY] = 0;
    words[at.MEMORY_LIMIT] = defaultLimits.memoryMiB;
    words[at.MEMORY_BASE] = residentMiB();
    words[at.LOADING] = 1;
    this.#compiled = compiled;
    this.#code = new KnownCode();
    this.#services.forget();
    const environment = new Environment();
    this.#ask({ kind: 'load', compiled, environment: environment.values });
    const places = placesOf(compiled);
    writeSiteHashes(this.#memory.siteHashes, places);
    this.#agent = new Agent({
      memory: this.#memory,
      agent: 0,
      environment,
      code: this.#code,
      services: this.#services,
      fastCheck,
      onStuck: () => declareStuck(this.#memory.words),
      makeTestProgram,
    });
    this.#reader = new ResultReader(this.#memory, this.#code);
    beforeProgram?.();
    this.#agent.learn(0, { compiled, places });
    return this.#agent.beginExecution();
  }

  /** Sets the limits of later executions, now that the scenario's own are known. */
  configure(limits: Limits): void {
    if (this.#compiled === undefined) throw new Error('no scenario is loaded');
    this.#limits = limits;
    this.#memory.words[at.MEMORY_LIMIT] = limits.memoryMiB;
    this.#agent?.memoryMeasure.rebase();
    this.#ask({
      kind: 'configure',
      workerHeapMiB: limits.workerHeapMiB,
      traceLength: limits.traceLength,
    });
  }

  #startWorkers(count: number, measure: MemoryMeasure): void {
    if (this.#links.length >= count) return;
    const { words } = this.#memory;
    const residentBeforeMiB = residentMiB();
    while (this.#links.length < count) {
      const control = new MessageChannel();
      const messages = new MessageChannel();
      control.port1.unref();
      this.#links.push({ controlPort: control.port1, messagePort: messages.port1 });
      this.#ask(
        { kind: 'writer', agent: this.#links.length, controlPort: control.port2, messagePort: messages.port2 },
        [control.port2, messages.port2],
      );
    }
    const deadline = performance.now() + workerStartTimeoutMs;
    for (;;) {
      const ready = Atomics.load(words, at.WORKERS_READY);
      if (ready >= count) {
        measure.allowForThreads(residentBeforeMiB);
        return;
      }
      const remainingMs = deadline - performance.now();
      if (remainingMs <= 0)
        throw new Error(`${count - ready} worker threads did not start in ${workerStartTimeoutMs} ms`);
      Atomics.wait(words, at.WORKERS_READY, ready, remainingMs);
    }
  }

  /**
   * Runs one execution to its end. The caller's stack must hold no microtask.
   *
   * @param invocation identifies the execution if it ends the process
   * @param direction decides how it begins, in place of the plan's schedule
   */
  execute(plan: Plan, invocation: number, direction?: Direction): void {
    const agent = this.#agent;
    const limits = this.#limits;
    if (agent === undefined || limits === undefined) throw new Error('no scenario is loaded');
    const { words } = this.#memory;
    words[at.LOADING] = 0;
    this.#startWorkers(plan.writers, agent.memoryMeasure);
    agent.memoryMeasure.beginExecution();
    words[at.INVOCATION] = invocation;
    const { kernel } = agent;
    kernel.begin(plan.schedule, plan.writers + 1, limits, direction);
    agent.runLoop(() => {
      this.#play(agent, plan);
    });
    this.#unwindWorkers(agent);
    if (words[at.END_REASON] === endReasons.done) agent.judgeEnd();
    agent.points.live = false;
    agent.restoreRealm();
    words[at.ACTIVE] = 0;
  }

  #play(agent: Agent, plan: Plan): void {
    const { kernel } = agent;
    const { words } = this.#memory;
    const scenario = agent.beginExecution();
    // The program may change its parameters in any way; the plan must not change.
    const params = isFlat(plan.params) ? { ...plan.params } : structuredClone(plan.params);
    const store = scenario.store?.({ params, writers: plan.writers, readers: plan.readers });
    const { run } = scenario;
    const coroutines = run === undefined ? plan.readers : 1;
    words[at.PROGRAM] = run === undefined ? 0 : 1;
    words[at.WRITERS] = plan.writers;
    words[at.UNSETTLED] = plan.writers + coroutines;
    if (plan.writers + Math.min(1, coroutines) > 1) words[at.HAD_CHOICE] = 1;
    const shared = sharedBuffersIn(store);
    const numbers = shared.map((buffer) => agent.points.buffers.of(buffer));
    const input: ExecutionInput = [words[at.EXECUTION]!, store, params, plan.readers, numbers];
    for (let writer = 0; writer < plan.writers; writer++) this.#links[writer]?.controlPort.postMessage(input);
    ShadowPorts.registerWorkerChannels(kernel, plan.writers);
    // Most scenarios send no messages, so handles are only made when needed.
    let handles: WorkerHandle[] | undefined;
    const workers = (): WorkerHandle[] =>
      (handles ??= this.#links
        .slice(0, plan.writers)
        .map((link, writer) => workerHandle(agent.ports.adoptWorkerPort(link.messagePort, 2 * writer, true), writer)));
    agent.loop.onFirstMessage = workers;
    agent.goLive(scenario, store);
    kernel.write(0, at.AGENT_UNSETTLED, coroutines);
    const { readers } = scenario;
    for (let index = 0; index < coroutines; index++) {
      const participant = run === undefined ? ({ role: 'reader', index } as const) : program;
      const context = agent.participants.contextFor(participant, { ...plan, params, store }, workers);
      agent.loop.addCoroutine({
        site: 0,
        operation: operationCodes.begin,
        resource: resourceOf(participant),
        rounds: noRounds,
        run: () => {
          agent.start(() => (run === undefined ? readers?.run(context) : run(context)));
        },
      });
    }
    const { after } = scenario;
    if (after !== undefined) {
      const { writers } = plan;
      agent.loop.addAfterwards({
        site: 0,
        operation: operationCodes.begin,
        resource: afterResource,
        rounds: noRounds,
        run: () => {
          agent.start(() => after({ store, params, writers, readers: plan.readers, history: agent.history.events }));
        },
      });
    }
    if (kernel.firstAgent === 0) return;
    kernel.leaveTo(kernel.firstAgent, turnReasons.none);
    kernel.park();
  }

  /** Lets every worker that was still running when the execution ended leave its stack. */
  #unwindWorkers(agent: Agent): void {
    const { words } = this.#memory;
    const { kernel } = agent;
    const heldSoFar = words[at.END_REASON] === endReasons.done;
    for (let worker = 1; worker < words[at.AGENT_COUNT]!; worker++) {
      if (kernel.read(worker, at.AGENT_STARTED) === 0) continue;
      const state = kernel.read(worker, at.AGENT_STATE);
      if (state === agentStates.ended || (heldSoFar && state === agentStates.idle)) continue;
      kernel.leaveTo(worker, turnReasons.none);
      kernel.park();
    }
  }

  /** The result of the last execution. @param withTrace whether to include its last operations */
  executionResult(withTrace: boolean): ExecutionResult {
    if (this.#reader === undefined || this.#limits === undefined) throw new Error('no scenario is loaded');
    this.#services.takeNotices();
    const result = this.#reader.read(withTrace ? this.#limits.traceLength : 0);
    return result.verdict === 'crash' ? this.#explained(result) : result;
  }

  /** With a note on what cloning did to the store, if that is why the writer failed. */
  #explained(result: ExecutionResult): ExecutionResult {
    const { failure } = result;
    if (failure?.message === undefined || (failure.agent ?? 0) === 0) return result;
    const why = lostMethod(failure.message, this.#agent?.store);
    return why === undefined ? result : { ...result, failure: { ...failure, message: `${failure.message}\n${why}` } };
  }

  /** Names what the scenario has just changed in the realm, if its code mentions anything that can make such changes. */
  realmChanges(limit: number): string[] {
    return this.#agent?.realmChanges(limit) ?? [];
  }

  /** Undoes that. */
  restoreRealm(): void {
    this.#agent?.restoreRealm();
  }

  /** Whether the last execution held; cheaper than `executionResult`. */
  get held(): boolean {
    return this.#memory.words[at.END_REASON] === endReasons.done;
  }

  /** The schedule of the last execution without its walk: what that decided is in it. @param given the schedule with it */
  decided(given: Schedule): Schedule {
    return decided(this.#memory, given);
  }

  /** What came of a directed execution. */
  get directed(): DirectedResult {
    const { words } = this.#memory;
    return {
      transitions: words[at.DIRECTION_LOST] === 1 ? undefined : transitionsOf(this.#memory),
      isRedundant: words[at.END_REASON] === endReasons.redundant,
      uncovered: [
        ...(words[at.HAS_SPUN] === 1 ? (['loops'] as const) : []),
        ...(words[at.END_REASON] === endReasons.done && this.#agent?.kernel.leavesTimers === true
          ? (['timers'] as const)
          : []),
        ...(words[at.OPENS_BROADCAST] === 1 ? (['channels'] as const) : []),
      ],
    };
  }

  /** Its last operations, `limit` at most, for a profile. */
  profiled(limit: number): ProfiledOperation[] {
    const { siteHashes } = this.#memory;
    return lastTraceEntries(this.#memory, limit).map((entry) => profiledOperation(entry, siteHashes));
  }

  /** Identifies the last execution up to the order of independent operations: a whole number below 2^53. */
  get interleaving(): number {
    return this.#interleaving.number();
  }

  /** How many agents the last execution had, workers that its program started included. */
  get agents(): number {
    return this.#memory.words[at.AGENT_COUNT]!;
  }

  /** Visible operations and switches of the last execution. */
  get steps(): number {
    return this.#memory.words[at.STEP]!;
  }

  /** Whether the schedule of the last execution could have decided anything. */
  get hadChoice(): boolean {
    return this.#memory.words[at.HAD_CHOICE] === 1;
  }

  /** Whether one of its last operations has a place in the program: the engine's own, as the beginning of an agent, have none. */
  get hadPoint(): boolean {
    return lastTraceEntries(this.#memory, searchedForPoints).some(({ site }) => site !== 0);
  }

  get switches(): number {
    return this.#memory.words[at.SWITCHES]!;
  }
}
