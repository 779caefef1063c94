import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import workerThreads, { Worker as NodeWorker, type MessagePort, type WorkerOptions } from 'node:worker_threads';
import type { ProgramEntry } from '../../../instrument/bundle.js';
import { sourceOf } from '../../../instrument/source-of.js';
import type { Kernel } from '../../../kernel/kernel.js';
import * as at from '../../../kernel/layout.js';
import { agentStates } from '../../../kernel/layout.js';
import { operationCodes } from '../../../kernel/operations.js';
import type { AgentPoints } from '../agent-points.js';
import type { Envelope } from '../envelope.js';
import type { Compiled, Services } from '../services.js';
import { carryThrown, revive, type CarriedThrown } from '../thrown-transport.js';
import type { ShadowPorts } from './ports.js';
import { UncontrolledOperation } from './uncontrolled-operation.js';

/** What a thread knows of itself: what `node:worker_threads` and `process` tell its program. */
export interface ThreadFacts {
  readonly isMainThread: boolean;
  readonly threadId: number;
  readonly workerData: unknown;
  readonly resourceLimits: object;
  readonly environmentData: Map<unknown, unknown>;
  readonly name: string;
}

/** What the starter of a worker gives it, in front of all messages. */
export interface WorkerInput {
  readonly execution: number;
  /** Its program, or what compiling it threw. */
  readonly compiled: Compiled;
  /** Its `workerData`. */
  readonly data: Envelope;
  readonly environmentData: Envelope;
  /** Undefined: it shares the environment of the process. */
  readonly env: Readonly<Record<string, string>> | undefined;
  readonly argv: readonly string[];
  readonly execArgv: readonly string[];
  readonly name: string;
  readonly resourceLimits: object;
  /** Which of its streams lead to its handle. */
  readonly streams: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean };
}

/** What the shadow of `Worker` needs of the agent on which it is used. */
export interface WorkerStarter {
  readonly kernel: Kernel;
  readonly points: AgentPoints;
  readonly ports: ShadowPorts;
  readonly services: Services;
  /** Of the agent itself. */
  readonly facts: () => ThreadFacts;
  readonly process: () => NodeJS.Process;
}

/** The workers that one agent starts, and the class with which it does. */
export class ShadowWorkers {
  readonly Worker: typeof NodeWorker;
  readonly #kernel: Kernel;
  /** Workers started in this execution that have not ended. */
  readonly #alive = new Set<HandleState>();

