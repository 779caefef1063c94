import { setTimeout as delay } from 'node:timers/promises';
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import type { AnyScenario } from '../../scenario/any-scenario.js';
import { isInstance } from '../../describe-thrown.js';
import type { Uncaught } from '../uncaught.js';
import { forgetViews } from '../../instrument/remembered-views.js';
import { collectGarbage } from '../collect-garbage.js';
import { describeHeapExceeded, residentMiB } from '../memory-use.js';
import * as at from './layout.js';
import { StressAgent, type StressSetting } from './agent.js';
import { mergeHistory, type HistoryPart } from './history-log.js';
import { reportThrown, reportUncaught, type ThrownReport } from './thrown-report.js';
import { failureOfThrown, verdictOn, type StressVerdict } from './verdict.js';
import type { StressReport, StressTask, StressWorkerData } from './worker-protocol.js';
import type { Engine, ExecutionInputs } from '../engine.js';
import { workerHandle } from '../worker-handle.js';
import { threadFile } from '../../entry-file.js';

/** How long worker threads may take to reach the barrier. */
const arrivalTimeoutMs = 60_000;
/** How often the barrier is checked before the main agent sleeps. */
const arrivalTurns = 2_000;

/** How long the remaining work after the last run may take: an interval that is never cleared does not end. */
const finishTimeoutMs = 1_000;
/** How long threads may take to collect garbage. */
const collectTimeoutMs = 5_000;

/** As in the controlled engine: executions that begin within this time after a measurement use that measurement, */
const measureAgainMs = 5;
/** earlier executions may leave this share of the limit uncollected, */
const garbageShare = 1 / 4;
/** and collecting takes at most one part in this many of the time. */
const collectionPause = 20;

/** One execution to run. */
export interface StressInputs extends ExecutionInputs {
  /** Determines how agents are disturbed. */
  readonly seed: number;
}

/** The result of one execution. */
export interface StressExecutionResult extends StressVerdict {
  readonly operations: number;
  readonly acknowledgements: number;
  /** From the start of writers and readers to their end. */
  readonly runningMs: number;
  /** Time in Atomics.wait. */
  readonly mainWaitedMs: number;
  /** How often the main agent had to wait there, which stops its event loop. */
  readonly mainWaits: number;
  readonly mainLongestWaitMs: number;
  readonly workersWaitedMs: number;
  readonly workersLongestWaitMs: number;
  /** What was thrown, if anything. */
  readonly thrown: ThrownReport | null;
  /** Whether threads may still be running: then the process must be replaced. */
  readonly isStuck: boolean;
}

/** Observes while agents run, but not while the harness prepares or judges. */
export interface StressObserver {
  began(): void;
  ended(): void;
}

/** A depth that the program under test asked to watch. */
export interface WatchedDepth {
  readonly name: string;
  readonly depth: () => number;
}

interface Seat {
  readonly worker: Worker;
  report: ((report: StressReport) => void) | undefined;
}

/** The program under test failed: the execution is over, whatever the other agents do. */
class ExecutionFailed extends Error {
  readonly agent: number;
  readonly thrown: ThrownReport;

  constructor(agent: number, thrown: ThrownReport) {
    super(thrown.message);
    this.agent = agent;
    this.thrown = thrown;
  }
}

/**
 * The stress engine of one process: its main thread is the main agent, its workers are the writers, and they all run in parallel.
 * A barrier aligns their starts; what they record is judged when all have finished.
 */
export class StressEngine implements Engine<StressInputs, Promise<StressExecutionResult>> {
  readonly words: Int32Array<SharedArrayBuffer>;
  /** The depths of the current execution. */
  readonly depths: WatchedDepth[] = [];
  readonly warnings: string[] = [];
  workerExits = 0;
  rejections = 0;
  readonly #setting: StressSetting;
  readonly #agent: StressAgent;
  readonly #seats: Seat[] = [];
  readonly #needsPorts: boolean;
  readonly #workerHeapMiB: number;
  #execution = 0;
  #cleanMiB = residentMiB();
  #residentMiB = residentMiB();
  #measuredAtMs = -Infinity;
  #mayCollectFromMs = 0;
  #abort: ((error: ExecutionFailed) => void) | undefined;

