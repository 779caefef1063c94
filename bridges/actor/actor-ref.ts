import type { MessagePort } from 'node:worker_threads';
import { RemoteError } from '../message-port/errors.js';
import type { Line } from '../message-port/line.js';
import { PortWriter, type SendOptions } from '../message-port/port-writer.js';
import { ActorStopped } from './errors.js';

/**
 * A connection to an actor on this agent or another one.
 *
 * @example
 * const greeter = new Actor({
 *   name: 'greeter',
 *   state: { greeted: 0 },
 *   handle(state, name: string) {
 *     if (name === '') throw new RangeError('Nobody to greet.');
 *     return `Hello ${name}, you are number ${++state.greeted}.`;
 *   },
 * });
 * const ref = new ActorRef<string, string>(greeter.connect());
 * await assert.rejects(ref.request(''), { name: 'RangeError', message: 'Nobody to greet.' });
 * assert.equal(await ref.request('Ada', { timeoutMs: 1_000 }), 'Hello Ada, you are number 1.');
 * await ref.close();
 * await greeter.stop();
 */
export class ActorRef<Request, Answer> {
  readonly #writer: PortWriter<Request, Answer>;

  /** @param line what `actor.connect()` returned, or the other end of the line that the actor serves. Do not share it */
  constructor(line: MessagePort | Line) {
    this.#writer = new PortWriter(line);
  }

  /** Requests that are unanswered, or wait to be sent. */
  get underWay(): number {
    return this.#writer.underWay;
  }

  /**
   * Sends a request and waits for its answer. Each request gets its own answer. An answer after the timeout is dropped.
   *
   * @throws RemoteError if the handler threw: has the name, message, stack, code and cause of what it threw
   * @throws ActorStopped if the actor has stopped; the request was not handled
   * @throws UncloneablePayload if the request cannot be copied; nothing was sent. An answer that cannot be copied rejects with
   *   a RemoteError of that name
   * @throws WaitTimeout if the mailbox had no room before the timeout; nothing was sent
   * @throws MailboxFull if the mailbox has no room and `whenFull` is `fail`; nothing was sent
   * @throws Unacknowledged if no answer came in time. A request not yet begun will not be handled; otherwise its signal aborts
   * @throws PortClosed if the actor's agent has died, or this reference is closed
   * @throws the signal's reason when it aborts. The actor treats this as a timeout
   */
  async request(request: Request, options?: SendOptions): Promise<Answer> {
    try {
      return await this.#writer.write(request, options);
    } catch (error) {
      throw asStopped(error);
    }
  }

  /** As `request`, but waits only until the request has been sent. Its answer is discarded. */
  async tell(request: Request, options?: SendOptions): Promise<void> {
    try {
      await this.#writer.send(request, options);
    } catch (error) {
      throw asStopped(error);
    }
  }

  /**
   * Waits until everything under way has been answered, then releases the line.
   *
   * @throws ActorStopped, PortClosed if the actor stops or dies before it has answered everything
   * @throws WaitTimeout if it takes longer than `timeoutMs`; closing continues
   */
  async close(options?: { readonly timeoutMs?: number | undefined }): Promise<void> {
    const isIdle = this.#writer.underWay === 0;
    try {
      await this.#writer.end(options);
    } catch (error) {
      const reason = asStopped(error);
      if (!isIdle || !(reason instanceof ActorStopped)) throw reason;
    }
  }
}

function asStopped(error: unknown): unknown {
  if (!(error instanceof RemoteError) || error.name !== 'ActorStopped') return error;
  return new ActorStopped(error.message, { cause: error });
}
