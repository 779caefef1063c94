import { EventEmitter } from 'node:events';
import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';
import workerThreads, { Worker as NodeWorker, type MessagePort, type WorkerOptions } from 'node:worker_threads';
import type { ProgramEntry } from '../../../instrument/program-options.js';
import { sourceOf } from '../../../instrument/source-files.js';
import type { Kernel } from '../../../kernel/kernel.js';
import * as at from '../../../kernel/layout.js';
import { operationCodes } from '../../../kernel/operations.js';
import type { AgentPoints } from '../agent-points.js';
import type { Envelope } from '../envelope.js';
import type { Compiled, Services } from '../services.js';
import { carryThrown, revive, type CarriedThrown } from '../thrown-transport.js';
import type { EventLoop } from '../event-loop.js';
import { noRounds } from '../rounds.js';
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

/** The environment of a worker: a copy, the one of the process, or a copy of what the process had at first. */
export type WorkerEnvironment = Readonly<Record<string, string>> | 'shared' | 'unchanged';

/** What the starter of a worker gives it, in front of all messages. */
export interface WorkerInput {
  readonly execution: number;
  /** Its program, or what compiling it threw. */
  readonly compiled: Compiled;
  /** What is evaluated before it, by `--require` and `--import`. */
  readonly preloads: readonly Compiled[];
  /** What it sees as `process.argv[1]`. */
  readonly script: string;
  /** Its `workerData`. */
  readonly data: Envelope;
  readonly environmentData: Envelope;
  readonly env: WorkerEnvironment;
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
  readonly loop: EventLoop;
  readonly services: Services;
  /** Of the agent itself. */
  readonly facts: () => ThreadFacts;
  readonly process: () => NodeJS.Process;
  /** Whether its environment is still what the process had at first. False if that cannot be told. */
  readonly environmentIsUnchanged: () => boolean;
}

/** The workers that one agent starts, and the class with which it does. */
export class ShadowWorkers {
  readonly Worker: typeof NodeWorker;
  /** Workers started in this execution that have not ended. */
  readonly #alive = new Set<HandleState>();

