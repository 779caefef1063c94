import vm from 'node:vm';
import type { MessagePort } from 'node:worker_threads';
import { bundleParameters, type Bundle } from '../../instrument/compiled.js';
import { createElementRuntime, type ElementRuntime } from '../../instrument/element-runtime.js';
import { LoadedByNode } from '../../instrument/loaded-by-node.js';
import { createShadowAtomics } from '../../instrument/shadow-atomics.js';
import { installViewShadows } from '../../instrument/shadow-views.js';
import { endRemembering, forgetViews, remembersViews } from '../../instrument/remembered-views.js';
import { excludeFromPoints } from '../../instrument/shared-views.js';
import { HarnessError } from '../../errors.js';
import { ExecutionEnded } from '../../kernel/execution-ended.js';
import { Kernel } from '../../kernel/kernel.js';
import * as at from '../../kernel/layout.js';
import { afterStates, endReasons, type KernelMemory } from '../../kernel/layout.js';
import { LimitExceeded } from '../../kernel/limit-exceeded.js';
import { invariantsOf, type AnyScenario } from '../../scenario/any-scenario.js';
import { describeThrown, isInstance, rejectionMessage, thrownMessage } from '../../describe-thrown.js';
import { assertionNames, type AssertionPlace } from '../../scenario/assertions.js';
import { isUnchangedCopy, type Environment } from '../environment.js';
import { describeAssertion, describeRejected } from '../failed-assertion.js';
import { mapStack } from '../map-stack.js';
import { failureOf, type Finding } from '../finding.js';
import { handledTooLate, rejectionError, tellProgram, type Uncaught } from '../uncaught.js';
import { AgentPoints } from './agent-points.js';
import { CallPlaces } from './call-places.js';
import { describeTask } from './describe-task.js';
import { drainMicrotasks } from './drain-microtasks.js';
import { EventLoop } from './event-loop.js';
import { guardTicks } from './guard-ticks.js';
import { HistoryLog } from './history-log.js';
import { Judge } from './judge.js';
import type { KnownCode } from './known-code.js';
import { MemoryMeasure } from './memory-measure.js';
import { Participants } from './participants.js';
import { RealmGuard } from './realm-guard.js';
import { keepPropertiesUndoable } from './undoable-properties.js';
import { writeReport } from './report-area.js';
import { settleEarly } from './settle-early.js';
import { ShadowCompression } from './shadows/compression.js';
import { createShadowClock, type ShadowClock } from './shadows/clock.js';
import { ProcessExit, type ProcessShadow } from '../process-shadow.js';
import type { Services } from './services.js';
import type { LoadedProgram } from './services-protocol.js';
import { createShadowedWorld, type ShadowedWorld } from './shadows/modules.js';
import { ShadowPorts } from './shadows/ports.js';
import { createShadowTimers, type ShadowTimers } from './shadows/timers.js';
import { UncontrolledOperation } from './shadows/uncontrolled-operation.js';
import { ShadowWorkers, type ThreadFacts } from './shadows/workers.js';
import { TestFile } from './test-file.js';
import { revive } from './thrown-transport.js';
import type { MakeTestProgram } from '../../test-files/test-world.js';

type Exports = Record<string, unknown>;
type EvaluateBundle = (...values: readonly unknown[]) => Exports | Promise<Exports>;

/**
 * Node's name for a pending operation of the program under test, and the API that starts it. Others (such as ports and threads
 * that are closing) are the engine's own.
 */
const resourceApis: Readonly<Record<string, string>> = {
  FSReqCallback: 'node:fs with a callback',
  FSReqPromise: 'node:fs/promises',
  FSEventWrap: 'fs.watch',
  GetAddrInfoReqWrap: 'dns.lookup',
  TCPSocketWrap: 'node:net',
  TCPConnectWrap: 'node:net',
  TCPServerWrap: 'a server of node:net or node:http',
  ProcessWrap: 'node:child_process',
  ZlibContext: 'node:zlib',
  RandomBytesRequest: 'crypto.randomBytes with a callback',
  PBKDF2Job: 'crypto.pbkdf2',
  ScryptJob: 'crypto.scrypt',
};

