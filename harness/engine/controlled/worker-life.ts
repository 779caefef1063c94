import { Readable, Writable } from 'node:stream';
import type { MessagePort } from 'node:worker_threads';
import { isInstance } from '../../describe-thrown.js';
import { textOnly } from '../environment.js';
import { ExecutionEnded, executionEnded } from '../../kernel/execution-ended.js';
import * as at from '../../kernel/layout.js';
import { agentStates } from '../../kernel/layout.js';
import { operationCodes } from '../../kernel/operations.js';
import type { Agent } from './agent.js';
import { drainMicrotasks } from './drain-microtasks.js';
import type { Compiled, Services } from './services.js';
import type { WorkerInput } from './shadows/workers.js';
import { carryThrown, revive, type CarriedThrown } from './thrown-transport.js';

/** Node's exit code when nothing can end a top-level await. */
const unsettledExitCode = 13;

/** What a worker gets in `data` of its input. */
export interface WorkerGiven {
  readonly workerData: unknown;
  /** Where what is written to `worker.stdin` arrives. */
  readonly stdin?: MessagePort;
}

/**
 * The life of a worker that the program started, in one execution: from its first step to its exit, as in Node. It takes place on
 * the thread and the event loop of an agent.
 */
export class WorkerLife {
  readonly #agent: Agent;
  readonly #services: Services;
  readonly #port: MessagePort;

  /** @param port leads to the worker's handle */
  constructor(agent: Agent, services: Services, port: MessagePort) {
    this.#agent = agent;
    this.#services = services;
    this.#port = port;
  }

