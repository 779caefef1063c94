import type { CompiledScenario } from '../instrument/compiled.js';
import { HarnessError, UsageError } from './api.js';
import {
  allowedProcessors,
  defaultExplorers,
  ExplorerDied,
  startExplorer,
  type ExplorerProcess,
} from './explorer-process.js';
import type { ExplorerRecord, ExplorerRequest, ScenarioFacts } from './protocol.js';

/** A compiled scenario under the name by which errors and reports call its file. */
export interface LoadableScenario {
  readonly compiled: CompiledScenario;
  /** Relative to the project. */
  readonly file: string;
}

/** How long a scenario file may take to be evaluated and checked. */
const loadTimeoutMs = 30_000;
/** How often a file that ends its process is evaluated before the file is blamed. */
const loadAttempts = 4;

/** One place of the pool: an explorer, replaced when it dies, with the scenario it has to know. */
class ExplorerSlot {
  readonly #processor: number | undefined;
  readonly #showOutput: boolean;
  #explorer: ExplorerProcess | undefined;
  #loaded: LoadableScenario | undefined;
  #facts: ScenarioFacts | undefined;
  #closed = false;

  constructor(processor: number | undefined, showOutput: boolean) {
    this.#processor = processor;
    this.#showOutput = showOutput;
  }

  /**
   * Makes sure that a live explorer has the scenario loaded.
   *
   * @throws UsageError if the file is no scenario, or ends its process every time it is evaluated
   */
  async prepare(scenario: LoadableScenario): Promise<ScenarioFacts> {
    for (let attempt = 1; ; attempt++) {
      const explorer = await this.#liveExplorer();
      if (this.#loaded === scenario && this.#facts !== undefined) return this.#facts;
      const patience = { isOver: false };
      const timeout = setTimeout(() => {
        patience.isOver = true;
        explorer.kill();
      }, loadTimeoutMs);
      try {
        const record = await explorer.request({ kind: 'load', compiled: scenario.compiled, file: scenario.file });
        if (record.kind === 'invalid') throw new UsageError(record.message);
        if (record.kind !== 'loaded') throw unexpected(record);
        this.#loaded = scenario;
        this.#facts = record.facts;
        return record.facts;
      } catch (error) {
        if (!(error instanceof ExplorerDied) || this.closed) throw error;
        const why = error.fatal?.outcome.failure?.message;
        if (why !== undefined) throw new UsageError(`${scenario.file}: ${why}`);
        // Somebody else may have ended the process; a file that does so does it every time.
        if (!patience.isOver && attempt < loadAttempts) continue;
        throw new UsageError(
          `${scenario.file}: the explorer process did not survive evaluating the file (it must come back within ${String(loadTimeoutMs / 1_000)} s and must not end the process): ${error.message}`,
        );
      } finally {
        clearTimeout(timeout);
      }
    }
  }

  async #liveExplorer(): Promise<ExplorerProcess> {
    if (this.closed) throw new HarnessError('the run has been stopped');
    if (this.#explorer !== undefined && !this.#explorer.ended) return this.#explorer;
    return this.#adopt(await startExplorer({ processor: this.#processor, showOutput: this.#showOutput }));
  }

  /** Takes a process that has come up in, unless the pool has been closed while it did. */
  #adopt(explorer: ExplorerProcess): ExplorerProcess {
    if (this.closed) {
      explorer.kill();
      throw new HarnessError('the run has been stopped');
    }
    this.#explorer = explorer;
    this.#loaded = undefined;
    return explorer;
  }

  async request(
    scenario: LoadableScenario,
    request: ExplorerRequest,
    onRecord?: (record: ExplorerRecord) => void,
  ): Promise<ExplorerRecord> {
    await this.prepare(scenario);
    if (this.#explorer === undefined) throw new HarnessError('no explorer process');
    const record = await this.#explorer.request(request, onRecord);
    if (record.kind === 'invalid') throw new UsageError(record.message);
    if (record.kind === 'broken') throw unexpected(record);
    return record;
  }

  close(): void {
    this.#closed = true;
    this.#explorer?.kill();
  }

  get closed(): boolean {
    return this.#closed;
  }
}

export type { ExplorerSlot };

export const unexpected = (record: ExplorerRecord): HarnessError =>
  new HarnessError(
    record.kind === 'broken'
      ? `an explorer failed: ${record.message}`
      : `an explorer gave an unexpected answer: ${record.kind}`,
  );

/** The explorers of one run: one process a core, each pinned to its own. */
export class ExplorerPool {
  readonly slots: readonly ExplorerSlot[];

  constructor(options: { readonly explorers?: number | undefined; readonly showOutput?: boolean } = {}) {
    const processors = allowedProcessors();
    const count = options.explorers ?? defaultExplorers();
    this.slots = Array.from(
      { length: count },
      (_, index) =>
        new ExplorerSlot(
          processors.length === 0 ? undefined : processors[index % processors.length],
          options.showOutput ?? false,
        ),
    );
  }

  get first(): ExplorerSlot {
    const slot = this.slots[0];
    if (slot === undefined) throw new HarnessError('no explorers');
    return slot;
  }

  /** Ends every explorer at once; what they were doing is lost, what they have reported is not. */
  close(): void {
    for (const slot of this.slots) slot.close();
  }
}
