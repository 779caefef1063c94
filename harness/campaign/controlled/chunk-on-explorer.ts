import { noTraceHash, type ExecutionResult } from '../../engine/execution-result.js';
import type { ShrinkingEnd } from '../../results/schema.js';
import { ExplorerDied } from './host.js';
import { unexpected, type ExplorerSlot } from './explorer-pool.js';
import type { LoadedScenario } from './load-scenario.js';
import { decodeFailure, type EncodedFailure, type FoundFailure } from './found-failure.js';
import type { ExploreRequest } from './protocol.js';

/** How often one chunk may end its explorer before its counterexample is accepted as small as it is. */
const maximumDeathsPerChunk = 40;

/** What to do with a chunk. */
export type ChunkRequest = Omit<ExploreRequest, 'kind' | 'known' | 'careful'>;

export interface ChunkResult {
  readonly executions: number;
  readonly steps: number;
  readonly switches: number;
  /** Whether the schedule could have decided anything in some execution; true if that is not known. */
  readonly hadChoice: boolean;
  /** Whether an operation of the scenario's own code was a scheduling point in some execution; true if that is not known. */
  readonly hadPoint: boolean;
  /** What identifies the interleaving of each execution, in their order; fewer than `executions` if some are not known. */
  readonly interleavings: readonly number[];
  readonly failure: FoundFailure | null;
  /** False if the run was stopped before the chunk was done. */
  readonly isFinished: boolean;
}

/** Follows the progress of a chunk. */
export interface ChunkListener {
  readonly onProgress: (executions: number) => void;
  /** Called with a failure as soon as it is found, and with each smaller one. */
  readonly onFound: (failure: FoundFailure, executions: number) => void;
  /** Whether the result is no longer needed. */
  readonly isObsolete: () => boolean;
}

/**
 * Has one explorer do one chunk. If an execution ends the explorer, its result is remembered, and a new process does the
 * chunk again and skips that execution. So nothing is lost, and shrinking continues across such ends. What is found is kept
 * as soon as it is reported: a run that is stopped has the smallest one found by then.
 *
 * @throws ExplorerDied, HarnessError or UsageError if the chunk cannot be done, and nothing was found in it
 */
export async function performChunk(
  slot: ExplorerSlot,
  scenario: LoadedScenario,
  request: ChunkRequest,
  listener: ChunkListener,
  notes: string[],
): Promise<ChunkResult> {
  return new ChunkOnExplorer(slot, scenario, request, listener, notes).perform();
}

class ChunkOnExplorer {
  readonly #slot: ExplorerSlot;
  readonly #scenario: LoadedScenario;
  readonly #request: ChunkRequest;
  readonly #listener: ChunkListener;
  readonly #notes: string[];
  readonly #known: Record<number, ExecutionResult> = {};
  readonly #startedAtMs = performance.now();
  #executions = 0;
  #smallest: FoundFailure | undefined;
  #smallestInvocation: number | undefined;
  #foundAtMs: number | undefined;
  #deaths = 0;
  #careful = false;
  /** The execution that was running when the explorer last died without a reply: blamed if this happens again. */
  #suspect: number | undefined;

  constructor(
    slot: ExplorerSlot,
    scenario: LoadedScenario,
    request: ChunkRequest,
    listener: ChunkListener,
    notes: string[],
  ) {
    this.#slot = slot;
    this.#scenario = scenario;
    this.#request = request;
    this.#listener = listener;
    this.#notes = notes;
  }

