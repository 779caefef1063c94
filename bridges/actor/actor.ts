import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { MailboxFull, Unacknowledged } from '../message-port/errors.js';
import type { CancellableHandling, HandlingContext } from '../message-port/handling.js';
import type { Line } from '../message-port/line.js';
import { PortReader } from '../message-port/port-reader.js';
import { requireSize, requireTimeout, WaitTimeout } from '../primitives/limit-errors.js';
import { ActorStopped } from './errors.js';

/** Options of an actor. */
export interface ActorOptions<State, Request, Answer> {
  /** The actor's name in errors. */
  readonly name: string;
  /** The actor's own state. Keep no other reference to it. */
  readonly state: State;
  /**
   * Handles one request, alone: the next one begins when this one has been answered, so the state may change across an `await`
   * here. Its return value is copied to the caller. What it throws goes to the caller as an error, and the actor continues.
   */
  handle(state: State, request: Request, context: HandlingContext): Answer | Promise<Answer>;
  /** How many requests the mailbox holds: 1 to 1,000,000. Default 1,024. */
  readonly capacity?: number;
}

/** How an actor stops. */
export interface StopOptions {
  /** Whether the requests in the mailbox are still handled, or rejected with `ActorStopped`. Default true. */
  readonly drain?: boolean;
  /** How long to wait for that, in milliseconds. What is left then is rejected. No limit by default. */
  readonly timeoutMs?: number | undefined;
}

/** Options of one line to an actor. */
export interface ServeOptions {
  /** How many requests may be under way on the line. This much of the capacity is reserved for it. Default 16. */
  readonly window?: number;
}

interface Mail<Request, Answer> {
  readonly request: Request;
  readonly handling: CancellableHandling;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

const capacityDefault = 1024;
const capacityMaximum = 1_000_000;
const windowDefault = 16;

/**
 * An actor: a state that no other code can reach, a mailbox, and a handler that takes one request after another. It lives on
 * the agent that makes it; others reach it over lines, each with an `ActorRef` at its other end.
 *
 * Requests and answers are copied, even on the actor's own agent, so no reference to the state gets out. The mailbox is
 * bounded: each line has its share of the capacity. A sender that has used up its share waits at the other end, without
 * blocking, or gets `MailboxFull`. Requests of one line are handled in order.
 *
 * @example
 * const counter = new Actor({
 *   name: 'counter',
 *   state: { count: 0 },
 *   handle: (state, amount: number) => (state.count += amount),
 * });
 * const ref = new ActorRef<number, number>(counter.connect());
 * assert.equal(await ref.request(1), 1);
 * assert.equal(await ref.request(2), 3);
 * await counter.stop();
 * await assert.rejects(ref.request(1), ActorStopped);
 */
export class Actor<State, Request, Answer> {
  readonly name: string;
  readonly #options: ActorOptions<State, Request, Answer>;
  readonly #capacity: number;
  readonly #mailbox: Mail<Request, Answer>[] = [];
  readonly #readers = new Map<PortReader<Request, Answer>, number>();
  #reserved = 0;
  #running: Mail<Request, Answer> | undefined;
  #handled = 0;
  #isStopping = false;
  #stopped: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;

  /** @throws RangeError if the capacity is out of range */
  constructor(options: ActorOptions<State, Request, Answer>) {
    this.name = options.name;
    this.#options = options;
    this.#capacity = requireSize('capacity', options.capacity ?? capacityDefault, 1, capacityMaximum);
  }

  /** Requests that have arrived and not yet begun. At most `capacity`. */
  get mailboxSize(): number {
    return this.#mailbox.length;
  }

  /** Requests that have been handled, successfully or not. */
  get handled(): number {
    return this.#handled;
  }

  /**
   * Opens a line to this actor and returns its other end, for an `ActorRef` on this agent or, transferred, on another one.
   *
   * @throws MailboxFull if the existing lines leave too little of the capacity
   * @throws ActorStopped after `stop`
   *
   * @example
   * const echo = new Actor({ name: 'echo', state: null, handle: (_, text: string) => text });
   * const ref = new ActorRef<string, string>(echo.connect({ window: 2 }));
   * assert.equal(await ref.request('hello'), 'hello');
   * await echo.stop();
   */
  connect(options?: ServeOptions): MessagePort {
    const { port1, port2 } = new MessageChannel();
    try {
      void this.serve(port1, options);
    } catch (error) {
      port1.close();
      throw error;
    }
    return port2;
  }

