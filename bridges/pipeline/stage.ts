import { AsyncQueue, QueueClosed, type WaitOptions } from '../primitives/async-queue.js';
import { checkWait, waitFor } from '../message-port/wait-for.js';
import { StageFailed } from './errors.js';
import type { Intake } from './intake.js';

/** Options of a stage. */
export interface StageOptions<Input, Output> {
  /** The stage's name in errors. */
  readonly name: string;
  /** Makes a result from a value. Values are processed one at a time, in order. The signal aborts when the stage is aborted. */
  process(value: Input, context: { readonly signal: AbortSignal }): Output | Promise<Output>;
  /** Where results go: the next stage, or a function that is awaited for each result. */
  readonly next: Intake<Output> | ((result: Output) => void | Promise<void>);
  /** How many values wait in the mailbox, not counting the one being processed: 1 or more. Default 16. */
  readonly capacity?: number;
  /** Called for each value that could not be processed. The stage continues without it. By default the stage fails. */
  onError?(error: StageFailed, value: Input): void;
}

const capacityDefault = 16;

/**
 * One stage of a pipeline: a mailbox and a function. Results go straight to the next stage, so all stages work at once, each on
 * another value. Each stage waits until the next one has room, so a slow one holds up those before it, back to the sender.
 * Values keep their order.
 *
 * A stage that fails names itself. It takes no more values, and drops those it had not begun. Earlier stages fail with it when
 * they next hand something over or end; later stages finish what they have.
 *
 * @example
 * const results: string[] = [];
 * const upper = new Stage({
 *   name: 'upper',
 *   process: (item: string) => item.toUpperCase(),
 *   next: (result) => void results.push(result),
 * });
 * const loader = new Stage({ name: 'loader', process: (index: number) => `item_${index}`, next: upper, capacity: 2 });
 * for (let index = 0; index < 5; index++) await loader.send(index);
 * await loader.end();
 * assert.deepEqual(results, ['ITEM_0', 'ITEM_1', 'ITEM_2', 'ITEM_3', 'ITEM_4']);
 */
export class Stage<Input, Output> implements Intake<Input> {
  readonly name: string;
  readonly #options: StageOptions<Input, Output>;
  readonly #queue: AsyncQueue<Input>;
  readonly #next: Intake<Output>;
  readonly #aborting = new AbortController();
  readonly #context = { signal: this.#aborting.signal };
  /** Why no more values are taken, if the stage failed. */
  #failure: Error | undefined;
  /** The failure of an earlier stage, to be passed on after the values taken before it. */
  #failureBefore: Error | undefined;
  #processed = 0;
  readonly #done: Promise<void>;

  /** @throws RangeError if the capacity is not a whole number, 1 or more */
  constructor(options: StageOptions<Input, Output>) {
    this.name = options.name;
    this.#options = options;
    this.#queue = new AsyncQueue(options.capacity ?? capacityDefault);
    this.#next = typeof options.next === 'function' ? intakeOf(options.next) : options.next;
    this.#done = this.#run();
    this.#done.catch(() => undefined);
  }

  /** Values that wait in the mailbox. At most `capacity`. */
  get depth(): number {
    return this.#queue.size;
  }

  /** Values whose result has been handed over. */
  get processed(): number {
    return this.#processed;
  }

  /**
   * Puts a value into the mailbox, and waits for room if there is none.
   *
   * @throws StageFailed if this stage or a later one has failed: the value was not taken
   * @throws QueueClosed after `end`: the value was not taken
   * @throws WaitTimeout, or the signal's reason, if there was no room first: the value was not taken
   * @throws RangeError if the timeout is not a number of milliseconds, 0 or more
   */
  async send(value: Input, options?: WaitOptions): Promise<void> {
    try {
      if (this.#queue.closed) throw new QueueClosed(`Stage "${this.name}" has ended: it accepts nothing more.`);
      await this.#queue.put(value, options);
    } catch (error) {
      throw error instanceof QueueClosed ? (this.#failure ?? this.#failureBefore ?? error) : error;
    }
  }

  /**
   * Takes no more values, processes what it has, and ends the later stages. Fulfilled when all results have come out. If called
   * again, it waits for the same.
   *
   * @throws StageFailed the failure of this stage, or of a later one
   * @throws WaitTimeout, or the signal's reason: ending continues, and `abort` would cut it short
   */
  async end(options?: WaitOptions): Promise<void> {
    checkWait(options);
    this.#queue.close();
    await waitFor(this.#done, options, () => `Stage "${this.name}" did not end`);
  }

  fail(error: Error): void {
    if (this.#queue.closed) return;
    this.#failureBefore = error;
    this.#queue.close();
  }

  /**
   * Ends this stage: drops values it has not begun, aborts the signal of the current one, and when that has ended tells later
   * stages that there are no more. Calls of `send` and `end` are rejected with `reason`. Returns what was dropped.
   */
  abort(reason: Error): Input[] {
    this.#failure ??= reason;
    const dropped = this.#drop();
    this.#aborting.abort(reason);
    return dropped;
  }

  async #run(): Promise<void> {
    try {
      for (let taken = await this.#take(); taken !== undefined; taken = await this.#take()) {
        await this.#handle(taken.value);
      }
    } catch (error) {
      this.#failure ??= error as Error;
      this.#drop();
    }
    const failure = this.#failure ?? this.#failureBefore;
    if (failure !== undefined) {
      this.#next.fail(failure);
      throw failure;
    }
    await this.#handOver(() => this.#next.end());
  }

  async #take(): Promise<{ readonly value: Input } | undefined> {
    try {
      return { value: await this.#queue.get() };
    } catch {
      // Closed, and empty.
      return undefined;
    }
  }

  async #handle(value: Input): Promise<void> {
    let result: Output;
    try {
      result = await this.#options.process(value, this.#context);
    } catch (error) {
      const failure = new StageFailed(this.name, error);
      if (this.#options.onError === undefined || this.#aborting.signal.aborted) throw failure;
      this.#options.onError(failure, value);
      return;
    }
    await this.#handOver(() => this.#next.send(result, this.#context));
    this.#processed++;
  }

  /** A failure behind this stage is named after the stage that failed, or after this one if it was no stage. */
  async #handOver(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      throw error instanceof StageFailed ? error : new StageFailed(this.name, error);
    }
  }

  #drop(): Input[] {
    // First reject the values that wait for room, then drop the rest.
    this.#queue.close();
    return this.#queue.drain();
  }
}

function intakeOf<Value>(take: (value: Value) => void | Promise<void>): Intake<Value> {
  return {
    send: async (value) => take(value),
    end: () => Promise.resolve(),
    fail: () => undefined,
  };
}
