import type { MessagePort } from 'node:worker_threads';
import { requireSize } from '../primitives/limit-errors.js';
import { encodeError, isCloneError, PortClosed, Unacknowledged } from './errors.js';
import { Handling, type HandlingContext } from './handling.js';
import { lineOf, type Line } from './line.js';
import type { FromReader, FromWriter } from './protocol.js';
import { uncloneable } from './values.js';

/** Options of a `PortReader`. */
export interface PortReaderOptions {
  /** How many values the writer may have under way at once: 1 to 1,000,000. Default 16. */
  readonly window?: number | undefined;
  /** How many of them are handled at once. Default 1: each one begins when the one before it has been answered. */
  readonly concurrency?: number | undefined;
  /** Awaited when the writer has ended and everything has been answered, before the writer is notified. */
  readonly onEnd?: (() => void | Promise<void>) | undefined;
}

/**
 * How a reader finished: the writer has ended, or it is gone without a message (its agent died, or it closed the port),
 * or this side was closed.
 */
export type PortReaderOutcome = 'ended' | 'gone' | 'closed';

interface Letter {
  readonly id: number;
  readonly value: unknown;
  readonly handling: Handling;
}

const windowDefault = 16;
const windowMaximum = 1_000_000;

/**
 * The end of a port at which values come out. Each is passed to the handler, and what the handler returns or throws goes back
 * to the `PortWriter` that sent the value. A result that cannot be copied back is an error there, and stops nothing here.
 *
 * At most `window` values are ever kept here; the rest wait at the writer.
 *
 * @example
 * const { port1, port2 } = new MessageChannel();
 * const seen: number[] = [];
 * const reader = new PortReader(port2, (value: number) => void seen.push(value), { window: 2 });
 * const writer = new PortWriter<number>(port1);
 * await Promise.all([1, 2, 3, 4].map((value) => writer.write(value)));
 * await writer.end();
 * assert.deepEqual(seen, [1, 2, 3, 4]);
 * assert.equal(await reader.finished, 'ended');
 */
export class PortReader<Value, Answer = void> {
  /** Fulfilled when no more values can come and all that came have been dealt with. Never rejected. */
  readonly finished: Promise<PortReaderOutcome>;
  readonly #line: Line;
  readonly #window: number;
  readonly #handle: (value: Value, context: HandlingContext) => Answer | Promise<Answer>;
  readonly #concurrency: number;
  readonly #onEnd: (() => void | Promise<void>) | undefined;
  readonly #queue: Letter[] = [];
  readonly #running = new Map<number, Letter>();
  /** Set when no more values are taken. */
  #outcome: PortReaderOutcome | undefined;
  #closeReason: Error | undefined;
  #isFinished = false;
  #resolveFinished!: (outcome: PortReaderOutcome) => void;

  /**
   * @param line one end of a MessageChannel that has no other use, or of `lineOver`. The other end is a `PortWriter`'s.
   * @throws RangeError if `window` or `concurrency` is out of range
   */
  constructor(
    line: MessagePort | Line,
    handle: (value: Value, context: HandlingContext) => Answer | Promise<Answer>,
    { window = windowDefault, concurrency = 1, onEnd }: PortReaderOptions = {},
  ) {
    requireSize('window', window, 1, windowMaximum);
    requireSize('concurrency', concurrency, 1, windowMaximum);
    this.#line = lineOf(line);
    this.#window = window;
    this.#handle = handle;
    this.#concurrency = concurrency;
    this.#onEnd = onEnd;
    this.finished = new Promise((resolve) => {
      this.#resolveFinished = resolve;
    });
    this.#line.listen(
      (message) => this.#receive(message as FromWriter),
      () => this.#end('gone'),
    );
    this.#say({ kind: 'open', window });
  }

  /** Values that have arrived and are unanswered. At most `window`. */
  get depth(): number {
    return this.#queue.length + this.#running.size;
  }

  /**
   * Handles no more values. Handlers that run are asked to give up (their signals abort), and their values are answered. All
   * other values sent are rejected at the writer with `reason`; they are never handled. Fulfilled when the port is closed.
   */
  async close(reason?: Error): Promise<void> {
    this.#closeReason ??= reason ?? new PortClosed('The reader has been closed.');
    this.#queue.length = 0;
    for (const { handling } of this.#running.values()) handling.abort(this.#closeReason);
    this.#end('closed');
    await this.finished;
  }

  #receive(message: FromWriter): void {
    if (this.#outcome !== undefined && message.kind !== 'withdraw') return;
    if (message.kind === 'value') {
      this.#queue.push({ id: message.id, value: message.value, handling: new Handling() });
      this.#pump();
    } else if (message.kind === 'end') {
      this.#end('ended');
    } else if (message.kind === 'hello') {
      this.#say({ kind: 'open', window: this.#window });
    } else {
      this.#withdraw(message.id);
    }
  }

  #withdraw(id: number): void {
    const reason = new Unacknowledged('The sender has given up on it.');
    const place = this.#queue.findIndex((letter) => letter.id === id);
    if (place === -1) {
      this.#running.get(id)?.handling.abort(reason);
      return;
    }
    this.#queue.splice(place, 1);
    this.#say({ kind: 'failed', id, error: encodeError(reason) });
  }

  #end(outcome: PortReaderOutcome): void {
    if (this.#outcome === undefined || (outcome === 'closed' && !this.#isFinished)) this.#outcome = outcome;
    if (outcome === 'gone') {
      // The answers are no longer wanted.
      for (const { handling } of this.#running.values()) handling.abort(new PortClosed('The sender is gone.'));
    }
    this.#pump();
  }

  #pump(): void {
    while (this.#running.size < this.#concurrency) {
      const letter = this.#queue.shift();
      if (letter === undefined) break;
      this.#running.set(letter.id, letter);
      void this.#answer(letter);
    }
    if (this.#outcome !== undefined && this.depth === 0 && !this.#isFinished) {
      this.#isFinished = true;
      void this.#finish(this.#outcome);
    }
  }

  async #answer({ id, value, handling }: Letter): Promise<void> {
    let reply: FromReader;
    try {
      reply = { kind: 'answer', id, value: await this.#handle(value as Value, handling) };
    } catch (error) {
      reply = { kind: 'failed', id, error: encodeError(error) };
    }
    try {
      this.#say(reply);
    } catch (error) {
      const reason = isCloneError(error) ? uncloneable('The value was handled, but the answer', error) : error;
      this.#say({ kind: 'failed', id, error: encodeError(reason) });
    }
    this.#running.delete(id);
    this.#pump();
  }

  async #finish(outcome: PortReaderOutcome): Promise<void> {
    try {
      if (outcome === 'ended') await this.#onEnd?.();
      if (outcome === 'ended') this.#say({ kind: 'ended' });
      if (outcome === 'closed') this.#say({ kind: 'closed', error: encodeError(this.#closeReason) });
    } catch (error) {
      this.#say({ kind: 'closed', error: encodeError(error) });
    }
    this.#line.leave();
    this.#resolveFinished(outcome);
  }

  #say(message: FromReader): void {
    this.#line.post(message);
  }
}
