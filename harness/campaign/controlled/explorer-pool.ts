import type { CompiledScenario } from '../../instrument/compiled.js';
import { BreakingScenario, breakage } from '../breaking-scenario.js';
import { HarnessError, UsageError } from '../../errors.js';
import { allowedProcessors, defaultExplorers, ExplorerDied, startExplorer, type ExplorerProcess } from './host.js';
import type { ExplorerReply, ExplorerRequest, ScenarioFacts, TestLoad } from './protocol.js';

/** A compiled scenario, with the name that errors and reports use for its file. */
export interface LoadableScenario {
  readonly compiled: CompiledScenario;
  /** Relative to the project. */
  readonly file: string;
  /** For a file of tests. */
  readonly tests?: TestLoad | undefined;
  /** Once known. */
  readonly facts?: ScenarioFacts;
}

/** How long evaluating and checking a scenario file may take. */
const loadTimeoutMs = 30_000;
/** How often a file that ends its process is evaluated before the file is blamed. */
const loadAttempts = 4;

/**
 * One place of the pool: an explorer, replaced when it dies, with the scenario loaded in it. A scenario is only explored in
 * processes that have evaluated no other, so what a file does to its process affects no other scenario.
 */
class ExplorerSlot {
  readonly #processor: number | undefined;
  readonly #showOutput: boolean;
  #explorer: ExplorerProcess | undefined;
  /** A process that has evaluated nothing yet, started ahead of time. */
  #reserve: Promise<ExplorerProcess | undefined> | undefined;
  /** Whose code the explorer has evaluated. */
  #tenant: LoadableScenario | 'several' | undefined;
  #loaded: LoadableScenario | undefined;
  #facts: ScenarioFacts | undefined;
  #isAnotherExpected = false;
  #closed = false;

  constructor(processor: number | undefined, showOutput: boolean) {
    this.#processor = processor;
    this.#showOutput = showOutput;
  }

  /**
   * Makes sure that a live explorer has the scenario loaded, and no other has been loaded before. Only `inspect` checks whether
   * the file has the shape of a scenario.
   *
   * @throws UsageError if the file throws, or asks for what cannot be
   * @throws BreakingScenario if it breaks its process, or ends it every time it is evaluated
   */
  prepare(scenario: LoadableScenario): Promise<ScenarioFacts> {
    return this.#prepare(scenario, false);
  }

  async #prepare(scenario: LoadableScenario, inspect: boolean): Promise<ScenarioFacts> {
    for (let attempt = 1; ; attempt++) {
      if (this.#tenant !== scenario && this.#tenant !== undefined) this.#retire();
      const explorer = await this.#liveExplorer();
      if (this.#loaded === scenario && this.#facts !== undefined) return this.#facts;
      this.#tenant = scenario;
      const patience = { isOver: false };
      try {
        const reply = await loadInto(explorer, scenario, inspect, patience);
        if (reply.kind !== 'broken' || inspect) return this.#accept(scenario, reply);
      } catch (error) {
        if (!(error instanceof ExplorerDied) || this.closed) throw error;
        const why = error.fatal?.executionResult.failure?.message;
        if (why !== undefined) throw new BreakingScenario(scenario.file, why);
        // Something else may have ended the process; a file that ends it does so every time.
        if (!patience.isOver && attempt < loadAttempts) continue;
        throw new BreakingScenario(
          scenario.file,
          `the explorer process ended while evaluating the file, which must finish within ${loadTimeoutMs / 1_000} s and must not end the process: ${error.message}`,
        );
      }
      // Something is wrong with the file: a closer inspection finds out what.
      this.#retire();
      return this.#prepare(scenario, true);
    }
  }

  /**
   * Like `prepare`, but quicker: in a process that evaluated other files, as long as they left no traces there. A file that
   * fails in it gets a new process, so no file is blamed for what others did.
   */
  async inspect(scenario: LoadableScenario): Promise<ScenarioFacts> {
    const explorer = this.#explorer;
    const isUntouched = this.#loaded !== undefined && this.#facts?.realmChanges.length === 0;
    if (!isUntouched || explorer === undefined || explorer.ended) return this.#prepare(scenario, true);
    this.#tenant = 'several';
    this.#loaded = undefined;
    try {
      const reply = await loadInto(explorer, scenario, true, { isOver: false });
      if (reply.kind === 'loaded') return this.#accept(scenario, reply);
    } catch (error) {
      if (!(error instanceof ExplorerDied) || this.closed) throw error;
    }
    return this.#prepare(scenario, true);
  }

  #accept(scenario: LoadableScenario, reply: ExplorerReply): ScenarioFacts {
    if (reply.kind === 'invalid') throw new UsageError(reply.message);
    if (reply.kind !== 'loaded') throw unexpected(reply, scenario);
    this.#loaded = scenario;
    this.#facts = reply.facts;
    return reply.facts;
  }

