import vm from 'node:vm';
import type { MessagePort } from 'node:worker_threads';
import { bundleParameters, type Bundle, type CompiledScenario } from '../../instrument/compiled.js';
import { createElementRuntime, type ElementRuntime } from '../../instrument/element-runtime.js';
import { createShadowAtomics } from '../../instrument/shadow-atomics.js';
import { installViewShadows } from '../../instrument/shadow-views.js';
import { endRemembering, remembersViews } from '../../instrument/remembered-views.js';
import { excludeFromPoints } from '../../instrument/shared-views.js';
import type { AnyScenario } from '../../scenario/any-scenario.js';
import type { ReaderContext, RunContext } from '../../scenario/define.js';
import type { Participant } from '../../scenario/history.js';
import type { GivenToParticipants } from '../given-to-participants.js';
import { tellProgram, type Uncaught } from '../uncaught.js';
import { Amplifier } from './amplifier.js';
import { agentWord, POINTS, THREADS, UNSETTLED } from './layout.js';
import { Outside } from './outside.js';
import { PendingCalls } from './pending-calls.js';
import { PendingTimers } from './pending-timers.js';
import { StressHistory, type HistoryPart } from './history-log.js';
import { StressPoints } from './agent-points.js';
import { createStressWorld, type StressWorld, type WorldFace } from './world.js';

type Exports = Record<string, unknown>;
type EvaluateBundle = (...values: readonly unknown[]) => Exports | Promise<Exports>;

/** What a stress process should run, and how. Can be cloned with structuredClone. */
export interface StressSetting {
  readonly compiled: CompiledScenario;
  /** Whether `compiled` has scheduling points. */
  readonly instrumented: boolean;
  /** 0 to 1. */
  readonly amplify: number;
  readonly historyEvents: number;
}

/** One thread of a stress process: everything that a thread needs to take part in executions. */
export class StressAgent {
  readonly points: StressPoints;
  readonly #agent: number;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #setting: StressSetting;
  readonly #amplifier: Amplifier | undefined;
  readonly #timers: PendingTimers;
  readonly #world: StressWorld;
  readonly #evaluateOwn: EvaluateBundle;
  readonly #ownValues: readonly unknown[];
  readonly #outside: Outside;
  readonly #uninstallViews: () => void;
  #history: StressHistory;
  /** The worker agent's port to the main agent, in this execution. */
  parentPort: MessagePort | null = null;

  constructor(words: Int32Array<SharedArrayBuffer>, agent: number, setting: StressSetting, fastCheck?: object) {
    const { compiled, instrumented, amplify } = setting;
    excludeFromPoints(words.buffer);
    this.#words = words;
    this.#agent = agent;
    this.#setting = setting;
    this.#amplifier = amplify > 0 ? new Amplifier(compiled.sites.length, amplify) : undefined;
    this.#timers = new PendingTimers(words, agent);
    this.points = new StressPoints(words, agent, this.#amplifier, this.#timers);
    this.#history = new StressHistory(words, setting.historyEvents);
    let packages: Record<string, () => unknown> = {};
    const pendingCalls = new PendingCalls();
    this.#outside = new Outside(words, agent, pendingCalls);
    this.#world = createStressWorld({
      compiled,
      isMainAgent: agent === 0,
      atomics: instrumented ? createShadowAtomics(this.points) : atomicsThatTellOfWaits(this.points),
      timers: this.#timers,
      pendingCalls,
      parentPort: () => this.parentPort,
      packages: (id) => (Object.hasOwn(packages, id) ? packages[id] : undefined),
      fastCheck,
      onThreads: (alive) => {
        words[agentWord(agent, THREADS)] = alive;
      },
    });
    this.#uninstallViews = instrumented ? installViewShadows(this.points) : () => undefined;
    const valuesOf = ({ globals, require }: WorldFace, runtime: ElementRuntime): unknown[] =>
      bundleParameters.map((name) => {
        if (name === '$threadmill') return runtime;
        return name === 'require' ? require : globals[name];
      });
    this.#ownValues = valuesOf(this.#world.own, createElementRuntime(this.points));
    if (compiled.packages !== null) {
      const runtime = createElementRuntime(this.points);
      const values = valuesOf(this.#world.packages, runtime);
      packages = compileBundle(compiled.packages)(...values) as Record<string, () => unknown>;
      remembersViews(runtime.forget);
    }
    this.#evaluateOwn = compileBundle(compiled.own);
  }