  constructor(starter: WorkerStarter) {
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
  const { env, argv, execArgv } = options as Readonly<Record<string, unknown>>;
  if (env !== undefined && env !== null && typeof env !== 'object' && env !== workerThreads.SHARE_ENV) return true;
  if (argv !== undefined && argv !== null && !Array.isArray(argv)) return true;
  if (execArgv !== undefined && execArgv !== null && !Array.isArray(execArgv)) return true;
  const { name } = options as { name?: unknown };
  if (name !== undefined && typeof name !== 'string') return true;
  return false;
}

/** Throws what Node throws for arguments that it refuses. */
function letNodeRefuse(filename: unknown, options: WorkerOptions): void {
  const real = new NodeWorker(filename as string, { ...options, stdout: true, stderr: true });
  real.on('error', () => undefined);
  void real.terminate();
}

function entryOf(
  filename: string | URL,
  { eval: isText, execArgv = [] }: WorkerOptions,
): ProgramEntry | { readonly thrown: CarriedThrown } {
  const directory = process.cwd();
  if (isText === true) {
    const format = execArgv.includes('--input-type=module') ? 'module' : 'commonjs';
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
  if (isFile(file) || isFile(sourceOf(file))) return { kind: 'file', file };
  const found = resolvedBy(() => createRequire(path.join(directory, 'worker')).resolve(file));
  if (found !== undefined) return { kind: 'file', file: found };
  const code = file.endsWith('.mjs') ? 'ERR_MODULE_NOT_FOUND' : 'MODULE_NOT_FOUND';
  return { thrown: carryThrown(Object.assign(new Error(`Cannot find module '${file}'`), { code })) };
}

const isFile = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.isFile() === true;

function resolvedBy(resolve: () => string): string | undefined {
  try {
    return resolve();
  } catch {
    return undefined;
  }
}

const preloadOption = /^(-r|--require|--import)(?:=(.*))?$/s;

/** The files that options of the thread evaluate first. */
function preloadsOf(execArgv: readonly string[]): ProgramEntry[] {
  if (!execArgv.some((argument) => preloadOption.test(argument))) return [];
  const { resolve } = createRequire(path.join(process.cwd(), 'worker'));
  return execArgv.flatMap((argument, index) => {
    const [, option, value] = preloadOption.exec(argument) ?? [];
    if (option === undefined) return [];
    const specifier = value ?? execArgv[index + 1] ?? '';
    const file = specifier.startsWith('file:') ? fileURLToPath(specifier) : resolve(specifier);
    return [{ kind: 'file', file } as const];
  });
}

/** The environment of a worker: a copy of what it is given, as text. */
function environmentOf(env: unknown, starter: WorkerStarter): WorkerEnvironment {
  if (env === workerThreads.SHARE_ENV) return 'shared';
  // Reading all variables of a process takes longer than the rest of what starts a worker.
  if ((env === undefined || env === null) && starter.environmentIsUnchanged()) return 'unchanged';
  const given = (env ?? starter.process().env) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.keys(given).map((key) => [key, String(given[key])]));
}

const scriptOf = (url: URL): string => (url.protocol === 'file:' ? fileURLToPath(url) : url.href);

const defaultResourceLimits: Readonly<Record<string, number | undefined>> = {
  maxYoungGenerationSizeMb: 48,
  maxOldGenerationSizeMb: Math.floor(v8.getHeapStatistics().heap_size_limit / 2 ** 20),
  codeRangeSizeMb: 128,
  stackSizeMb: 4,
  ...workerThreads.resourceLimits,
};

/** What Node shows in `resourceLimits`, with its defaults for what is not given. */
function limitsOf(given: unknown): object {
  const limits = { ...defaultResourceLimits };
  if (typeof given !== 'object' || given === null) return limits;
  for (const name of Object.keys(limits)) {
    const value: unknown = Reflect.get(given, name);
    if (typeof value === 'number') limits[name] = value;
  }
  return limits;
}

/** The shadow of Node's class, for one agent. */
function workerClass(starter: WorkerStarter, alive: Set<HandleState>): typeof NodeWorker {
  const { kernel, points, ports, loop, services } = starter;
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
    const thread = kernel.freeThread();
    if (thread === undefined || agent >= at.maximumAgents) {
      const limit =
        thread === undefined
          ? `${at.maximumThreads - 1} threads at a time`
          : `${at.maximumAgents - 1} workers, those that have ended included`;
      throw new UncontrolledOperation(
        `new Worker(): an execution can have ${limit}. Use fewer, or run the scenario with --engine stress`,
      );
    }
    const shared = starter.process();
    const facts = starter.facts();
    const entry = entryOf(filename, options);
    const execArgv = options.execArgv ?? shared.execArgv;
    const compiled = 'thrown' in entry ? entry : services.compile(entry);
    const pipe = services.pipeTo(thread);
    const given = [...((options.transferList ?? []) as readonly object[]), ...(stdin === undefined ? [] : [stdin])];
    const data = ports.sealFor({ workerData: options.workerData as unknown, stdin }, given);
    const input: WorkerInput = {
      execution: kernel.words[at.EXECUTION]!,
      compiled,
      data,
      environmentData: ports.sealFor(facts.environmentData, []),
      env: environmentOf(options.env, starter),
      argv: (options.argv ?? []).map((value: unknown) => String(value)),
      execArgv,
      preloads: preloadsOf(execArgv).map((one) => services.compile(one)),
      script:
        options.eval === true ? '[worker eval]' : filename instanceof URL ? scriptOf(filename) : path.resolve(filename),
      name: options.name ?? 'WorkerThread',
      resourceLimits: limitsOf(options.resourceLimits),
      streams: { stdin: options.stdin === true, stdout: options.stdout === true, stderr: options.stderr === true },
    };
    if (input.env === 'shared') kernel.words[at.ENVIRONMENT_SHARED] = 1;
    pipe.postMessage(input, given as MessagePort[]);
    ports.letGo(given);
    kernel.addAgent(thread);
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
    resourceLimits: object;
    readonly performance = {
      eventLoopUtilization: (): object => ({ idle: 0, active: 0, utilization: 0 }),
    };

    constructor(filename: string | URL, options: WorkerOptions = {}) {
      super();
      const site = points.placeOf(this, 'Worker', shadow);
      if (mayBeRefused(filename, options)) letNodeRefuse(filename, options);
      const { env } = options;
      const nodeOptions = typeof env === 'object' ? (env as NodeJS.ProcessEnv | null)?.['NODE_OPTIONS'] : undefined;
      const refused =
        options.execArgv?.length || nodeOptions !== undefined
          ? services.check(options.execArgv ?? [], nodeOptions)
          : undefined;

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
      this.on('newListener', (name: string | symbol) => {
        if (name === 'message' && this.listenerCount(name) === 0) this.#continue(site);
      });
      this.on('removeListener', (name: string | symbol) => {
        if (name === 'message' && this.listenerCount(name) === 0) this.#isStopped = true;
      });
      const shadowProcess = starter.process();
      process.nextTick(() => shadowProcess.emit('worker' as 'message', this, undefined));
    }

    /** As in Node, messages wait once the last listener has been removed, until there is one again; before the first, they are lost. */
    #isStopped = false;
    readonly #held: unknown[] = [];

    #continue(site: number): void {
      if (!this.#isStopped) return;
      this.#isStopped = false;
      for (const _ of this.#held) {
        loop.addCoroutine({
          site,
          resource: stateOf(this).agent,
          operation: operationCodes['worker output'],
          rounds: noRounds,
          run: () => {
            if (!this.#isStopped && this.#held.length > 0) this.emit('message', this.#held.shift());
          },
        });
      }
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
          kernel.write(state.agent, at.AGENT_RELEASED, 1);
          this.stdout.push(null);
          this.stderr.push(null);
          this.resourceLimits = {};
          for (const message of this.#held.splice(0)) this.emit('message', message);
          this.emit('exit', kernel.read(state.agent, at.AGENT_EXIT_CODE));
          this.removeAllListeners();
          return;
        }
        case 'message':
          if (this.#isStopped || this.#held.length > 0) this.#held.push(value);
          else this.emit('message', value);
          return;
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
      if (!alive.has(stateOf(this)))
        throw Object.assign(new Error('Worker instance not running'), { code: 'ERR_WORKER_NOT_RUNNING' });
      throw new UncontrolledOperation('worker.getHeapSnapshot(): the heap is that of the harness too');
    }

    async [asyncDispose](): Promise<void> {
      await this.terminate();
    }
  }
  // Bundling the harness may have renamed it.
  Object.defineProperty(Worker, 'name', { value: 'Worker' });
  const shadow = Worker as unknown as typeof NodeWorker;
  return shadow;
}

const asyncDispose: symbol =
  (Symbol as { readonly asyncDispose?: symbol }).asyncDispose ?? Symbol.for('nodejs.asyncDispose');