  constructor(starter: WorkerStarter) {
    this.#kernel = starter.kernel;
    this.Worker = workerClass(starter, this.#alive);
  }

  /** Forgets the last execution. */
  reset(): void {
    if (this.#alive.size > 0) this.#alive.clear();
  }

  /** Whether some worker would keep a Node process alive. */
  get keepsAlive(): boolean {
    for (const state of this.#alive) if (state.isReferenced) return true;
    return false;
  }

  /** This agent has ended: so do the workers that it started. */
  endAll(): void {
    for (const { agent } of this.#alive)
      if (this.#kernel.read(agent, at.AGENT_STATE) !== agentStates.ended) this.#kernel.askToEnd(agent, 1);
  }
}

interface HandleState {
  agent: number;
  isReferenced: boolean;
}

const relativePath = /^\.\.?[\\/]/;

/** Whether Node would refuse the arguments: then it is left to Node to say so. */
function mayBeRefused(filename: unknown, options: WorkerOptions): boolean {
  const isUrl = filename instanceof URL;
  if (options.eval === true ? typeof filename !== 'string' : typeof filename !== 'string' && !isUrl) return true;
  if (isUrl && !['file:', 'data:'].includes(filename.protocol)) return true;
  if (typeof filename === 'string' && options.eval !== true) {
    if (!path.isAbsolute(filename) && !relativePath.test(filename)) return true;
  }
  const { env, argv, execArgv, resourceLimits } = options as Readonly<Record<string, unknown>>;
  if (env !== undefined && env !== null && typeof env !== 'object' && env !== workerThreads.SHARE_ENV) return true;
  if (argv !== undefined && argv !== null && !Array.isArray(argv)) return true;
  if (execArgv !== undefined && execArgv !== null && !Array.isArray(execArgv)) return true;
  const { name } = options as { name?: unknown };
  if (name !== undefined && typeof name !== 'string') return true;
  return resourceLimits !== undefined && typeof resourceLimits !== 'object';
}

/** Throws what Node throws for arguments that it refuses. */
function letNodeRefuse(filename: unknown, options: WorkerOptions): void {
  const real = new NodeWorker(filename as string, { ...options, stdout: true, stderr: true });
  real.on('error', () => undefined);
  void real.terminate();
}

function entryOf(filename: string | URL, isText: boolean): ProgramEntry | { readonly thrown: CarriedThrown } {
  const directory = process.cwd();
  if (isText) {
    const format = 'commonjs';
    return { kind: 'text', text: String(filename), directory, format, name: '[worker eval]' };
  }
  if (filename instanceof URL && filename.protocol === 'data:') {
    const [head = '', ...rest] = filename.href.slice('data:'.length).split(',');
    const [type] = head.split(';');
    const body = decodeURIComponent(rest.join(','));
    const text = head.endsWith(';base64') ? Buffer.from(body, 'base64').toString('utf8') : body;
    const format = type === 'application/json' ? 'json' : 'module';
    return { kind: 'text', text, directory, format, name: filename.href };
  }
  const file = filename instanceof URL ? fileURLToPath(filename) : path.resolve(filename);
  if (existsSync(sourceOf(file))) return { kind: 'file', file };
  const code = file.endsWith('.mjs') ? 'ERR_MODULE_NOT_FOUND' : 'MODULE_NOT_FOUND';
  return { thrown: carryThrown(Object.assign(new Error(`Cannot find module '${file}'`), { code })) };
}

/** The environment of a worker: a copy of what it is given, as text. */
function environmentOf(env: unknown, inherited: NodeJS.ProcessEnv): Record<string, string> | undefined {
  if (env === workerThreads.SHARE_ENV) return undefined;
  const given = (env ?? inherited) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.keys(given).map((key) => [key, String(given[key])]));
}

/** What Node shows in `resourceLimits`, with its defaults for what is not given. */
function limitsOf(given: object | undefined): object {
  const names = ['maxYoungGenerationSizeMb', 'maxOldGenerationSizeMb', 'codeRangeSizeMb', 'stackSizeMb'] as const;
  const defaults = workerThreads.resourceLimits as Readonly<Record<string, number>>;
  const fallback: Readonly<Record<string, number>> = { stackSizeMb: 4, ...defaults };
  return Object.fromEntries(
    names.map((name) => {
      const value: unknown = Reflect.get(given ?? {}, name);
      return [name, typeof value === 'number' ? value : (fallback[name] ?? 0)];
    }),
  );
}

/** The shadow of Node's class, for one agent. */
function workerClass(starter: WorkerStarter, alive: Set<HandleState>): typeof NodeWorker {
  const { kernel, points, ports, services } = starter;
  const states = new WeakMap<object, HandleState>();
  const stateOf = (worker: object): HandleState => {
    const state = states.get(worker);
    if (state === undefined) throw new TypeError('Illegal invocation');
    return state;
  };

  function start(
    worker: Worker,
    filename: string | URL,
    options: WorkerOptions,
    site: number,
    stdin: MessagePort | undefined,
  ): HandleState {
    points.point(site);
    const agent = kernel.words[at.AGENT_COUNT]!;
    if (agent >= at.maximumAgents)
      throw new UncontrolledOperation(
        `new Worker(): an execution can start ${at.maximumAgents - 1} threads, writers and ended ones included. Use fewer, or run the scenario with --engine stress`,
      );
    const shared = starter.process();
    const facts = starter.facts();
    const entry = entryOf(filename, options.eval === true);
    const compiled = 'thrown' in entry ? entry : services.compile(entry);
    const pipe = services.pipeTo(agent);
    const given = [...((options.transferList ?? []) as readonly object[]), ...(stdin === undefined ? [] : [stdin])];
    const data = ports.sealFor({ workerData: options.workerData as unknown, stdin }, given);
    const input: WorkerInput = {
      execution: kernel.words[at.EXECUTION]!,
      compiled,
      data,
      environmentData: ports.sealFor(facts.environmentData, []),
      env: environmentOf(options.env, shared.env),
      argv: (options.argv ?? []).map((value: unknown) => String(value)),
      execArgv: options.execArgv ?? shared.execArgv,
      name: options.name ?? 'WorkerThread',
      resourceLimits: limitsOf(options.resourceLimits),
      streams: { stdin: options.stdin === true, stdout: options.stdout === true, stderr: options.stderr === true },
    };
    pipe.postMessage(input, given as MessagePort[]);
    ports.letGo(given);
    kernel.addAgent();
    const channel = ports.openWorkerChannel(pipe, agent, worker, (event, value) => {
      worker.receive(event, value);
    });
    kernel.write(agent, at.AGENT_CHANNEL, channel);
    kernel.write(agent, at.AGENT_PROGRAM, 'program' in compiled ? compiled.program : -1);
    points.note(operationCodes['new Worker'], site, agent, 0, 0, true);
    return { agent, isReferenced: true };
  }

  // Stacks show its name.
  class Worker extends EventEmitter {
    readonly stdin: Writable | null;
    readonly stdout: Readable;
    readonly stderr: Readable;
    readonly resourceLimits: object;
    readonly performance = {
      eventLoopUtilization: (): object => ({ idle: 0, active: 0, utilization: 0 }),
    };

    constructor(filename: string | URL, options: WorkerOptions = {}) {
      super();
      const site = points.placeOf(this, 'Worker', shadow);
      if (mayBeRefused(filename, options)) letNodeRefuse(filename, options);
      const refused = options.execArgv?.length ? services.check(options.execArgv) : undefined;

      if (refused !== undefined) throw revive(refused);
      const input = options.stdin === true ? new ports.MessageChannel() : undefined;
      const state = start(this, filename, options, site, input?.port2);
      states.set(this, state);
      alive.add(state);
      this.stdin =
        input === undefined
          ? null
          : new Writable({
              write: (chunk: Buffer, _encoding, done) => {
                ports.post(input.port1, 0, new Uint8Array(chunk));
                done();
              },
              final: (done) => {
                ports.post(input.port1, 0, null);
                done();
              },
            });
      this.stdout = new Readable({ read: () => undefined });
      this.stderr = new Readable({ read: () => undefined });
      this.resourceLimits = limitsOf(options.resourceLimits);
    }

    /** Gets what arrives from the worker. */
    receive(event: string, value: unknown): void {
      switch (event) {
        case 'stdout':
        case 'stderr':
          this[event].push(value);
          return;
        case 'error':
          this.emit('error', revive(value as CarriedThrown));
          return;
        case 'close': {
          const state = stateOf(this);
          alive.delete(state);
          this.stdout.push(null);
          this.stderr.push(null);
          this.emit('exit', kernel.read(state.agent, at.AGENT_EXIT_CODE));
          return;
        }
        default:
          this.emit(event, ...(event === 'online' ? [] : [value]));
      }
    }

    get threadId(): number {
      const state = stateOf(this);
      return alive.has(state) ? state.agent : -1;
    }

    postMessage(value: unknown, options?: readonly object[] | { readonly transfer?: readonly object[] }): void {
      const site = points.placeOf(this, 'postMessage');
      if (arguments.length === 0)
        throw Object.assign(new TypeError('The "message" argument must be specified'), { code: 'ERR_MISSING_ARGS' });
      if (!alive.has(stateOf(this))) return;
      const transfer = Array.isArray(options)
        ? (options as readonly object[])
        : (options as { transfer?: readonly object[] } | undefined)?.transfer;
      ports.post(this, site, value, transfer);
    }

    ref(): void {
      if (alive.has(stateOf(this))) stateOf(this).isReferenced = true;
    }

    unref(): void {
      stateOf(this).isReferenced = false;
    }

    terminate(callback?: (error: Error | null, exitCode: number) => void): Promise<number | undefined> {
      const site = points.placeOf(this, 'terminate');
      const state = stateOf(this);
      if (typeof callback === 'function') this.once('exit', (code: number) => callback(null, code));
      if (!alive.has(state)) return Promise.resolve(undefined);
      this.ref();
      points.point(site);
      kernel.askToEnd(state.agent, 1);
      points.note(operationCodes.terminate, site, state.agent, 0, 0, true);
      return new Promise((resolve) => this.once('exit', resolve));
    }

    getHeapSnapshot(): never {
      throw new UncontrolledOperation('worker.getHeapSnapshot(): the heap is that of the harness too');
    }

    async [asyncDispose](): Promise<void> {
      await this.terminate();
    }
  }
  const shadow = Worker as unknown as typeof NodeWorker;
  return shadow;
}

const asyncDispose: symbol =
  (Symbol as { readonly asyncDispose?: symbol }).asyncDispose ?? Symbol.for('nodejs.asyncDispose');