  /** Lives until the worker has exited, or the execution is over. Returns whether it has exited: then the turn is another agent's. */
  run(input: WorkerInput): boolean {
    const { kernel, loop } = this.#agent;
    // What the program does may end it at any time.
    const hasEnded = (): boolean => kernel.ended;
    this.#agent.attempt(() => {
      this.#begin(input);
    });
    while (!hasEnded()) {
      this.#agent.attempt(() => {
        loop.run();
      });
      if (!hasEnded() && !this.#hasMore()) this.#exit();
    }
    this.#agent.drainWhatIsLeft();
    if (!kernel.isEnding) return false;
    this.#leave();
    return true;
  }

  #begin(input: WorkerInput): void {
    const { compiled, preloads, data, environmentData, env, script, argv, execArgv, name, resourceLimits, streams } =
      input;
    const agent = this.#agent;
    const { kernel, ports, points } = agent;
    const given = ports.unseal(data) as WorkerGiven;
    const facts = {
      isMainThread: false,
      threadId: kernel.agent,
      workerData: given.workerData,
      resourceLimits,
      environmentData: ports.unseal(environmentData) as Map<unknown, unknown>,
      name,
    };
    ports.adoptParentPort(this.#port, kernel.read(kernel.agent, at.AGENT_CHANNEL) + 1);
    agent.becomeWorker(facts, this.#port, this);
    const loop = agent.loop;
    loop.staysAlive = () => loop.timers.hasReferenced || ports.keepsAlive || agent.workers.keepsAlive;
    const programs = [...preloads, compiled];
    for (const one of programs)
      if ('program' in one && !agent.knows(one.program)) agent.learn(one.program, this.#services.fetch(one.program));
    agent.processShadow.present({
      argv: [process.execPath, script, ...argv],
      execArgv: [...execArgv],
      ...(env === 'unchanged' ? {} : { env: env === 'shared' ? process.env : textOnly(env) }),
      exit: (code) => this.#exitNow(code),
      streams: {
        ...(streams.stdin ? { stdin: this.#inputFrom(given.stdin) } : {}),
        ...(streams.stdout ? { stdout: this.#outputTo('stdout') } : {}),
        ...(streams.stderr ? { stderr: this.#outputTo('stderr') } : {}),
      },
    });
    points.live = true;
    kernel.endIfAsked();
    kernel.throwIfEnded();
    points.point(0);
    points.note(operationCodes.begin, 0, 0, 0, 0, true);
    ports.tell(this.#port, 'online', undefined);
    this.#evaluate(programs);
  }

  /** Evaluates one program after another; each may have top-level await. */
  #evaluate([first, ...rest]: readonly Compiled[]): void {
    if (first === undefined) return;
    if ('thrown' in first) throw revive(first.thrown);
    const exports = this.#agent.evaluate(first.program);
    if (!(exports instanceof Promise)) {
      this.#evaluate(rest);
      return;
    }
    this.#isEvaluating = true;
    exports.then(
      () => {
        this.#isEvaluating = false;
        this.#evaluate(rest);
      },
      (reason: unknown) => {
        this.#isEvaluating = false;
        this.#agent.failUnlessHeard({ event: 'uncaughtException', reason });
      },
    );
  }

  /** Whether a top-level await has not ended. */
  #isEvaluating = false;

  #outputTo(name: 'stdout' | 'stderr'): Writable {
    return new Writable({
      decodeStrings: true,
      write: (chunk: Buffer, _encoding, done) => {
        this.#agent.ports.tell(this.#port, name, new Uint8Array(chunk));
        done();
      },
    });
  }

  #inputFrom(port: MessagePort | undefined): Readable {
    let isRead = false;
    const stream = new Readable({
      read: () => {
        // Only input that is read keeps the worker alive.
        if (isRead) return;
        isRead = true;
        port?.on('message', (chunk: Uint8Array | null) => {
          stream.push(chunk);
          if (chunk === null) port.close();
        });
      },
    });
    return stream;
  }

  /** Whether the program does more when nothing is left to do: in `beforeExit`. */
  #hasMore(): boolean {
    const { loop, kernel, processShadow: shadow } = this.#agent;
    this.#agent.attempt(() => shadow.emit('beforeExit', this.#exitCode));
    return kernel.ended || loop.hasWork || loop.staysAlive?.() === true;
  }

  get #exitCode(): number {
    const { exitCode } = this.#agent.processShadow;
    return typeof exitCode === 'number' ? exitCode : Number(exitCode ?? 0);
  }

  /** Nothing is left to do. */
  #exit(): void {
    this.#sayExit(this.#isEvaluating ? unsettledExitCode : this.#exitCode);
  }

  /** Tells the program that it exits, which can still change the code. */
  #sayExit(code: number): void {
    const { kernel, processShadow: shadow } = this.#agent;
    let last = code;
    try {
      shadow.emit('exit', code);
      if (!this.#isExiting) drainMicrotasks();
      if (shadow.exitCode !== undefined) last = this.#exitCode;
    } catch (error) {
      if (!isInstance(error, ExecutionEnded)) this.#tellError(error);
      // As in Node, whose own code has been decided by then.
      if (this.#isExiting) last = 1;
    }
    if (!kernel.ended) kernel.beginEnding(last);
  }

  #isExiting = false;

  /** `process.exit()`. */
  #exitNow(code: unknown): never {
    const { kernel } = this.#agent;
    if (code !== undefined) Reflect.set(this.#agent.processShadow.process, 'exitCode', code);
    if (!this.#isExiting) {
      this.#isExiting = true;
      this.#sayExit(this.#exitCode);
    } else kernel.beginEnding(this.#exitCode);

    throw executionEnded;
  }

  /** With places in the sources, instead of those in bundles. */
  #carried(error: unknown): CarriedThrown {
    return carryThrown(error, (stack) => this.#agent.mappedStack(stack));
  }

  #tellError(error: unknown): void {
    if (!this.#agent.kernel.ended) this.#agent.ports.tell(this.#port, 'error', this.#carried(error));
  }

  /** Nothing in the worker heard of an error: its handle does, and the worker ends. */
  fail(error: unknown): void {
    const { kernel, processShadow: shadow } = this.#agent;
    const hasEnded = (): boolean => kernel.ended;
    if (hasEnded()) return;
    let code = 1;
    try {
      this.#tellError(error);
      Reflect.set(shadow.process, 'exitCode', code);
      shadow.emit('exit', code);
      code = this.#exitCode;
    } catch (thrown) {
      if (isInstance(thrown, ExecutionEnded)) return;
    }
    if (!hasEnded()) kernel.beginEnding(code);
  }

  /** Exits: whatever is left of the worker ends, and its handle learns of it. */
  #leave(): void {
    const { kernel, points, ports } = this.#agent;
    kernel.die();
    ports.closeAll();
    points.note(operationCodes.exit, 0, kernel.agent, 0, kernel.read(kernel.agent, at.AGENT_EXIT_CODE), true);
    for (const child of kernel.childrenOf(kernel.agent)) kernel.askToEnd(child, 1);
    this.#tellExits();
    kernel.leaveForGood();
  }

  /** Lets the handle learn of the exit once the worker's own workers have ended, as Node does; then that of its starter, if it waits for this. */
  #tellExits(): void {
    const { kernel, ports } = this.#agent;
    let worker = kernel.agent;
    while (kernel.childrenOf(worker).length === 0) {
      ports.tellExit(worker);
      const starter = kernel.read(worker, at.AGENT_PARENT) - 1;
      if (kernel.read(starter, at.AGENT_STATE) !== agentStates.ended) return;
      kernel.write(worker, at.AGENT_RELEASED, 1);
      worker = starter;
    }
  }
}