/** A program that an agent can evaluate. */
interface Program {
  /** Absolute. */
  readonly file: string;
  readonly evaluateOwn: EvaluateBundle;
  /** Whether evaluating it gives a promise. */
  readonly isAsync: boolean;
}

/** What happens to an agent that is a worker of the program when something that it threw is not caught. */
export interface UncaughtHandler {
  fail(error: unknown): void;
}

/** One thread of the explorer as an agent: everything that a thread needs to take part in executions. */
export class Agent {
  readonly kernel: Kernel;
  readonly points: AgentPoints;
  readonly loop: EventLoop;
  readonly history: HistoryLog;
  readonly participants: Participants;
  readonly ports: ShadowPorts;
  readonly workers: ShadowWorkers;
  readonly memoryMeasure: MemoryMeasure;
  readonly #timers: ShadowTimers;
  readonly #clock: ShadowClock;
  readonly #compression: ShadowCompression;
  readonly #world: ShadowedWorld;
  readonly #code: KnownCode;
  readonly #places: CallPlaces;
  #nodeLoads: LoadedByNode | undefined;
  readonly #programs = new Map<number, Program>();
  readonly #worldValues: readonly unknown[];
  readonly #forget: () => void;
  /** Of all programs, by id. */
  readonly #packages = new Map<string, () => unknown>();
  /** Files that the program asked for in this execution, by the numbers of their programs: what is left of evaluating them. */
  readonly #asked = new Map<number, Promise<unknown> | undefined>();
  #realm: RealmGuard | undefined;
  readonly #environment: Environment;
  #facts: ThreadFacts;
  readonly #uninstallViews: () => void;
  readonly #unguardTicks: () => void;
  readonly #stopKeepingUndoable: () => void;
  readonly #testFile: TestFile | undefined;
  #parentPort: MessagePort | null = null;
  #openParentPort: (() => MessagePort) | undefined;
  #judge: Judge | undefined;
  #realmIsTouched = false;
  /** Set while this agent is a worker of the program. */
  uncaughtHandler: UncaughtHandler | undefined;

