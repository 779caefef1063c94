import type { MessagePort } from 'node:worker_threads';
import type { WaitOptions } from '../primitives/async-queue.js';
import { requireTimeout, WaitTimeout } from '../primitives/limit-errors.js';
import { isCloneError, MailboxFull, PortClosed, RemoteError, Unacknowledged } from './errors.js';
import { lineOf, type Line } from './line.js';
import type { FromReader, FromWriter } from './protocol.js';
import { copyOf, uncloneable } from './values.js';
import { checkWait, waitFor } from './wait-for.js';

/** Options of sending one value. */
export interface SendOptions extends WaitOptions {
  /** What to do when the reader takes no more values at once: wait, or fail with `MailboxFull`. Default `wait`. */
  readonly whenFull?: 'wait' | 'fail';
}

/** One value on its way. You need not await either promise: an unhandled rejection does not end the program. */
export interface Dispatched<Answer> {
  /** Fulfilled when there was room and the value has been sent. */
  readonly sent: Promise<void>;
  /** Fulfilled with what the reader's handler returned. */
  readonly answer: Promise<Answer>;
}

interface Letter<Answer> {
  readonly value: unknown;
  /** `undefined` while it waits for room. */
  id: number | undefined;
  settled: boolean;
  readonly sent: () => void;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The sending end of a port. Each value is copied to the agent at the other end, where a `PortReader`
 * acknowledges it with what its handler returned.
 *
 * Values sent through one writer arrive once and in order. The reader says how many values it takes before the first of them
 * has been answered. Further values wait without blocking. They were copied when they were sent, so later changes to an object
 * have no effect. If the reader's agent dies, everything under way is rejected.
 *
 * @example
 * const { port1, port2 } = new MessageChannel();
 * new PortReader(port2, (text: string) => text.toUpperCase());
 * const writer = new PortWriter<string, string>(port1);
 * assert.equal(await writer.write('a'), 'A');
 * await writer.end();
 */
export class PortWriter<Value, Answer = void> {
  readonly #line: Line;
  /** How many values the reader takes at once. 0 until the reader listens and has announced it. */
  #window = 0;
  #nextId = 1;
  readonly #waiting: Letter<Answer>[] = [];
  readonly #underWay = new Map<number, Letter<Answer>>();
  /** Makes the error that says why no more values are taken. */
  #refusal: (() => Error) | undefined;
  #ending = false;
  #endPosted = false;
  #closed = false;
  readonly #finished: Promise<void>;
  readonly #resolveFinished: () => void;
  readonly #rejectFinished: (error: Error) => void;

  /** @param line one end of a MessageChannel that has no other use, or of `lineOver`. The other end is a `PortReader`'s. */
  constructor(line: MessagePort | Line) {
    this.#line = lineOf(line);
    const finished = deferred<undefined>();
    this.#finished = finished.promise;
    this.#resolveFinished = () => finished.resolve(undefined);
    this.#rejectFinished = finished.reject;
    this.#line.listen(
      (message) => this.#receive(message as FromReader),
      (why) => this.#lose(() => new PortClosed(why)),
    );
    // An idle writer keeps no program running.
    this.#line.hold(false);
    if (this.#line.forgets) this.#say({ kind: 'hello' });
  }

  /** Values that were sent and are unanswered, and values that wait to be sent. */
  get underWay(): number {
    return this.#underWay.size + this.#waiting.length;
  }

  /**
   * Sends a value and waits for the answer.
   *
   * @throws UncloneablePayload if the value cannot be copied; nothing was sent
   * @throws WaitTimeout if there was no room before the timeout; nothing was sent
   * @throws MailboxFull if there is no room, and `whenFull` is `fail`; nothing was sent
   * @throws Unacknowledged if it was sent and no answer came before the timeout
   * @throws RemoteError what the handler threw
   * @throws PortClosed after `end`, and if either side closes the port or dies
   * @throws RangeError if the timeout is not a number of milliseconds, 0 or more
   * @throws the signal's reason when it aborts: a value that was sent may be handled or not
   */
  async write(value: Value, options?: SendOptions): Promise<Answer> {
    return this.dispatch(value, options).answer;
  }

  /** As `write`, but waits only until there was room and the value has been sent. Its answer is discarded. */
  async send(value: Value, options?: SendOptions): Promise<void> {
    return this.dispatch(value, options, 'sent').sent;
  }

