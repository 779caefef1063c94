import { setTimeout } from 'node:timers/promises';
import { Worker, type MessagePort } from 'node:worker_threads';
import { processFile } from '../../entry-file.js';
import type { ProgramEntry } from '../../instrument/program-options.js';
import type { CompiledScenario } from '../../instrument/compiled.js';
import * as at from '../../kernel/layout.js';
import { placesOf, writeSiteHashes } from './known-code.js';
import type {
  CompileReply,
  CompileRequest,
  LoadedProgram,
  ServiceNotice,
  ServiceReply,
  ServiceRequest,
} from './services-protocol.js';
import { carryThrown, revive } from './thrown-transport.js';

const lookAgainMs = 2;
/** Programs that one scenario may start workers with: text evaluated by `eval: true` counts each time it differs. */
const maximumPrograms = 1_000;

/** What the desk needs of the thread it is in. */
export interface DeskThreads {
  /** Starts a thread, unless it has been started. */
  readonly spawn: (thread: number) => void;
  readonly post: (thread: number, message: ServiceReply | ServiceNotice, transfer?: MessagePort[]) => void;
}

/** Serves the agents of one scenario: compiles programs that they meet at run time, and connects their threads. */
export class ServiceDesk {
  readonly #words: Int32Array;
  readonly #siteHashes: Int32Array;
  readonly #threads: DeskThreads;
  readonly #compiled: CompiledScenario;
  readonly #programs: LoadedProgram[] = [];
  readonly #known = new Map<string, number>();
  readonly #waiting = new Map<number, (reply: CompileReply) => void>();
  #nextSite: number;
  #compiler: Worker | undefined;

  constructor(
    { words, siteHashes }: { readonly words: Int32Array; readonly siteHashes: Int32Array },
    compiled: CompiledScenario,
    threads: DeskThreads,
  ) {
    this.#words = words;
    this.#siteHashes = siteHashes;
    this.#threads = threads;
    this.#compiled = compiled;
    this.#programs.push({ compiled, places: placesOf(compiled) });
    this.#nextSite = compiled.sites.length;
  }

  /** Ends the thread that compiles. */
  close(): void {
    void this.#compiler?.terminate();
  }

  /** Does what an agent asks for, and wakes it. */
  async serve(thread: number, request: ServiceRequest): Promise<void> {
    let reply: ServiceReply;
    try {
      reply = await this.#answer(thread, request);
    } catch (error) {
      reply = { kind: 'failed', thrown: carryThrown(error) };
    }
    this.#threads.post(thread, reply);
    this.#wake();
  }

  #wake(): void {
    Atomics.add(this.#words, at.SERVED, 1);
    Atomics.notify(this.#words, at.SERVED);
  }

  async #answer(thread: number, request: ServiceRequest): Promise<ServiceReply> {
    switch (request.kind) {
      case 'compile':
        return { kind: 'compiled', program: await this.#compile(request.entry, request.isOffered) };
      case 'fetch': {
        const program = this.#programs[request.program];
        if (program === undefined) throw new RangeError(`there is no program ${request.program}`);
        return { kind: 'program', program };
      }
      case 'connect':
        this.#threads.spawn(request.thread);
        this.#threads.post(request.thread, { kind: 'pipe', from: thread, port: request.port }, [request.port]);
        await this.#ready(request.thread);
        return { kind: 'done' };
      case 'check':
        await new Worker('', {
          eval: true,
          execArgv: request.execArgv.filter((one) => !/^(?:-r|--require|--import)/.test(one)),
          ...(request.nodeOptions === undefined ? {} : { env: { ...process.env, NODE_OPTIONS: request.nodeOptions } }),
        }).terminate();
        return { kind: 'done' };
    }
  }

  /** A thread that is starting takes memory, which the agent that waits knows not to be its program's. */
  async #ready(thread: number): Promise<void> {
    while (Atomics.load(this.#words, at.WORKERS_READY) < thread) await setTimeout(lookAgainMs);
  }

  /** Returns the number of the program. Throws what is wrong with the file. */
  async #compile(entry: ProgramEntry, isOffered: boolean): Promise<number> {
    const key = JSON.stringify([entry, isOffered]);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const program = this.#programs.length;
    if (program >= maximumPrograms)
      throw new RangeError(`the workers of a scenario run more than ${maximumPrograms} different programs`);
    const { projectDirectory, freshPackages, external } = this.#compiled;
    const reply = await this.#askCompiler({
      number: program,
      entry,
      isOffered,
      projectDirectory,
      freshPackages,
      external,
      program,
      firstSite: this.#nextSite,
    });

    if ('thrown' in reply) throw revive(reply.thrown);
    const places = placesOf(reply.compiled);
    writeSiteHashes(this.#siteHashes, places);
    this.#nextSite += places.sites.length;
    this.#programs.push({ compiled: reply.compiled, places });
    this.#known.set(key, program);
    this.#threads.post(0, { kind: 'code', places });
    return program;
  }

  #askCompiler(request: CompileRequest): Promise<CompileReply> {
    if (this.#compiler === undefined) {
      this.#compiler = new Worker(processFile('compiler', import.meta.url));
      this.#compiler.unref();
      this.#compiler.on('message', (reply: CompileReply) => {
        this.#waiting.get(reply.number)?.(reply);
        this.#waiting.delete(reply.number);
      });
    }
    this.#compiler.postMessage(request);
    return new Promise((resolve) => this.#waiting.set(request.number, resolve));
  }
}