  constructor(options: {
    readonly memory: KernelMemory;
    readonly agent: number;
    readonly environment: Environment;
    readonly code: KnownCode;
    readonly services: Services;
    readonly fastCheck?: object;
    readonly onStuck: () => never;
    /** For a file of tests, which exports no scenario. */
    readonly makeTestProgram?: MakeTestProgram | undefined;
  }) {
    this.#code = options.code;
    this.#environment = options.environment;
    this.#facts = this.#ownFacts(options.agent);
    for (const view of Object.values(options.memory) as readonly { readonly buffer: SharedArrayBuffer }[]) {
      excludeFromPoints(view.buffer);
    }
    this.memoryMeasure = new MemoryMeasure(options.memory.words, options.agent, () => {
      this.#letGo();
    });
    this.kernel = new Kernel(options.memory, options.agent, this.memoryMeasure.turnstile);
    this.kernel.onStuck = options.onStuck;
    this.kernel.onMeasure = () => {
      this.memoryMeasure.measure();
    };
    this.#places = new CallPlaces(options.code);
    this.points = new AgentPoints(this.kernel, this.#places);
    this.loop = new EventLoop(this.kernel, this.points, drainMicrotasks);
    this.points.attach(this.loop);
    this.history = new HistoryLog(this.kernel);
    this.participants = new Participants(this.kernel, this.points, this.loop, this.history, () => {
      this.#judgeNow();
    });
    const { makeTestProgram } = options;
    this.#testFile = makeTestProgram === undefined ? undefined : new TestFile(makeTestProgram, this.kernel, this.loop);
    const standIns = this.#testFile?.standIns;
    this.#timers = createShadowTimers(this.kernel, this.points, this.loop, standIns);
    this.#clock = createShadowClock(this.kernel, this.points, standIns);
    this.#compression = new ShadowCompression(this.points, this.loop);
    this.ports = new ShadowPorts(this.kernel, this.points, this.loop);
    this.workers = new ShadowWorkers({
      kernel: this.kernel,
      points: this.points,
      ports: this.ports,
      loop: this.loop,
      services: options.services,
      facts: () => this.#facts,
      process: () => this.#world.process.process,
      environmentIsUnchanged: () =>
        options.agent === 0 ? this.#environmentIsUnchanged : isUnchangedCopy(this.#world.process.process.env),
    });
    this.#world = createShadowedWorld({
      code: options.code,
      workers: this.workers,
      facts: () => this.#facts,
      atomics: createShadowAtomics(this.points),
      timers: this.#timers,
      clock: this.#clock,
      compression: this.#compression,
      ports: this.ports,
      buffers: this.points.buffers,
      parentPort: () => (this.#parentPort ??= this.#openParentPort?.() ?? null),
      packages: (id) => this.#packages.get(id),
      evaluateFile: (file) => this.#evaluateFile(options.services, file),
      makeEnvironment: () => (options.agent === 0 ? process.env : this.#environment.copy()),
      fastCheck: options.fastCheck,
      testModules: this.#testFile?.modules,
    });
    this.#uninstallViews = installViewShadows(this.points);
    this.#unguardTicks = guardTicks(
      () => this.points.live,
      (reason) => {
        this.failUnlessHeard({ event: 'uncaughtException', reason });
      },
    );
    this.#stopKeepingUndoable = keepPropertiesUndoable((target) => this.#realm?.guards(target) === true);
    const runtime = createElementRuntime(this.points);
    this.#worldValues = bundleParameters.map((name) => {
      if (name === '$threadmill') return runtime;
      if (name === 'require') return this.#world.require;
      return this.#world.globals[name];
    });
    this.#forget = () => runtime.forget();
  }

  #ownFacts(agent: number): ThreadFacts {
    return {
      isMainThread: agent === 0,
      threadId: agent,
      workerData: null,
      resourceLimits: {},
      environmentData: new Map(),
      name: '',
    };
  }

  /** Whether this agent can evaluate the program with this number. */
  knows(number: number): boolean {
    return this.#programs.has(number);
  }

  /** Makes a program known, and evaluates its packages. The agent takes part in no execution. */
  learn(number: number, { compiled, places }: LoadedProgram): void {
    this.#code.add(places);
    this.#places.renew();
    if (compiled.packages !== null) {
      const packages = compileBundle(compiled.packages)(...this.#worldValues) as Record<string, () => unknown>;
      for (const [id, evaluate] of Object.entries(packages))
        if (!this.#packages.has(id)) this.#packages.set(id, evaluate);
      remembersViews(this.#forget);
    }
    const { file, own, projectDirectory, external } = compiled;
    this.#nodeLoads ??= new LoadedByNode(projectDirectory, external);
    this.#programs.set(number, { file, evaluateOwn: compileBundle(own), isAsync: own.isAsync });
    if (compiled.mayEditRealm) this.#realm ??= new RealmGuard(Object.values(this.#world.globals));
    this.memoryMeasure.ownsMore();
    if (number === 0) this.#attachTests(compiled);
  }

  #attachTests(compiled: LoadedProgram['compiled']): void {
    this.#testFile?.attach(compiled, {
      globals: this.#world.globals,
      evaluate: () => this.evaluate(0),
      fail: (error) => {
        this.fail(error);
      },
    });
  }

  /** A stack with places in the sources. */
  mappedStack(stack: string): string {
    return mapStack(stack, this.#code.bundles);
  }

  /** The file of a program that this agent knows. */
  fileOf(number: number): string {
    return this.#programs.get(number)?.file ?? '';
  }

  /** Evaluates a program that this agent knows. Returns the exports of its entry, or a promise if it has top-level await. */
  evaluate(number: number): Exports | Promise<Exports> {
    const program = this.#programs.get(number);
    if (program === undefined) throw new Error(`agent ${this.kernel.agent} does not know program ${number}`);
    return program.evaluateOwn(...this.#worldValues);
  }

  /** A file that the program asks for by a name known at run time: compiled when first met, evaluated in each execution that does. */
  #evaluateFile(services: Services, file: string): Promise<unknown> | undefined {
    if (this.#nodeLoads?.has(file) === true) return undefined;
    const compiled = services.compile({ kind: 'file', file }, true);
    if ('thrown' in compiled) throw revive(compiled.thrown);
    const { program } = compiled;
    if (this.#asked.has(program)) return this.#asked.get(program);
    if (!this.knows(program)) this.learn(program, services.fetch(program));
    this.#asked.set(program, undefined);
    const exports = this.evaluate(program);
    if (this.#programs.get(program)?.isAsync !== true) return undefined;
    const done = (exports as Promise<Exports>).then(() => this.#asked.set(program, undefined));
    this.#asked.set(program, done);
    return done;
  }

  #evaluateScenario(): Exports {
    const exports = this.evaluate(0);
    if (this.#programs.get(0)?.isAsync !== true) return exports as Exports;
    const { awaited } = this.#worldValues[0] as ElementRuntime;
    return settleEarly(exports as Promise<Exports>, { drainMicrotasks, runTask: this.loop.runEarly, awaited });
  }

  /** Restores the realm to its state before this agent existed. */
  dispose(): void {
    this.#testFile?.dispose();
    this.#uninstallViews();
    this.#unguardTicks();
    this.#stopKeepingUndoable();
    this.#world.reset();
    this.#world.dispose();
    this.#compression.dispose();
    endRemembering();
  }

  /** Releases what is no longer needed, before garbage is collected. */
  #letGo(): void {
    forgetViews();
    if (this.kernel.words[at.ACTIVE] === 1 && !this.kernel.hasNewExecution) return;
    // That of the last execution would be released anyway when this agent joins the next one.
    this.#judge = undefined;
    this.points.reset();
    this.history.reset();
  }

  /** Forgets the last execution and evaluates the scenario's own files again. The caller holds the turn. */
  beginExecution(): AnyScenario {
    this.joinExecution();
    return this.#testFile?.begin() ?? (this.#evaluateScenario()['default'] as AnyScenario);
  }

  /** Forgets the last execution. The caller holds the turn. */
  joinExecution(): void {
    this.points.live = false;
    this.#testFile?.dispose();
    this.restoreRealm();
    this.#realmIsTouched = true;
    this.kernel.joinExecution();
    this.points.reset();
    this.loop.reset();
    this.history.reset();
    this.#timers.reset();
    this.#clock.reset();
    this.ports.reset();
    this.workers.reset();
    this.#world.reset();
    this.#facts = this.#ownFacts(this.kernel.agent);
    this.uncaughtHandler = undefined;
    if (this.#asked.size > 0) this.#asked.clear();
    this.#judge = undefined;
    this.#parentPort = null;
    this.loop.onFirstMessage = undefined;
    this.loop.staysAlive = undefined;
  }

  /** What the program's `process` is. */
  get processShadow(): ProcessShadow {
    return this.#world.process;
  }

  /** Makes this agent a worker of the program for this execution. */
  becomeWorker(facts: ThreadFacts, parentPort: MessagePort, handler: UncaughtHandler): void {
    this.#facts = facts;
    this.#parentPort = parentPort;
    this.uncaughtHandler = handler;
  }

  /** Of the main agent: no code of the program can reach its environment, and no worker shares it. */
  get #environmentIsUnchanged(): boolean {
    return this.#realm === undefined && this.kernel.words[at.ENVIRONMENT_SHARED] === 0;
  }

  /** Undoes what the execution did to built-in objects, before the harness itself relies on them again. */
  restoreRealm(): void {
    if (this.#realmIsTouched) this.#realm?.restore();
    if (this.kernel.agent === 0 && this.kernel.words[at.ENVIRONMENT_SHARED] === 1) this.#environment.restore();
    this.#realmIsTouched = false;
  }

  /** Names what differs from the realm as it was before the scenario was evaluated. */
  realmChanges(limit: number): string[] {
    return this.#realm?.changes(limit) ?? [];
  }

  /** Sets how a worker agent gets its `parentPort` in this execution, if its program uses it. */
  offerParentPort(open: () => MessagePort): void {
    this.#openParentPort = open;
  }

  /** The store of the last execution, as the scenario made it; undefined once it has been released. */
  get store(): unknown {
    return this.#judge?.store;
  }

  /** From here on, the program under test runs. */
  goLive(scenario: AnyScenario, store: unknown): void {
    this.#judge = new Judge(invariantsOf(scenario), this.history, store, this.kernel.agent);
    this.points.live = true;
  }

  #judgeNow(): void {
    const finding = this.#observing(() => this.#judge?.observe());
    if (finding === undefined) return;
    this.#reportFinding(finding);
    this.kernel.throwIfEnded();
  }

  /** The final judgement, by the main agent when all have finished. */
  judgeEnd(): void {
    const finding = this.#observing(() => this.#judge?.finish());
    if (finding !== undefined) this.#reportFinding(finding);
  }

  /** Runs an invariant, which reads the store without being part of the execution. */
  #observing<Result>(look: () => Result): Result | undefined {
    try {
      return this.#unseen(look);
    } catch (error) {
      this.fail(error, `an invariant threw: ${thrownMessage(describeThrown(error))}`);
      return undefined;
    }
  }

  /** Runs something that is not part of the execution, although it may read shared memory. */
  #unseen<Result>(look: () => Result): Result {
    const { live } = this.points;
    this.points.live = false;
    try {
      return look();
    } finally {
      this.points.live = live;
    }
  }

  #reportFinding(finding: Finding): void {
    const failure = this.#unseen(() => failureOf(finding));
    writeReport(this.kernel.memory, { step: this.kernel.words[at.STEP]!, ...failure });
    this.#overrule(endReasons.violation);
  }

  /** An unhandled rejection or uncaught exception: the program's own listeners on `process` come first, as in Node. */
  failUnlessHeard(uncaught: Uncaught): void {
    const { event, reason } = uncaught;
    if (isInstance(reason, ExecutionEnded)) return;
    if (isOfHarness(reason)) {
      this.fail(reason);
      return;
    }
    try {
      if (!this.kernel.ended && tellProgram(this.#world.process.emit, uncaught)) return;
    } catch (thrown) {
      this.fail(thrown);
      return;
    }
    if (event === 'uncaughtException') this.fail(reason);
    else this.#failRejected(reason);
  }

  /** Ends the execution because of an unhandled rejection. */
  #failRejected(reason: unknown): void {
    if (this.uncaughtHandler !== undefined) {
      this.fail(rejectionError(reason));
      return;
    }
    const { site, ...task } = this.loop.task;
    const occasion = describeTask(this.kernel.agent, this.kernel.words[at.WRITERS]!, {
      ...task,
      place: this.#code.site(site),
    });
    const said = rejectionMessage(this.#unseen(() => describeRejected(reason)));
    const message = `${said}\nrejected in ${occasion}\n${handledTooLate}`;
    this.fail(reason, message);
  }

  /**
   * Ends the execution because of what the program under test threw.
   *
   * @param message the failure's message; by default a description of what was thrown
   */
  fail(error: unknown, message?: string): void {
    if (
      isInstance(error, ExecutionEnded) ||
      (this.kernel.ended && this.kernel.words[at.END_REASON] !== endReasons.done)
    )
      return;
    if (this.uncaughtHandler !== undefined && !isOfHarness(error)) {
      this.uncaughtHandler.fail(error);
      return;
    }
    const isOfEngine = isInstance(error, ProcessExit) || isInstance(error, UncontrolledOperation);
    const thrown = describeThrown(error);
    const assertion = isOfEngine ? undefined : this.#unseen(() => describeAssertion(error));
    writeReport(this.kernel.memory, {
      agent: this.kernel.agent,
      step: this.kernel.words[at.STEP]!,
      ...(thrown.stack === undefined ? {} : { stack: thrown.stack }),
      ...(assertion === undefined ? {} : { ...assertion, invariant: assertionNames[this.#assertionPlace] }),
      message: isOfEngine ? error.message : (message ?? assertion?.message ?? thrownMessage(thrown)),
    });
    if (isInstance(error, UncontrolledOperation)) this.#overrule(endReasons.uncontrolled);
    else this.#overrule(assertion === undefined ? endReasons.crash : endReasons.violation);
  }

  get #assertionPlace(): AssertionPlace {
    if (this.kernel.agent > 0) return 'writer';
    if (this.kernel.words[at.AFTER] === afterStates.begun) return 'after';
    if (this.#testFile !== undefined) return 'test';
    return this.kernel.words[at.PROGRAM] === 1 ? 'program' : 'reader';
  }

  /** Ends the execution, or changes its verdict if it had seemed to end well. */
  #overrule(reason: number): void {
    if (this.kernel.words[at.END_REASON] === endReasons.done) this.kernel.words[at.END_REASON] = reason;
    this.kernel.end(reason);
  }

  /** Starts one `run` and follows it to its end. */
  start(run: () => unknown): void {
    const settled = (): void => {
      this.kernel.words[at.UNSETTLED] = this.kernel.words[at.UNSETTLED]! - 1;
      this.kernel.write(
        this.kernel.agent,
        at.AGENT_UNSETTLED,
        this.kernel.read(this.kernel.agent, at.AGENT_UNSETTLED) - 1,
      );
      this.kernel.noteProgress();
      this.kernel.noteNews();
    };
    let result: unknown;
    try {
      result = run();
    } catch (error) {
      this.fail(error);
      return;
    }
    if (result instanceof Promise) {
      result.then(settled, (error: unknown) => {
        this.fail(error);
      });
    } else {
      settled();
    }
  }

  /** Runs this agent's event loop until the execution ends, then lets what is left on the stack unwind. */
  runLoop(begin: () => void): void {
    try {
      begin();
    } catch (error) {
      this.fail(error);
    }
    this.drainWhatIsLeft();
    const { kernel } = this;
    while (!kernel.ended && !this.attempt(this.#runTasks));
    if (kernel.words[at.END_REASON] === endReasons.deadlock) this.#lookForUncontrolled();
  }

  readonly #runTasks = (): void => {
    this.loop.run();
  };

  /**
   * Runs part of the program, and all that follows at once. What is thrown goes where Node sends it. Returns whether nothing was
   * thrown: the rest has not been done, and can be.
   */
  attempt(run: () => void): boolean {
    let isDone = false;
    try {
      run();
      isDone = true;
    } catch (reason) {
      this.failUnlessHeard({ event: 'uncaughtException', reason });
    }
    this.drainWhatIsLeft();
    return isDone;
  }

  /** Lets every queued callback run. When the execution has ended, it finds that: one that is left would run in the next execution. */
  drainWhatIsLeft(): void {
    for (;;) {
      try {
        drainMicrotasks();
        return;
      } catch (reason) {
        this.failUnlessHeard({ event: 'uncaughtException', reason });
      }
    }
  }

  /** An apparent deadlock may be an agent that waits for one of Node's operations that the schedule does not control. */
  #lookForUncontrolled(): void {
    if (this.kernel.read(this.kernel.agent, at.AGENT_UNSETTLED) === 0) return;
    const foreign = process.getActiveResourcesInfo().filter((resource) => Object.hasOwn(resourceApis, resource));
    const first = foreign[0];
    const awaited =
      first === undefined
        ? this.#world.foreignCalls.first
        : `${resourceApis[first] ?? first} (${[...new Set(foreign)].join(', ')})`;
    if (awaited === undefined) return;
    writeReport(this.kernel.memory, {
      agent: this.kernel.agent,
      step: this.kernel.words[at.STEP]!,
      message: `the execution waits for ${awaited}, which the schedule does not control`,
    });
    this.kernel.words[at.END_REASON] = endReasons.uncontrolled;
  }
}

/** Whether the harness, not the program, is why something was thrown: it decides the verdict, wherever it was thrown. */
const isOfHarness = (error: unknown): boolean =>
  isInstance(error, UncontrolledOperation) ||
  isInstance(error, LimitExceeded) ||
  isInstance(error, ProcessExit) ||
  isInstance(error, HarnessError);

function compileBundle(bundle: Bundle): EvaluateBundle {
  return new vm.Script(bundle.code, { filename: bundle.fileName }).runInThisContext() as EvaluateBundle;
}