  /** Restores the realm to its state before this agent existed. */
  dispose(): void {
    this.#uninstallViews();
    endRemembering();
    this.#outside.stop();
    this.#world.dispose();
  }

  /** Evaluates the scenario's own files again. @param seed determines how this agent is disturbed */
  async begin(seed: number): Promise<AnyScenario> {
    this.points.begin();
    this.#amplifier?.begin(seed);
    this.#history = new StressHistory(this.#words, this.#setting.historyEvents);
    const exports = await this.#evaluateOwn(...this.#ownValues);
    return exports['default'] as AnyScenario;
  }

  /** The execution is over: nothing of it may continue. */
  end(): StressHistory {
    this.points.live = false;
    this.#timers.reset();
    this.#world.reset();
    this.parentPort = null;
    return this.#history;
  }

  /** The argument of a writer. @param watch registers a depth to watch */
  contextFor(
    participant: Participant,
    given: GivenToParticipants,
    watch: RunContext<unknown, unknown>['watch'],
  ): RunContext<Record<string, unknown>, unknown> {
    return {
      store: given.store,
      params: given.params,
      writers: given.writers,
      readers: given.readers,
      index: participant.index,
      history: this.#history.for(participant),
      pause: this.#pause,
      watch,
    };
  }

  /** The argument of a reader. */
  readerContextFor(
    participant: Participant,
    given: GivenToParticipants,
    watch: RunContext<unknown, unknown>['watch'],
    workers: ReaderContext<unknown, unknown>['workers'],
  ): ReaderContext<Record<string, unknown>, unknown> {
    return { ...this.contextFor(participant, given, watch), workers };
  }

  /** Starts one `run` and follows it to its end. The result is rejected if it fails. */
  async start(run: () => unknown): Promise<void> {
    await run();
    const word = agentWord(this.#agent, UNSETTLED);
    this.#words[word] = this.#words[word]! - 1;
  }

  /** What this agent has recorded of the execution so far. */
  get historySoFar(): HistoryPart {
    return this.#history.soFar();
  }

  /** Whether timers are pending that a Node process would wait for. */
  get isExpecting(): boolean {
    return this.#timers.isExpecting;
  }

  /** Changes whenever this agent does something observable. */
  get activity(): number {
    return this.#history.operations + this.#history.acknowledgements + this.#words[agentWord(this.#agent, POINTS)]!;
  }

  scatterStart(): void {
    this.#amplifier?.scatterStart();
  }

  /** The program's own listeners on `process` come first, as in Node. Returns whether there were any. */
  isHeard(uncaught: Uncaught): boolean {
    return tellProgram(this.#world.emitProcessEvent, uncaught);
  }

  readonly #pause = (): Promise<void> => {
    const { setImmediate: turn, setTimeout: sleep } = this.#timers.globals as {
      readonly setImmediate: (resume: () => void) => void;
      readonly setTimeout: (resume: () => void, ms: number) => void;
    };
    const awayMs = this.#amplifier?.pauseMs() ?? null;
    return new Promise((resume) => {
      if (awayMs === null) turn(resume);
      else sleep(resume, awayMs);
    });
  };
}

/** Atomics at full speed. Only waits are reported, so that a wait with a timeout is distinguished from one without. */
function atomicsThatTellOfWaits(points: StressPoints): typeof Atomics {
  const { wait, waitAsync } = Object.getOwnPropertyDescriptors(createShadowAtomics(points)) as PropertyDescriptorMap;
  const told = { ...Object.getOwnPropertyDescriptors(Atomics), ...(wait && { wait }), ...(waitAsync && { waitAsync }) };
  return Object.create(Object.prototype, told) as typeof Atomics;
}

function compileBundle(bundle: Bundle): EvaluateBundle {
  return new vm.Script(bundle.code, { filename: bundle.fileName }).runInThisContext() as EvaluateBundle;
}
