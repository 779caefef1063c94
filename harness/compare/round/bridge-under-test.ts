import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { recordBridges } from 'threadmill/bridges/records';
import type { ReaderEnd } from 'threadmill/bridges/records';
import { keysPerWriter } from '../workload.js';
import {
  at,
  command,
  commands,
  createControl,
  untilCounted,
  writtenPlace,
  type Batch,
  type Control,
} from './control.js';
import { ExpectedRecords, SeenRecords, Violations } from './expected-records.js';
import type { RoundTask } from './task.js';
import type { WriterTask } from './writer-task.js';

/** The number of event loop turns without a change after which a bridge counts as settled. */
const quietLooks = 100;

/** The result of a batch. */
export interface BatchResult {
  readonly records: number;
  /** From the start of the writers until the last record, or the last that arrived, was in the table. */
  readonly durationMs: number;
}

/** A bridge with its writers and readers, for one round. */
export class BridgeUnderTest {
  readonly violations = new Violations();
  readonly expected: ExpectedRecords;
  readonly control: Control;
  readonly end: ReaderEnd;
  readonly keysOfEach: number;
  /** How many records each writer has written, over all batches. */
  readonly written: number[];
  /** Rejects when a writer fails. */
  readonly failure: Promise<never>;
  readonly #task: RoundTask;
  readonly #workers: readonly Worker[];
  readonly #exits: Promise<unknown>;
  readonly #reading: Promise<unknown>;
  #generation = 0;
  #isClosing = false;

  constructor(task: RoundTask) {
    const { writers, workload } = task;
    const bridge = recordBridges().find(({ name, variant }) => name === task.bridge && variant === task.variant);
    if (bridge === undefined) throw new Error(`no bridge ${task.bridge}, ${task.variant}`);
    this.#task = task;
    this.keysOfEach = keysPerWriter(workload.keys, writers);
    this.expected = new ExpectedRecords(writers, this.keysOfEach);
    this.written = Array.from({ length: writers }, () => 0);
    this.control = createControl(writers, Math.ceil(task.timed.records / writers));
    const { payloadWords, queueCapacity } = workload;
    const state = bridge.open({ writers, capacity: this.expected.keys, payloadWords, queueCapacity });
    this.#workers = this.written.map((_, index) => {
      const { bridge: name, variant, heapMiB } = task;
      const { control, keysOfEach } = this;
      const workerData: WriterTask = {
        bridge: name,
        variant,
        state,
        control,
        index,
        writers,
        keysOfEach,
        payloadWords,
      };
      const options = { workerData, resourceLimits: { maxOldGenerationSizeMb: heapMiB } };
      return new Worker(new URL('./writer.js', import.meta.url), options);
    });
    const exits = this.#workers.map(
      (worker) =>
        new Promise<void>((resolve, reject) => {
          worker.once('error', reject);
          worker.once('exit', () => resolve());
        }),
    );
    this.#exits = Promise.all(exits);
    this.failure = this.#exits.then(() => new Promise<never>(() => undefined));
    this.failure.catch(() => undefined);
    // In the same turn as the workers are made: a message that arrives at a worker's handle before it has a listener is lost.
    this.end = bridge.readerEnd(state, { workers: this.#workers });
    this.#reading = Promise.all(Array.from({ length: workload.readers }, (_, index) => this.#read(index)));
    this.#reading.catch(() => undefined);
  }

  /** Waits until all writers are ready for their next batch. */
  async ready(): Promise<void> {
    await this.#unlessFailed(untilCounted(this.control, at.ready, this.#task.writers * (this.#generation + 1)));
  }

  /**
   * Lets all writers write one batch, and waits until all of it is in the table or nothing more arrives.
   *
   * @param onStarted called as soon as they write
   */
  async perform(batch: Batch, onStarted: () => void = () => undefined): Promise<BatchResult> {
    await this.ready();
    const { control, written } = this;
    const writtenBefore = written.reduce((sum, count) => sum + count, 0);
    const startedAtMs = performance.now();
    this.#generation++;
    command(control, written.length, commands.write, batch);
    onStarted();
    await this.#unlessFailed(untilCounted(control, at.finished, written.length));
    let endedAtMs = performance.now();
    let records = 0;
    for (const [writer, before] of written.entries()) {
      const now = Atomics.load(control.words, writtenPlace(writer));
      written[writer] = before + now;
      records += now;
    }
    const expected = writtenBefore + records;
    let applied = this.end.stats().applied;
    // Time alone is not enough: on a busy machine this thread may not have run in the meantime.
    for (let looks = 0; applied < expected; looks++) {
      if (looks >= quietLooks && performance.now() - endedAtMs >= this.#task.quietMs) break;
      await this.#unlessFailed(turn());
      const now = this.end.stats().applied;
      if (now === applied) continue;
      applied = now;
      looks = 0;
      endedAtMs = performance.now();
    }
    return { records, durationMs: endedAtMs - startedAtMs };
  }

  /** Ends the round: closes both ends and judges the final table. */
  async close(): Promise<void> {
    await this.ready();
    this.#isClosing = true;
    this.#generation++;
    await this.#unlessFailed(this.#reading);
    command(this.control, this.written.length, commands.close);
    await this.#unlessFailed(this.end.close());
    this.expected.judgeEnd(await this.end.read(), this.written, this.violations);
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  async #read(index: number): Promise<void> {
    const seen = new SeenRecords(`reader ${index}`, this.expected, this.violations);
    const { readEveryMs, readers } = this.#task.workload;
    // Readers take turns.
    await sleep((readEveryMs * index) / readers);
    while (!this.#isClosing) {
      seen.see(await this.end.read());
      await sleep(readEveryMs);
    }
  }

  async #unlessFailed<Result>(working: Promise<Result>): Promise<Result> {
    return Promise.race([working, this.failure]);
  }
}
