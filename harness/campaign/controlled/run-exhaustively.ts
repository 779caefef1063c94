import { createHash } from 'node:crypto';
import { HarnessError } from '../../errors.js';
import {
  forgetExhaustive,
  keepExhaustive,
  readExhaustive,
  type ExhaustiveIdentity,
} from '../../results/exhaustive-progress.js';
import type { ExhaustiveCounts, Uncovered } from '../../results/exhaustive-counts.js';
import type { ScheduleShape } from '../../schedule/strategy.js';
import { threadmillVersion } from '../../version.js';
import { asError } from '../as-error.js';
import type { InterleavingCount } from '../interleaving-count.js';
import type { Session } from '../session.js';
import {
  executionsOf,
  exhaustiveProgressSchema,
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
  const keeper = new ProgressKeeper(session, scenario, shape, interleavings, notes);
  const from = keeper.read();
  const result = await exhaustScenario(pool.slots, scenario, shape, {
    seed,
    preemptions: options.exhaustive?.preemptions ?? null,
    executions: options.runs ?? (options.budgetMs === undefined ? defaultExhaustiveRuns : Infinity),
    deadline: performance.now() + (options.budgetMs ?? session.exploreMs ?? Infinity),
    shrinkMs: shrinkMsOf(scenario, options.budgetMs),
    divides: true,
    shard: options.shard,
    from,
    interleavings,
    isStopped,
    wantsState: (isLast) => keeper.wants(isLast),
    onState: (progress) => keeper.keep(progress),
    ...follow,
  });
  if (result.exhaustive === undefined)
    notes.push(
      'its parameters are drawn from more combinations than can be explored: give it fewer, or leave out --exhaustive',
    );
  else notes.push(...gapsOf(result.exhaustive));
  if (result.failure !== null || result.exhaustive?.isComplete === true) keeper.forget();
  return result;
}

const gaps: Readonly<Record<Uncovered, string | undefined>> = {
  // Said beside the verdict.
  loops: undefined,
  timers: 'timers were still set when nothing else was left to do, and what they would do is not explored',
  channels: 'it opens broadcast channels, and what is posted before and after that is not explored in every order',
};

/** Why not all is explored although nothing is left to explore. */
export function gapsOf({ lost, uncovered }: ExhaustiveCounts): string[] {
  const found = uncovered.map((kind) => gaps[kind]).filter((gap) => gap !== undefined);
  if (lost === 0) return found;
  const times = lost === 1 ? 'one execution' : `${lost} executions`;
  return [
    `${times} did not go as directed, so what follows is not explored: too long, too many agents, or something that the schedule does not decide`,
    ...found,
  ];
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
    { startedWorkers = 0 }: ScheduleShape,
    interleavings: InterleavingCount,
    notes: string[],
  ) {
    this.#projectDirectory = options.projectDirectory;
    this.#interleavings = interleavings;
    this.#notes = notes;
    // What threads of the program execute, and what Node loads, is not known before it is executed.
    const isKnown = startedWorkers === 0 && compiled.external.length === 0;
    this.#keeps = (options.save ?? true) && isKnown;
    const limits = JSON.stringify([facts.limits, process.version]);
    const sources = createHash('sha256');
    for (const part of [compiled.own.code, compiled.packages?.code ?? '', limits]) sources.update(`${part}\0`);
    this.#identity = {
      name: facts.name,
      file,
      sources: sources.digest('hex'),
      threadmill: threadmillVersion(),
      preemptions: options.exhaustive?.preemptions ?? null,
      shard: options.shard === undefined ? null : `${options.shard.index}/${options.shard.count}`,
    };
  }

  read(): ExhaustiveProgress | undefined {
    const kept = this.#keeps ? readExhaustive(this.#projectDirectory, this.#identity) : undefined;
    if (kept === undefined) return undefined;
    const { data: progress } = exhaustiveProgressSchema.safeParse(kept.progress);
    if (progress === undefined || !this.#fits(progress)) return undefined;
    this.#interleavings.add(kept.seen);
    this.#notes.push(`continues after ${executionsOf(progress)} executions of an earlier run`);
    return progress;
  }

  /** Whether every combination has a share; in a shard, some may not. What does not fit together is explored again. */
  #fits({ shares, combinations }: ExhaustiveProgress): boolean {
    const found = new Set(shares.map(({ combination }) => combination));
    return Math.max(...found) < combinations && (this.#identity.shard !== null || found.size === combinations);
  }

  wants(isLast: boolean): boolean {
    return this.#keeps && (isLast || performance.now() >= this.#nextMs);
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
    try {
      if (this.#keeps) forgetExhaustive(this.#projectDirectory, this.#identity);
    } catch (error) {
      this.#notes.push(`how far an earlier run came cannot be removed: ${asError(error).message}`);
    }
  }
}