  /** Whether another scenario will follow. Its process is started while this one is still working. */
  expectAnother(isExpected: boolean): void {
    this.#isAnotherExpected = isExpected;
    this.#fillReserve();
  }

  /** Starts the process that the next scenario will get: it starts while the scenario is compiled. */
  startAhead(): void {
    if (!this.closed) this.#reserve ??= this.#start().catch(() => undefined);
  }

  #fillReserve(): void {
    if (this.#isAnotherExpected) this.startAhead();
  }

  #start(): Promise<ExplorerProcess> {
    return startExplorer({ processor: this.#processor, showOutput: this.#showOutput });
  }

  #retire(): void {
    this.#explorer?.kill();
    this.#explorer = undefined;
    this.#tenant = undefined;
    this.#loaded = undefined;
  }

  async #liveExplorer(): Promise<ExplorerProcess> {
    if (this.closed) throw new HarnessError('the run has been stopped');
    if (this.#explorer !== undefined && !this.#explorer.ended) return this.#explorer;
    const reserve = await this.#reserve;
    this.#reserve = undefined;
    const explorer = this.#adopt(reserve === undefined || reserve.ended ? await this.#start() : reserve);
    this.#fillReserve();
    return explorer;
  }

  /** Adopts a process that has started, unless the pool was closed meanwhile. */
  #adopt(explorer: ExplorerProcess): ExplorerProcess {
    if (this.closed) {
      explorer.kill();
      throw new HarnessError('the run has been stopped');
    }
    this.#retire();
    this.#explorer = explorer;
    return explorer;
  }

  async request(
    scenario: LoadableScenario,
    request: ExplorerRequest,
    onReply?: (reply: ExplorerReply) => void,
  ): Promise<ExplorerReply> {
    await this.prepare(scenario);
    if (this.#explorer === undefined) throw new HarnessError('no explorer process');
    const reply = await this.#explorer.request(request, onReply);
    if (reply.kind === 'invalid') throw new UsageError(reply.message);
    if (reply.kind === 'broken') throw unexpected(reply, scenario);
    return reply;
  }

  close(): void {
    this.#closed = true;
    this.#explorer?.kill();
    void this.#reserve?.then((reserve) => reserve?.kill());
  }

  get closed(): boolean {
    return this.#closed;
  }
}

export type { ExplorerSlot };

/** Has an explorer evaluate and check a scenario file. */
async function loadInto(
  explorer: ExplorerProcess,
  { compiled, file, tests }: LoadableScenario,
  inspect: boolean,
  patience: { isOver: boolean },
): Promise<ExplorerReply> {
  const timeout = setTimeout(() => {
    patience.isOver = true;
    explorer.kill();
  }, loadTimeoutMs);
  try {
    return await explorer.request({ kind: 'load', compiled, file, inspect, tests });
  } finally {
    clearTimeout(timeout);
  }
}

/** The error for an answer that does not fit the request. */
export function unexpected(reply: ExplorerReply, { file, facts }: LoadableScenario): Error {
  if (reply.kind !== 'broken') return new HarnessError(`an explorer gave an unexpected answer: ${reply.kind}`);
  const { message, realmChanges } = reply;
  return breakage(file, message, realmChanges.length === 0 ? (facts?.realmChanges ?? []) : realmChanges);
}

interface PoolOptions {
  readonly explorers?: number | undefined;
  readonly showOutput?: boolean;
}

function makeSlots({ explorers = defaultExplorers(), showOutput = false }: PoolOptions): readonly ExplorerSlot[] {
  const processors = allowedProcessors();
  return Array.from(
    { length: explorers },
    (_, index) =>
      new ExplorerSlot(processors.length === 0 ? undefined : processors[index % processors.length], showOutput),
  );
}

/** The explorers of one run: one process a core, each pinned to its own. */
export class ExplorerPool {
  readonly slots: readonly ExplorerSlot[];

  constructor(options: PoolOptions = {}, slots = makeSlots(options)) {
    this.slots = slots;
  }

  get first(): ExplorerSlot {
    const slot = this.slots[0];
    if (slot === undefined) throw new HarnessError('no explorers');
    return slot;
  }

  /** The same explorers, each as a pool of its own. */
  apart(): readonly ExplorerPool[] {
    return this.slots.map((slot) => new ExplorerPool({}, [slot]));
  }

  /** Whether another scenario will follow the one that comes next. */
  expectAnother(isExpected: boolean): void {
    for (const slot of this.slots) slot.expectAnother(isExpected);
  }

  /** Ends every explorer immediately. Their current work is lost, but not what they have reported. */
  close(): void {
    for (const slot of this.slots) slot.close();
  }
}
