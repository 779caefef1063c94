import { createHash } from 'node:crypto';
import { HarnessError } from '../../errors.js';
import {
  forgetExhaustive,
  keepExhaustive,
  readExhaustive,
  type ExhaustiveIdentity,
} from '../../results/exhaustive-progress.js';
import type { ScheduleShape } from '../../schedule/strategy.js';
import { threadmillVersion } from '../../version.js';
import type { InterleavingCount } from '../interleaving-count.js';
import type { Session } from '../session.js';
import {
  exhaustScenario,
  type ExhaustiveOptions,
  type ExhaustiveProgress,
  type ExhaustiveResult,
} from './exhaust-scenario.js';
import { shrinkMsOf } from './explore-scenario.js';
import type { LoadedScenario } from './load-scenario.js';

/** The most executions, if no number is given. */
export const defaultExhaustiveRuns = 1_000_000;

/** How far it came is kept as often as this, or less often if keeping takes long. */
const keepEveryMs = 2_000;
const leastPause = 20;

type Follow = Pick<ExhaustiveOptions, 'onProgress' | 'onFound'>;

/**
 * Explores every interleaving of a scenario, as a run was asked to: goes on where an earlier run was ended, and keeps how far it came.
 *
 * @param notes gets what a reader should know about that
 */
export async function runExhaustively(
  session: Session,
  scenario: LoadedScenario,
  shape: ScheduleShape,
  interleavings: InterleavingCount,
  notes: string[],
  follow: Follow,
): Promise<ExhaustiveResult> {
  const { options, seed, pool, isStopped } = session;
  const keeper = new ProgressKeeper(session, scenario, interleavings, notes);
  const from = keeper.read();
  const result = await exhaustScenario(pool.first, scenario, shape, {
    seed,
    preemptions: options.exhaustive?.preemptions ?? null,
    executions: options.runs ?? (options.budgetMs === undefined ? defaultExhaustiveRuns : Infinity),
    deadline: performance.now() + (options.budgetMs ?? session.exploreMs ?? Infinity),
    shrinkMs: shrinkMsOf(scenario, options.budgetMs),
    from,
    interleavings,
    isStopped,
    wantsState: () => keeper.isDue,
    onState: (progress) => keeper.keep(progress),
    ...follow,
  });
  if (result.exhaustive === undefined)
    notes.push(
      'its parameters are drawn from more combinations than can be explored one after another: give it fewer, or leave out --exhaustive',
    );
  else if (result.exhaustive.lost > 0)
    notes.push(
      `${result.exhaustive.lost} executions did not go as they were meant to, so what follows them is not explored. It is too long, has too many agents, or does what the schedule does not decide`,
    );
  if (result.failure !== null || result.exhaustive?.isComplete === true) keeper.forget();
  return result;
}

class ProgressKeeper {
  readonly #projectDirectory: string;
  readonly #identity: ExhaustiveIdentity;
  readonly #interleavings: InterleavingCount;
  readonly #notes: string[];
  #keeps: boolean;
  #nextMs = performance.now() + keepEveryMs;

  constructor(
    { options }: Session,
    { facts, file, compiled }: LoadedScenario,
    interleavings: InterleavingCount,
    notes: string[],
  ) {
    this.#projectDirectory = options.projectDirectory;
    this.#interleavings = interleavings;
    this.#notes = notes;
    this.#keeps = options.save ?? true;
    const sources = createHash('sha256')
      .update(compiled.own.code)
      .update('\0')
      .update(compiled.packages?.code ?? '');
    this.#identity = {
      name: facts.name,
      file,
      sources: sources.digest('hex'),
      threadmill: threadmillVersion(),
      preemptions: options.exhaustive?.preemptions ?? null,
    };
  }

  read(): ExhaustiveProgress | undefined {
    const kept = this.#keeps ? readExhaustive(this.#projectDirectory, this.#identity) : undefined;
    if (kept === undefined) return undefined;
    const progress = kept.progress as ExhaustiveProgress;
    this.#interleavings.add(kept.seen);
    this.#notes.push(`continues after ${progress.executions} executions of an earlier run`);
    return progress;
  }

  get isDue(): boolean {
    return this.#keeps && performance.now() >= this.#nextMs;
  }

  keep(progress: ExhaustiveProgress): void {
    const startedAtMs = performance.now();
    try {
      keepExhaustive(this.#projectDirectory, this.#identity, progress, this.#interleavings.seen);
    } catch (error) {
      if (!(error instanceof HarnessError)) throw error;
      this.#keeps = false;
      this.#notes.push(`how far it came is not kept: ${error.message}`);
    }
    const now = performance.now();
    this.#nextMs = now + Math.max(keepEveryMs, leastPause * (now - startedAtMs));
  }

  forget(): void {
    if (this.#keeps) forgetExhaustive(this.#projectDirectory, this.#identity);
  }
}