  constructor(words: Int32Array<SharedArrayBuffer>, setting: StressSetting, workerHeapMiB: number, fastCheck: object) {
    this.words = words;
    this.#setting = setting;
    this.#workerHeapMiB = workerHeapMiB;
    this.#agent = new StressAgent(words, 0, setting, fastCheck);
    const code = setting.compiled.own.code + (setting.compiled.packages?.code ?? '');
    this.#needsPorts = /["'](?:node:)?worker_threads["']/.test(code);
    process.on('uncaughtException', (reason) => {
      this.#failMain({ event: 'uncaughtException', reason });
    });
    process.on('unhandledRejection', (reason, promise) => {
      this.rejections++;
      this.#failMain({ event: 'unhandledRejection', reason, promise });
    });
    process.on('warning', (warning) => this.warnings.push(`${warning.name}: ${warning.message}`));
  }

  #failMain(uncaught: Uncaught): void {
    const { compiled } = this.#setting;
    try {
      if (!this.#agent.isHeard(uncaught)) this.#abort?.(new ExecutionFailed(0, reportUncaught(uncaught, 0, compiled)));
    } catch (thrown) {
      this.#abort?.(new ExecutionFailed(0, reportThrown(thrown, compiled)));
    }
  }

  /** Evaluates the scenario once. Returns its file's default export, unchecked. */
  async load(): Promise<unknown> {
    const exported: unknown = await this.#agent.begin(0);
    this.#agent.end();
    return exported;
  }

  #seat(index: number): Seat {
    const known = this.#seats[index];
    if (known !== undefined) return known;
    const agent = index + 1;
    const data: StressWorkerData = { words: this.words, agent, setting: this.#setting };
    const worker = new Worker(threadFile('worker-agent', import.meta.url), {
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: this.#workerHeapMiB },
    });
    const seat: Seat = { worker, report: undefined };
    worker.on('message', (report: StressReport) => {
      if (report.kind === 'warning') this.warnings.push(report.message);
      else seat.report?.(report);
    });
    const died = (message: string): void => {
      this.workerExits++;
      this.#abort?.(
        new ExecutionFailed(agent, {
          name: 'Error',
          message,
          stack: undefined,
        }),
      );
    };
    worker.on('error', (error: Error & { readonly code?: string }) => {
      died(
        error.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? describeHeapExceeded(`writer ${index}`, this.#workerHeapMiB)
          : `the thread of writer ${index} ended with ${error.stack ?? error.message}`,
      );
    });
    worker.on('exit', (code) => died(`the thread of writer ${index} ended with exit code ${code}`));
    this.#seats[index] = seat;
    return seat;
  }

