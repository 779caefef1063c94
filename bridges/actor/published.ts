import { AsyncQueue } from '../primitives/async-queue.js';

/** What a `PublishedActor` is sent. */
export interface PublishedActorMessage {
  readonly type: string;
  readonly payload: unknown;
  /** Where the answer goes, if one is wanted. */
  readonly replyTo?: AsyncQueue<unknown> | undefined;
}

/**
 * The actor of "How to Avoid Synchronization Primitives in Python asyncio", as printed: a queue, a state that nobody else
 * touches, and a coroutine that handles one message after another.
 *
 * Its state is safe. What it leaves open, and `Actor` does not:
 *
 * - If `handle` throws, `run` ends with that error. Whoever waits for an answer then, or asks later, waits for ever
 *   (scenarios/actor/handler-throws.scenario.ts). The printed program runs it in a task group, which at least cancels those
 *   who wait in that group's own body.
 * - Nothing ends `run`: a program that awaits it, as the printed one does at the end of its task group, never ends
 *   (nobody-can-stop-it.scenario.ts).
 * - An answer does not say what it answers. On a reply queue that is used more than once, as the printed pipeline does, the
 *   answer to a question that was given up is taken for that to the next one (answer-to-another-question.scenario.ts).
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

  /** What the printed actor can do. Others override it. */
  handle(message: PublishedActorMessage): unknown {
    if (message.type !== 'increment') return null;
    const count = (this.#state.get('count') ?? 0) + 1;
    this.#state.set('count', count);
    return count;
  }
}