  /**
   * `write` and `send` in one call. Errors in the arguments or the state of the writer are thrown at once.
   *
   * @param until what the timeout and the signal apply to: until the value has been sent, or answered. Default `answered`
   */
  dispatch(
    value: Value,
    { timeoutMs, signal, whenFull = 'wait' }: SendOptions = {},
    until: 'sent' | 'answered' = 'answered',
  ): Dispatched<Answer> {
    const limitMs = requireTimeout(timeoutMs);
    signal?.throwIfAborted();
    if (this.#refusal !== undefined) throw this.#refusal();
    const room = this.#waiting.length === 0 && this.#underWay.size < this.#window;
    if (!room && whenFull === 'fail') throw new MailboxFull(this.#fullness());
    const sent = deferred<undefined>();
    const answer = deferred<Answer>();
    const disarm = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    const settle = (): void => {
      letter.settled = true;
      disarm();
    };
    const letter: Letter<Answer> = {
      value: room ? value : copyOf(value),
      id: undefined,
      settled: false,
      sent: () => {
        if (until === 'sent') disarm();
        sent.resolve(undefined);
      },
      resolve: (result) => {
        settle();
        answer.resolve(result);
      },
      reject: (error) => {
        settle();
        sent.reject(error);
        answer.reject(error);
      },
    };
    const abort = (): void => this.#giveUp(letter, signal?.reason, signal?.reason);
    const expire = (): void =>
      this.#giveUp(
        letter,
        new WaitTimeout(`${this.#fullness()} It did not change within ${limitMs} ms.`),
        new Unacknowledged(`No answer within ${limitMs} ms: the value may or may not be handled.`),
      );
    const timer = limitMs === Infinity ? undefined : setTimeout(expire, limitMs);
    signal?.addEventListener('abort', abort, { once: true });
    this.#line.hold(true);
    if (room) this.#post(letter);
    else this.#waiting.push(letter);
    return { sent: sent.promise, answer: answer.promise };
  }

  /**
   * Takes no more values, waits until all have been answered and the reader has finished, and closes the port. If called again,
   * it waits for the same.
   *
   * @throws WaitTimeout, or the signal's reason: ending continues, and `close` would cut it short
   * @throws PortClosed if the reader is closed or dies first
   */
  async end(options?: WaitOptions): Promise<void> {
    checkWait(options);
    if (!this.#ending && !this.#closed) {
      this.#ending = true;
      this.#refusal = () => new PortClosed('The writer has ended: it sends nothing more.');
      this.#line.hold(true);
      this.#pump();
    }
    return waitFor(this.#finished, options, () => `${this.underWay} values had not been answered`);
  }

  /** Closes the port at once. Everything under way is rejected with `reason`. Closing it again does nothing. */
  close(reason?: Error): void {
    if (this.#closed) return;
    this.#line.close();
    this.#lose(() => reason ?? new PortClosed('The port has been closed on this side.'));
  }

  #receive(message: FromReader): void {
    if (this.#closed) return;
    if (message.kind === 'open') {
      this.#window = message.window;
      this.#pump();
    } else if (message.kind === 'closed') {
      this.#lose(() => new RemoteError(message.error));
    } else if (message.kind === 'ended') {
      this.#closed = true;
      this.#line.leave();
      this.#resolveFinished();
    } else {
      const letter = this.#underWay.get(message.id);
      this.#underWay.delete(message.id);
      this.#pump();
      if (letter === undefined || letter.settled) return;
      if (message.kind === 'answer') letter.resolve(message.value as Answer);
      else letter.reject(new RemoteError(message.error));
    }
  }

  /** Sends the values there is room for. */
  #pump(): void {
    while (this.#underWay.size < this.#window) {
      const letter = this.#waiting.shift();
      if (letter === undefined) break;
      this.#post(letter);
    }
    if (this.underWay > 0) return;
    if (this.#ending) {
      // Messages sent before the reader listens may be lost.
      if (this.#endPosted || this.#window === 0) return;
      this.#endPosted = true;
      this.#say({ kind: 'end' });
    } else {
      this.#line.hold(false);
    }
  }

  #post(letter: Letter<Answer>): void {
    const id = this.#nextId;
    try {
      this.#say({ kind: 'value', id, value: letter.value });
    } catch (error) {
      letter.reject(isCloneError(error) ? uncloneable('The value', error) : error);
      return;
    }
    this.#nextId = id + 1;
    letter.id = id;
    this.#underWay.set(id, letter);
    letter.sent();
  }

  #giveUp(letter: Letter<Answer>, notSent: unknown, unknownOutcome: unknown): void {
    if (letter.id === undefined) {
      this.#waiting.splice(this.#waiting.indexOf(letter), 1);
      letter.reject(notSent);
      this.#pump();
    } else {
      // Its place becomes free only when the reader says so.
      this.#say({ kind: 'withdraw', id: letter.id });
      letter.reject(unknownOutcome);
    }
  }

  #lose(makeReason: () => Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#line.leave();
    const reason = makeReason();
    this.#refusal = () => reason;
    const letters = [...this.#underWay.values(), ...this.#waiting];
    this.#underWay.clear();
    this.#waiting.length = 0;
    for (const letter of letters) if (!letter.settled) letter.reject(reason);
    this.#rejectFinished(reason);
  }

  #fullness(): string {
    if (this.#window === 0) return 'The other end of the port has not been opened yet.';
    return `${this.#underWay.size} values are under way, and the reader takes at most ${this.#window} at once.`;
  }

  #say(message: FromWriter): void {
    this.#line.post(message);
  }
}

interface Deferred<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: unknown) => void;
}

/** A promise whose rejection needs no handler. */
function deferred<Value>(): Deferred<Value> {
  let resolve!: (value: Value) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<Value>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
