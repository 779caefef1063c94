import { MessageChannel, receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { HarnessError } from '../../errors.js';
import * as at from '../../kernel/layout.js';
import { residentMiB } from '../memory-use.js';
import type { ProgramEntry } from '../../instrument/program-options.js';
import type { LoadedProgram, ServiceNotice, ServiceReply, ServiceRequest } from './services-protocol.js';
import type { CarriedThrown } from './thrown-transport.js';

/** How long the watchdog may take to answer: compiling a large file takes seconds on a slow machine. */
const serviceTimeoutMs = 120_000;
const lookAgainMs = 100;

const isNotice = (message: ServiceReply | ServiceNotice): message is ServiceNotice =>
  message.kind === 'pipe' || message.kind === 'writer' || message.kind === 'code';

/** What `new Worker()` leads to: a program, or what makes it fail. */
export type Compiled = { readonly program: number } | { readonly thrown: CarriedThrown };

/**
 * What one agent has done for it by the watchdog, outside the schedule: compiling files met at run time, and starting threads. The
 * agent keeps the turn and sleeps meanwhile, and no virtual time passes.
 */
export class Services {
  readonly #words: Int32Array;
  readonly #port: MessagePort;
  readonly #onNotice: (notice: ServiceNotice) => void;
  readonly #compiled = new Map<string, Compiled>();
  /** Ends of channels to the threads of workers that this agent starts, by the threads' numbers. */
  readonly #pipes = new Map<number, MessagePort>();
  readonly #checked = new Map<string, CarriedThrown | undefined>();

  /**
   * @param port leads to the watchdog
   * @param onNotice receives what the watchdog sends unasked
   */
  constructor(words: Int32Array, port: MessagePort, onNotice: (notice: ServiceNotice) => void) {
    this.#words = words;
    this.#port = port;
    this.#onNotice = onNotice;
  }

  /** Forgets the last scenario: its programs, and the threads that they were run in. */
  forget(): void {
    for (const pipe of this.#pipes.values()) pipe.close();
    this.#pipes.clear();
    this.#compiled.clear();
  }

  /** Takes in what the watchdog has sent unasked. */
  takeNotices(): void {
    for (let received = this.#receive(); received !== undefined; received = this.#receive()) {
      if (!isNotice(received)) throw new HarnessError(`the watchdog answered ${received.kind} to nothing`);
      this.#onNotice(received);
    }
  }

  #receive(): ServiceReply | ServiceNotice | undefined {
    return (receiveMessageOnPort(this.#port) as { message: ServiceReply | ServiceNotice } | undefined)?.message;
  }

  #ask(request: ServiceRequest, transfer: MessagePort[] = []): ServiceReply {
    const words = this.#words;
    words[at.SERVING] = 1;
    const residentBeforeMiB = residentMiB();
    let seen = Atomics.load(words, at.SERVED);
    this.#port.postMessage(request, transfer);
    const deadline = performance.now() + serviceTimeoutMs;
    for (;;) {
      const received = this.#receive();
      if (received !== undefined && !isNotice(received)) {
        words[at.SERVING] = 0;
        // What threads and compiling take is not the program's.
        words[at.MEMORY_BASE] = words[at.MEMORY_BASE]! + Math.max(0, residentMiB() - residentBeforeMiB);
        return received;
      }
      if (received !== undefined) this.#onNotice(received);
      else if (performance.now() > deadline)
        throw new HarnessError(`the watchdog did not answer ${request.kind} in ${serviceTimeoutMs} ms`);
      else {
        Atomics.wait(words, at.SERVED, seen, lookAgainMs);
        seen = Atomics.load(words, at.SERVED);
      }
    }
  }

  /** Waits for a notice that is on its way. @param isThere whether it has arrived */
  await(isThere: () => boolean): void {
    const deadline = performance.now() + serviceTimeoutMs;
    while (!isThere()) {
      this.takeNotices();
      if (isThere()) return;
      if (performance.now() > deadline) throw new HarnessError('a channel of a worker thread did not arrive');
      Atomics.wait(this.#words, at.SERVED, Atomics.load(this.#words, at.SERVED), 1);
    }
  }

  /**
   * Compiles a file, or text, when it is first met.
   *
   * @param isOffered whether code outside it asks for its modules. Default false
   */
  compile(entry: ProgramEntry, isOffered = false): Compiled {
    const key = JSON.stringify([entry, isOffered]);
    let compiled = this.#compiled.get(key);
    if (compiled === undefined) {
      const reply = this.#ask({ kind: 'compile', entry, isOffered });
      if (reply.kind !== 'compiled' && reply.kind !== 'failed') throw new HarnessError(`unexpected ${reply.kind}`);
      compiled = reply.kind === 'compiled' ? { program: reply.program } : { thrown: reply.thrown };
      this.#compiled.set(key, compiled);
    }
    return compiled;
  }

  /** The code of a program, compiled before. */
  fetch(program: number): LoadedProgram {
    const reply = this.#ask({ kind: 'fetch', program });
    if (reply.kind !== 'program') throw new HarnessError(`unexpected ${reply.kind}`);
    return reply.program;
  }

  /** The channel to a thread, which is started if necessary. */
  pipeTo(thread: number): MessagePort {
    let pipe = this.#pipes.get(thread);
    if (pipe === undefined) {
      const { port1, port2 } = new MessageChannel();
      port1.unref();
      this.#ask({ kind: 'connect', thread, port: port2 }, [port2]);
      pipe = port1;
      this.#pipes.set(thread, pipe);
    }
    return pipe;
  }

  /** What Node would throw for these options of a thread; undefined if it accepts them. */
  check(execArgv: readonly string[], nodeOptions?: string): CarriedThrown | undefined {
    const key = JSON.stringify([execArgv, nodeOptions]);
    if (!this.#checked.has(key)) {
      const reply = this.#ask({ kind: 'check', execArgv, nodeOptions });
      this.#checked.set(key, reply.kind === 'failed' ? reply.thrown : undefined);
    }
    return this.#checked.get(key);
  }
}