  /**
   * Takes requests from a line whose other end another agent already has.
   *
   * @param line one end of a MessageChannel, or of `lineOver`
   * @returns how the line ended, once it has: `ended` if the other side released it, `gone` if it died,
   *   `closed` if the actor stopped
   * @throws MailboxFull if the existing lines leave too little of the capacity
   * @throws ActorStopped after `stop`
   */
  serve(line: MessagePort | Line, { window = windowDefault }: ServeOptions = {}): Promise<'ended' | 'gone' | 'closed'> {
    if (this.#isStopping) throw new ActorStopped(`Actor "${this.name}" has stopped: it accepts no more lines.`);
    requireSize('window', window, 1, capacityMaximum);
    if (this.#reserved + window > this.#capacity) {
      const free = this.#capacity - this.#reserved;
      throw new MailboxFull(
        `Actor "${this.name}" has ${free} of ${this.#capacity} places left, and a new line needs ${window}.`,
      );
    }
    const reader = new PortReader<Request, Answer>(
      line,
      (request, context) => this.#accept(request, context as CancellableHandling),
      { window, concurrency: window },
    );
    this.#readers.set(reader, window);
    this.#reserved += window;
    return reader.finished.finally(() => {
      this.#readers.delete(reader);
      this.#reserved -= window;
    });
  }

  /**
   * Stops the actor and releases all lines. Requests that arrive from now on are rejected with `ActorStopped` and never
   * handled. So are those in the mailbox, unless it is drained. A request that is being handled is waited for; without `drain`
   * its signal aborts.
   *
   * If called again, it waits for the same end; with `drain: false` it rejects what the first call would have drained.
   *
   * @throws WaitTimeout if the handler took longer than `timeoutMs`. All other requests have been answered or rejected
   * @throws RangeError if `timeoutMs` is not a number of milliseconds, 0 or more
   */
  async stop({ drain = true, timeoutMs }: StopOptions = {}): Promise<void> {
    const limitMs = requireTimeout(timeoutMs);
    this.#isStopping = true;
    if (!drain) this.#rejectWaiting();
    this.#stopped ??= this.#finish();
    if (limitMs === Infinity) return this.#stopped;
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#rejectWaiting();
        this.#running?.reject(new Unacknowledged(`Actor "${this.name}" was stopped while it handled the request.`));
        this.#onIdle?.();
        reject(new WaitTimeout(`Actor "${this.name}" was still handling a request after ${limitMs} ms.`));
      }, limitMs);
    });
    try {
      await Promise.race([this.#stopped, expired]);
    } finally {
      clearTimeout(timer);
    }
  }

  #accept(request: Request, handling: CancellableHandling): Promise<Answer> {
    if (this.#isStopping) throw this.#stopReason();
    return new Promise((resolve, reject) => {
      this.#mailbox.push({ request, handling, resolve, reject });
      if (this.#running === undefined) void this.#run();
    });
  }

  async #run(): Promise<void> {
    for (let mail = this.#mailbox.shift(); mail !== undefined; mail = this.#mailbox.shift()) {
      if (mail.handling.aborted) {
        mail.reject(mail.handling.reason);
        continue;
      }
      this.#running = mail;
      try {
        mail.resolve(await this.#options.handle(this.#options.state, mail.request, mail.handling));
      } catch (error) {
        mail.reject(error);
      }
      this.#handled++;
    }
    this.#running = undefined;
    this.#onIdle?.();
  }

  /** Rejects the requests in the mailbox, and asks the running handler to give up. */
  #rejectWaiting(): void {
    for (const mail of this.#mailbox.splice(0)) mail.reject(this.#stopReason());
    this.#running?.handling.abort(this.#stopReason());
  }

  async #finish(): Promise<void> {
    if (this.#running !== undefined) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
    await Promise.all([...this.#readers.keys()].map((reader) => reader.close(this.#stopReason())));
  }

  #stopReason(): ActorStopped {
    return new ActorStopped(`Actor "${this.name}" has stopped: the request was not handled and never will be.`);
  }
}
