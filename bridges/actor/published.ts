import { AsyncQueue } from '../primitives/async-queue.js';

/** A message to a `PublishedActor`. */
export interface PublishedActorMessage {
  readonly type: string;
  readonly payload: unknown;
  /** Where the answer goes, if one is wanted. */
  readonly replyTo?: AsyncQueue<unknown> | undefined;
}

/**
 * The actor of "How to Avoid Synchronization Primitives in Python asyncio", as printed: a queue, a state that no other code
 * touches, and a coroutine that handles one message after another.
 *
 * Its state is safe. The problems it leaves open, and `Actor` does not:
 *
 * - If `handle` throws, `run` ends with that error. Callers that wait for an answer, or ask later, wait forever
 *   (scenarios/actor/published/handler-throws.scenario.ts). The printed program runs it in a task group, which at least cancels callers
 *   in that group's own body.
 * - Nothing ends `run`. A program that awaits it, as the printed one does at the end of its task group, never ends
 *   (nobody-can-stop-it.scenario.ts).
 * - An answer does not name its question. If a reply queue is used more than once, as in the printed pipeline, the answer to an
 *   abandoned question is taken for the answer to the next one (answer-to-another-question.scenario.ts).
 * - The queue is unbounded: `send` never waits (as-many-as-the-senders-like.scenario.ts).
 *
 * @example
 * const counter = new PublishedActor('counter');
 * void counter.run();
 * const reply = new AsyncQueue<unknown>();
 * await counter.send({ type: 'increment', payload: null, replyTo: reply });
 * assert.equal(await reply.get(), 1);
 */
export class PublishedActor {
  readonly name: string;
  readonly queue = new AsyncQueue<PublishedActorMessage>();
  readonly #state = new Map<string, number>();

  constructor(name: string) {
    this.name = name;
  }

  async send(message: PublishedActorMessage): Promise<void> {
    await this.queue.put(message);
  }

  /** Handles messages until one of them throws. */
  async run(): Promise<never> {
    while (true) {
      const message = await this.queue.get();
      const result = await this.handle(message);
      if (message.replyTo !== undefined) await message.replyTo.put(result);
    }
  }

  /** What the printed actor can do. Subclasses override it. */
  handle(message: PublishedActorMessage): unknown {
    if (message.type !== 'increment') return null;
    const count = (this.#state.get('count') ?? 0) + 1;
    this.#state.set('count', count);
    return count;
  }
}
