import type { Counterexample, Failure, ScenarioResult } from '../results/schema.js';
import { removeCounterexample, saveCounterexample } from '../results/folder.js';
import { meets, type Expectation } from '../scenario/verdict.js';
import { HarnessError } from '../errors.js';
import { type RunOptions } from './api.js';
import { scenarioFileProblem } from './named-scenario.js';

/**
 * Keeps what one scenario's run finds in the corpus, as soon as it is found, so that it is there even if the run is cut
 * short. Each smaller one replaces its predecessor. Nothing is kept of a failure that cannot be replayed, such as one of a
 * scenario outside the project, or of a run that saves nothing. If the folder cannot be written, a note says so and the run
 * continues.
 */
export class CounterexampleKeeper {
  readonly #options: RunOptions;
  readonly #notes: string[];
  /** The files written, each with its place in the campaign. Files that were there before are not listed. */
  readonly #own = new Map<string, number>();
  /** Which failures add nothing to the corpus. */
  #isSuperfluous = (failure: Failure): boolean => failure.verdict === 'uncontrolled';
  /** Stays unless something is written in its place. */
  #adopted: string | undefined;
  #isBroken = false;

  constructor(options: RunOptions, notes: string[]) {
    this.#options = options;
    this.#notes = notes;
  }

  /** Takes over a file that an earlier run left half shrunk: the result replaces it. */
  adopt(file: string): void {
    this.#adopted = file;
  }

  /** Saves no failure that the scenario is expected to have: the corpus shows one already. */
  leaveOutExpected(expected: Expectation): void {
    this.#isSuperfluous = ({ verdict, invariant }) =>
      verdict === 'uncontrolled' || meets(expected, verdict, invariant ?? null);
  }

  /** Keeps a counterexample in place of the one that was kept for the same place in the campaign. */
  update(counterexample: Counterexample, place: number): void {
    const saved = this.#save(counterexample, place);
    if (saved !== null) this.#removeOthers(saved.file, place);
  }

  /**
   * Keeps only this one, and removes what was kept along the way, also for other places: explorers that were ahead of the
   * one whose failure counts may have found some.
   *
   * @returns its file, relative to the project; null if it is not kept
   */
  async finish(counterexample: Counterexample | null): Promise<string | null> {
    const saved = counterexample === null ? null : this.#save(counterexample, null);
    const file = saved === null || saved.isNew ? (saved?.file ?? null) : await this.#checked(saved.file);
    this.#removeOthers(file, null);
    if (file !== null && this.#adopted !== undefined && this.#adopted !== file)
      removeCounterexample(this.#options.projectDirectory, this.#adopted);
    return file;
  }

  /** A file that was there before may be something else. */
  async #checked(file: string): Promise<string | null> {
    const { checkSaved } = await import('../results/read-counterexample.js');
    return this.#attempt(() => {
      checkSaved(this.#options.projectDirectory, file);
      return file;
    });
  }

  /** What fails is noted, and nothing more is kept. */
  #attempt<Result>(save: () => Result): Result | null {
    try {
      return save();
    } catch (error) {
      if (!(error instanceof HarnessError)) throw error;
      this.#isBroken = true;
      this.#notes.push(error.message);
      return null;
    }
  }

  #save(counterexample: Counterexample, place: number | null): ReturnType<typeof saveCounterexample> | null {
    const { projectDirectory, save } = this.#options;
    if (save === false || this.#isBroken || this.#isSuperfluous(counterexample.failure)) return null;
    const problem = scenarioFileProblem(projectDirectory, counterexample.scenario);
    if (problem !== undefined) {
      this.#isBroken = true;
      this.#notes.push(`the counterexample was not saved because it could not be replayed: it ${problem}`);
      return null;
    }
    return this.#attempt(() => {
      const own = new Set([...this.#own.keys(), ...(this.#adopted === undefined ? [] : [this.#adopted])]);
      const saved = saveCounterexample(projectDirectory, counterexample, own);
      if (saved.isNew && saved.file !== this.#adopted && place !== null) this.#own.set(saved.file, place);
      return saved;
    });
  }

  /** @param place null for every place */
  #removeOthers(kept: string | null, place: number | null): void {
    for (const [file, ownPlace] of this.#own) {
      if (file === kept || (place !== null && ownPlace !== place)) continue;
      removeCounterexample(this.#options.projectDirectory, file);
      this.#own.delete(file);
    }
  }
}

/** What a result says of its counterexample. @param file where it was saved */
export function summarize(
  counterexample: Counterexample,
  file: string | null,
): NonNullable<ScenarioResult['counterexample']> {
  const { params, writers, readers, shrinkingEnded, confirmed, preemptions, steps, traceHash, failure } =
    counterexample;
  return {
    params,
    writers,
    readers,
    ...(shrinkingEnded === undefined ? {} : { shrinkingEnded }),
    ...(confirmed === undefined ? {} : { confirmed }),
    preemptions,
    steps,
    traceHash,
    failure,
    file,
  };
}
