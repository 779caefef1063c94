import { AsyncQueue } from '../primitives/async-queue.js';

/** A message to a `PublishedStage`. */
export interface PublishedStageMessage {
  readonly type: string;
  readonly payload: unknown;
  /** Where the result goes, if it is wanted. */
  readonly replyTo?: AsyncQueue<unknown> | undefined;
}

/**
 * The stage of the complete example of "How to Avoid Synchronization Primitives in Python asyncio", as printed: an actor that
 * does one thing, and counts how often.
 *
 * The problems it leaves open, and `Stage` does not:
 *
 * - Stages do not know one another: `publishedPipeline` carries each item from one to the next and waits for it. So two items
 *   are never under way at once, and the queues have nothing to do (scenarios/pipeline/published/never-two-at-once.scenario.ts).
 * - A sender that does not wait for the result fills the queue without bound: `send` never waits
 *   (no-backpressure.scenario.ts).
 * - If `process` throws, `run` ends with that error, and callers that wait for a result wait forever
 *   (stage-throws.scenario.ts). The printed program runs it in a task group, which at least cancels callers
 *   in that group's own body.
 * - Nothing ends `run`.
 *
 * @example
 * const upper = new PublishedStage('upper', (item) => String(item).toUpperCase());
 * void upper.run();
 * const reply = new AsyncQueue<unknown>();
 * await upper.send({ type: 'process', payload: 'item', replyTo: reply });
 * assert.equal(await reply.get(), 'ITEM');
 */
export class PublishedStage {
  readonly name: string;
  readonly queue = new AsyncQueue<PublishedStageMessage>();
  readonly #process: (payload: unknown) => unknown;
  #processed = 0;

  constructor(name: string, process: (payload: unknown) => unknown) {
    this.name = name;
    this.#process = process;
  }

  get processed(): number {
    return this.#processed;
  }

  async send(message: PublishedStageMessage): Promise<void> {
    await this.queue.put(message);
  }

  /** Processes messages until one of them throws. */
  async run(): Promise<never> {
    while (true) {
      const message = await this.queue.get();
      const result = await this.#process(message.payload);
      this.#processed += 1;
      if (message.replyTo !== undefined) await message.replyTo.put(result);
    }
  }
}

/**
 * The `main` of that example: loads a list through the first stage, then sends each item through the second and waits for it,
 * with one reply queue for everything.
 *
 * @param onResult called with the result of each item
 *
 * @example
 * const loader = new PublishedStage('loader', () => ['item_0', 'item_1']);
 * const processor = new PublishedStage('processor', (item) => String(item).toUpperCase());
 * void loader.run();
 * void processor.run();
 * const results: unknown[] = [];
 * await publishedPipeline(loader, processor, 'data.csv', (result) => results.push(result));
 * assert.deepEqual(results, ['ITEM_0', 'ITEM_1']);
 */
export async function publishedPipeline(
  loader: PublishedStage,
  processor: PublishedStage,
  path: string,
  onResult: (result: unknown) => void,
): Promise<void> {
  const reply = new AsyncQueue<unknown>();
  await loader.send({ type: 'load', payload: path, replyTo: reply });
  const items = (await reply.get()) as Iterable<unknown>;
  for (const item of items) {
    await processor.send({ type: 'process', payload: item, replyTo: reply });
    onResult(await reply.get());
  }
}