  /** Runs one execution to its end. Never returns if the execution does not end: a watchdog must handle that. */
  async execute(inputs: StressInputs, observer?: StressObserver): Promise<StressExecutionResult> {
    const { writers, readers, seed } = inputs;
    const execution = ++this.#execution;
    const { words } = this;
    await this.#measureMemory();
    this.depths.length = 0;
    const failed = new Promise<never>((_, reject) => {
      this.#abort = reject;
    });
    const handles: MessagePort[] = [];
    let startedAtMs = performance.now();
    let store: unknown;
    try {
      const scenario = await this.#agent.begin(seed);
      const params = structuredClone(inputs.params);
      store = scenario.store?.({ params, writers, readers });
      const given = { store, params, writers, readers };
      words[at.AGENT_COUNT] = writers + 1;
      words[at.TICKET] = 0;
      words[at.ARRIVED] = 0;
      const seatsBefore = this.#seats.length;
      const residentBeforeMiB = seatsBefore < writers ? residentMiB() : 0;
      const seats = Array.from({ length: writers }, (_, index) => this.#seat(index));
      const done = seats.map((seat, index) => {
        const channel = this.#needsPorts ? new MessageChannel() : undefined;
        if (channel !== undefined) handles.push(channel.port1);
        const port = channel?.port2 ?? null;
        // Each agent is disturbed in its own way.
        const task: StressTask = { ...given, execution, seed: seed + index + 1, port };
        seat.worker.postMessage(task, port === null ? [] : [port]);
        return this.#reportsOf(seat, index + 1);
      });
      this.#awaitArrivals(writers);
      // New threads take memory that does not count for the execution.
      if (seatsBefore < writers) words[at.MEMORY_BASE]! += Math.max(0, residentMiB() - residentBeforeMiB);
      words[at.ACTIVE] = 1;
      observer?.began();
      startedAtMs = performance.now();
      Atomics.store(words, at.GO, execution);
      Atomics.notify(words, at.GO);
      await Promise.race([
        failed,
        Promise.all([this.#read(scenario, given, handles), ...done.map(({ settled }) => settled)]),
      ]);
      const runningMs = performance.now() - startedAtMs;
      observer?.ended();
      await Promise.race([failed, this.#settle(seats, done)]);
      const thrown = await Promise.race([failed, this.#runAfter(scenario, given, seats, done)]);
      const parts = await Promise.race([failed, this.#dismiss(seats, done)]);
      return this.#judge(scenario, store, parts, runningMs, thrown);
    } catch (error) {
      const failure = isInstance(error, ExecutionFailed) ? error : undefined;
      const thrown = failure?.thrown ?? reportThrown(error, this.#setting.compiled);
      const { waitedMs: mainWaitedMs, longestWaitMs: mainLongestWaitMs, waits: mainWaits } = this.#agent.points;
      observer?.ended();
      this.#agent.end();
      return {
        ...nothingDone,
        runningMs: performance.now() - startedAtMs,
        mainWaitedMs,
        mainWaits,
        mainLongestWaitMs,
        thrown,
        failure: failureOfThrown(thrown, failure?.agent ?? 0, this.#onMain, store),
        isStuck: true,
      };
    } finally {
      this.#abort = undefined;
      words[at.ACTIVE] = 0;
      words[at.MEMORY_BASE] = 0;
      words[at.EXECUTIONS] = execution;
      for (const handle of handles) handle.close();
    }
  }

  /** Memory in use now does not count for the next execution. Collects if earlier ones left much. */
  async #measureMemory(): Promise<void> {
    const { words } = this;
    const nowMs = performance.now();
    if (nowMs - this.#measuredAtMs >= measureAgainMs) {
      const leftMiB = residentMiB() - this.#cleanMiB;
      if (leftMiB > words[at.MEMORY_LIMIT]! * garbageShare && nowMs >= this.#mayCollectFromMs) {
        await this.#collectEverywhere();
        this.#mayCollectFromMs = performance.now() + (performance.now() - nowMs) * collectionPause;
        this.#cleanMiB = residentMiB();
      }
      this.#residentMiB = residentMiB();
      this.#measuredAtMs = performance.now();
    }
    words[at.MEMORY_BASE] = this.#residentMiB;
  }

  async #collectEverywhere(): Promise<void> {
    forgetViews();
    collectGarbage();
    const collected = this.#seats.map(
      (seat) =>
        new Promise<void>((resolve) => {
          seat.report = (report) => {
            if (report.kind === 'collected') resolve();
          };
          seat.worker.postMessage('collect');
        }),
    );
    // A thread whose loop no longer runs collects nothing; the next execution will detect it.
    const timeout = new AbortController();
    await Promise.race([
      Promise.all(collected),
      delay(collectTimeoutMs, undefined, { signal: timeout.signal }).catch(() => undefined),
    ]);
    timeout.abort();
  }

  /** Handles what a writer's thread reports about the current execution. */
  #reportsOf(seat: Seat, agent: number): Reports {
    let hasSettled = (): void => undefined;
    const settled = new Promise<void>((resolve) => (hasSettled = resolve));
    const reports: Reports = { settled, left: undefined, idle: undefined, told: undefined, done: undefined };
    seat.report = (report) => {
      if (report.kind === 'failed') this.#abort?.(new ExecutionFailed(agent, report.thrown));
      else if (report.kind === 'idle') reports.idle?.(report);
      else if (report.kind === 'history') reports.told?.(report.history);
      else if (report.kind === 'done') {
        reports.done = report;
        reports.left?.(report);
      }
      if (report.kind === 'settled' || report.kind === 'done') hasSettled();
    };
    return reports;
  }

  /**
   * Every run has finished: waits, like a Node process, until no agent has anything left to do. Messages of different ports
   * overtake each other, so only two rounds in which nothing happens are conclusive.
   */
  async #settle(seats: readonly Seat[], reports: readonly Reports[]): Promise<void> {
    const staying = reports
      .map((report, index) => ({ report, worker: seats[index]?.worker }))
      .filter(({ report }) => report.done === undefined);
    const deadlineMs = performance.now() + finishTimeoutMs;
    let before = '';
    while ((staying.length > 0 || this.#agent.isExpecting) && performance.now() < deadlineMs) {
      await turn();
      const idle = await Promise.all(
        staying.map(
          ({ report, worker }) =>
            new Promise<IdleReport>((resolve) => {
              report.idle = resolve;
              worker?.postMessage('report');
            }),
        ),
      );
      const isExpecting = this.#agent.isExpecting || idle.some((report) => report.isExpecting);
      const activity = [this.#agent.activity, ...idle.map((report) => report.activity)].join(' ');
      if (!isExpecting && activity === before) break;
      before = activity;
    }
  }

  /**
   * Runs the scenario's `after` when all have finished, while workers that listen to their ports still listen.
   *
   * @returns what it threw; null if it threw nothing
   */
  async #runAfter(
    { after }: AnyScenario,
    given: { store: unknown; params: Record<string, unknown>; writers: number; readers: number },
    seats: readonly Seat[],
    reports: readonly Reports[],
  ): Promise<ThrownReport | null> {
    if (after === undefined) return null;
    const parts = reports.map((report, index): Promise<HistoryPart> => {
      if (report.done !== undefined) return Promise.resolve(report.done.history);
      return new Promise((resolve) => {
        report.told = resolve;
        seats[index]?.worker.postMessage('history');
      });
    });
    const history = mergeHistory([this.#agent.historySoFar, ...(await Promise.all(parts))]);
    const unsettled = at.agentWord(0, at.UNSETTLED);
    this.words[at.AFTER] = 1;
    this.words[unsettled] = 1;
    this.#agent.points.live = true;
    try {
      await this.#agent.start(() => after({ ...given, history }));
    } catch (error) {
      return reportThrown(error, this.#setting.compiled);
    } finally {
      this.words[at.AFTER] = 0;
      this.words[unsettled] = 0;
    }
    await this.#settle(seats, reports);
    return null;
  }

  /** Releases the workers and collects what they have recorded. */
  #dismiss(seats: readonly Seat[], reports: readonly Reports[]): Promise<DoneReport[]> {
    const leaving = reports.map((report, index): Promise<DoneReport> => {
      if (report.done !== undefined) return Promise.resolve(report.done);
      return new Promise((resolve) => {
        report.left = resolve;
        seats[index]?.worker.postMessage('leave');
      });
    });
    return Promise.all(leaving);
  }

  #awaitArrivals(writers: number): void {
    const { words } = this;
    const deadlineMs = performance.now() + arrivalTimeoutMs;
    for (let turns = 0; turns < arrivalTurns; turns++) if (Atomics.load(words, at.ARRIVED) >= writers) return;
    for (;;) {
      const arrived = Atomics.load(words, at.ARRIVED);
      if (arrived >= writers) return;
      if (performance.now() > deadlineMs) throw new Error(`${writers - arrived} worker threads did not start`);
      Atomics.wait(words, at.ARRIVED, arrived, 1_000);
    }
  }

  async #read(
    scenario: AnyScenario,
    given: { store: unknown; params: Record<string, unknown>; writers: number; readers: number },
    handles: readonly MessagePort[],
  ): Promise<void> {
    const { readers, run } = scenario;
    if (readers === undefined && run === undefined) return;
    const coroutines = run === undefined ? given.readers : 1;
    this.words[at.PROGRAM] = run === undefined ? 0 : 1;
    this.words[at.agentWord(0, at.UNSETTLED)] = coroutines;
    this.#agent.points.live = true;
    this.#agent.scatterStart();
    const watch = (name: string, depth: () => number): void => {
      if (!this.depths.some((known) => known.name === name)) this.depths.push({ name, depth });
    };
    const workers = handles.map(workerHandle);
    const start = (index: number): Promise<void> => {
      const participant = { role: run === undefined ? 'reader' : 'program', index } as const;
      const context = this.#agent.readerContextFor(participant, given, watch, workers);
      return this.#agent.start(() => (run === undefined ? readers?.run(context) : run(context)));
    };
    // Each begins in its own task: the microtasks of one run before the next may block the loop.
    await Promise.all(
      Array.from({ length: coroutines }, (_, index) =>
        index === 0 ? start(index) : new Promise<void>((resolve) => setImmediate(() => resolve(start(index)))),
      ),
    );
  }

  /** What the main agent runs. */
  get #onMain(): 'after' | 'program' | 'reader' {
    if (this.words[at.AFTER] === 1) return 'after';
    return this.words[at.PROGRAM] === 1 ? 'program' : 'reader';
  }

  /** @param thrown what the scenario's `after` threw: then that is the failure */
  #judge(
    scenario: AnyScenario,
    store: unknown,
    parts: readonly DoneReport[],
    runningMs: number,
    thrown: ThrownReport | null,
  ): StressExecutionResult {
    const { waitedMs: mainWaitedMs, longestWaitMs: mainLongestWaitMs, waits: mainWaits } = this.#agent.points;
    const own = this.#agent.end();
    const history = mergeHistory([own.end(), ...parts.map((part) => part.history)]);
    const { failure, outcome } =
      thrown === null
        ? verdictOn(scenario, store, history, this.#setting.compiled)
        : { failure: failureOfThrown(thrown, 0, 'after', store), outcome: null };
    const sum = (of: (part: { operations: number; acknowledgements: number }) => number): number =>
      parts.reduce((total, part) => total + of(part), of(own));
    return {
      failure,
      outcome,
      operations: sum(({ operations }) => operations),
      acknowledgements: sum(({ acknowledgements }) => acknowledgements),
      runningMs,
      mainWaitedMs,
      mainWaits,
      workersWaitedMs: parts.reduce((total, part) => total + part.waitedMs, 0),
      mainLongestWaitMs,
      workersLongestWaitMs: Math.max(0, ...parts.map((part) => part.longestWaitMs)),
      thrown,
      isStuck: false,
    };
  }
}

type DoneReport = Extract<StressReport, { kind: 'done' }>;
type IdleReport = Extract<StressReport, { kind: 'idle' }>;

/** The handlers for the messages of one writer's thread. */
interface Reports {
  readonly settled: Promise<void>;
  left: ((report: DoneReport) => void) | undefined;
  idle: ((report: IdleReport) => void) | undefined;
  told: ((history: HistoryPart) => void) | undefined;
  done: DoneReport | undefined;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const nothingDone = {
  outcome: null,
  operations: 0,
  acknowledgements: 0,
  workersWaitedMs: 0,
  workersLongestWaitMs: 0,
} as const;