  async perform(): Promise<ChunkResult> {
    for (;;) {
      try {
        return await this.#attempt();
      } catch (error) {
        if (this.#slot.closed) return this.#unfinished('interrupted');
        if (!(error instanceof ExplorerDied)) throw error;
        if (++this.#deaths > maximumDeathsPerChunk) {
          if (this.#smallest === undefined) throw error;
          return this.#finished('processLimit');
        }
        const uncontrolled = this.#twoResults(error);
        if (uncontrolled !== null) return uncontrolled;
        this.#learnFrom(error);
        if (this.#listener.isObsolete()) return emptyChunk;
        if (this.#smallest !== undefined && this.#shrinkMsLeft() <= 0) return this.#finished('timeLimit');
      }
    }
  }

  async #attempt(): Promise<ChunkResult> {
    const reply = await this.#slot.request(
      this.#scenario,
      {
        ...this.#request,
        kind: 'explore',
        remainingMs: this.#exploringMsLeft(),
        shrinkMs: this.#shrinkMsLeft(),
        known: this.#known,
        careful: this.#careful,
      },
      (told) => {
        if (told.kind === 'progress') {
          this.#executions = told.executions;
          this.#listener.onProgress(told.executions);
        } else if (told.kind === 'found') {
          this.#executions = told.executions;
          this.#foundAtMs ??= performance.now();
          this.#keep(told.failure, told.invocation);
        }
      },
    );
    if (reply.kind !== 'explored') throw unexpected(reply, this.#scenario);
    const { executions, steps, switches, hadChoice, hadPoint, interleavings, failure } = reply;
    if (failure === null && this.#smallest !== undefined) return this.#finished('processLimit');
    return {
      executions,
      steps,
      switches,
      hadChoice,
      hadPoint,
      interleavings,
      failure: failure === null ? null : decodeFailure(failure),
      isFinished: true,
    };
  }

  /** A chunk that is done again finds the same failures again, the largest first. */
  #keep(encoded: EncodedFailure, invocation: number): void {
    const isSmaller =
      this.#smallest === undefined || depthOf(encoded.path) > depthOf(this.#smallest.path) || !this.#smallest.confirmed;
    if (!isSmaller) return;
    this.#smallest = decodeFailure(encoded);
    this.#smallestInvocation = invocation;
    this.#listener.onFound(this.#smallest, this.#executions);
  }

  /** If an execution failed in one way and then ended the process when replayed, more than its schedule decides it. */
  #twoResults({ fatal }: ExplorerDied): ChunkResult | null {
    const failure = this.#smallest;
    if (failure === undefined || fatal === undefined || fatal.invocation !== this.#smallestInvocation) return null;
    const { executionResult } = fatal;
    if (executionResult.verdict === failure.executionResult.verdict) return null;
    const message = `the same schedule gave first ${failure.executionResult.verdict}, then ${executionResult.verdict}: something in the scenario is decided by neither the schedule nor the parameters. The second time: ${executionResult.failure?.message ?? ''}`;
    const uncontrolled: ExecutionResult = {
      ...failure.executionResult,
      verdict: 'uncontrolled',
      failure: { verdict: 'uncontrolled', message, step: failure.executionResult.steps },
    };
    return {
      executions: this.#executions,
      steps: 0,
      switches: 0,
      hadChoice: true,
      hadPoint: true,
      interleavings: [],
      failure: { ...failure, executionResult: uncontrolled, confirmed: true, shrinkingEnded: null },
      isFinished: true,
    };
  }

  #learnFrom({ fatal, lastInvocation, message }: ExplorerDied): void {
    if (fatal !== undefined) {
      this.#known[fatal.invocation] = fatal.executionResult;
      this.#careful = false;
      return;
    }
    // After a death without a reply, the second try announces each execution.
    if (lastInvocation !== undefined && lastInvocation === this.#suspect)
      this.#known[lastInvocation] = deathResult(message);
    else this.#notes.push(`${message}; its work was repeated, and nothing was lost`);
    this.#suspect = lastInvocation;
    this.#careful = true;
  }

  /** What was found must be found again before it can be shrunk, even if no time is left. */
  #exploringMsLeft(): number | null {
    const { remainingMs } = this.#request;
    if (remainingMs === null || this.#foundAtMs !== undefined) return null;
    return Math.max(0, remainingMs - (performance.now() - this.#startedAtMs));
  }

  #shrinkMsLeft(): number {
    const { shrinkMs } = this.#request;
    return this.#foundAtMs === undefined ? shrinkMs : Math.max(0, shrinkMs - (performance.now() - this.#foundAtMs));
  }

  #finished(shrinkingEnded: ShrinkingEnd): ChunkResult {
    return { ...this.#unfinished(shrinkingEnded), isFinished: true };
  }

  #unfinished(shrinkingEnded: ShrinkingEnd): ChunkResult {
    const failure = this.#smallest === undefined ? null : { ...this.#smallest, shrinkingEnded };
    return { ...emptyChunk, executions: this.#executions, failure, isFinished: false };
  }
}

/** What comes of a chunk in which nothing was done. */
export const emptyChunk: ChunkResult = {
  executions: 0,
  steps: 0,
  switches: 0,
  hadChoice: true,
  hadPoint: true,
  interleavings: [],
  failure: null,
  isFinished: true,
};

const depthOf = (path: string): number => path.split(':').length;

/** The result of an execution that ends its process every time. */
export function deathResult(how: string): ExecutionResult {
  return {
    verdict: 'crash',
    failure: { verdict: 'crash', message: `${how} during this execution, twice`, step: 0 },
    steps: 0,
    switches: 0,
    preemptions: 0,
    traceHash: noTraceHash,
    trace: [],
  };
}
