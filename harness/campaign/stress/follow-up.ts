import type { Counterexample, Failure } from '../../results/schema.js';
import { composeCounterexample } from '../compose-counterexample.js';
import { exploreScenario, measureShape, shrinkMsOf, type CampaignFailure } from '../controlled/explore-scenario.js';
import type { CounterexampleKeeper } from '../keep-counterexample.js';
import { withKeptPackages } from '../controlled/kept-package-state.js';
import type { LoadedScenario } from '../controlled/load-scenario.js';
import type { Session } from '../session.js';
import { sameVerdict } from '../../scenario/same-verdict.js';

/** How long the controlled engine looks for what stress has found. */
export const followUpBudgetMs = 60_000;

/** What the controlled engine found about a failure that stress found. */
export interface FollowUp {
  /** The shortest interleaving it found; null if the budget ran out, or the schedules held. */
  readonly counterexample: Counterexample | null;
  /** Whether it breaks the same thing. */
  readonly isSame: boolean;
  readonly executions: number;
  readonly executionsToFind: number | null;
  readonly durationMs: number;
  /** Whether it was stopped before it found the same failure or used up its time. */
  readonly isInterrupted: boolean;
  /** The error of the harness that prevented the rest; undefined if there was none. */
  readonly problem: Error | undefined;
}

/**
 * Explores a scenario that failed under stress, with the small parameters that it draws, until the same thing breaks. This
 * turns a failure that cannot be repeated into one that can.
 *
 * @param keeper keeps what is found, as soon as it is found
 */
export async function followUp(
  session: Session,
  scenario: LoadedScenario,
  failure: Failure,
  keeper: CounterexampleKeeper,
): Promise<FollowUp> {
  const startedAtMs = performance.now();
  const deadline = startedAtMs + followUpBudgetMs;
  const shape = await measureShape(session.pool.first, scenario);
  const { name } = scenario.facts;
  let executions = 0;
  let executionsToFind: number | null = null;
  let counterexample: Counterexample | null = null;
  let isSame = false;
  let problem: Error | undefined;
  const compose = (found: CampaignFailure): Counterexample | null =>
    composeCounterexample({
      ...found,
      projectDirectory: session.options.projectDirectory,
      scenario: { name, file: scenario.file },
      seed: session.seed,
    });
  // Something else may break first: then the search continues with the schedules of the next repetition.
  for (let repetition = 0; !isSame && performance.now() < deadline && !session.isStopped(); repetition++) {
    const before = executions;
    let told: CampaignFailure | null = null;
    const result = await exploreScenario(session.pool, scenario, shape, {
      seed: session.seed,
      strategy: session.options.strategy ?? 'mix',
      range: { repetition, shardIndex: 0, shardCount: 1 },
      executions: Infinity,
      deadline,
      shrinkMs: shrinkMsOf(scenario, session.options.budgetMs),
      isStopped: session.isStopped,
      onProgress: (done, phase) => {
        session.emit({ kind: 'progress', name, executions: before + done, executionsPerSecond: 0, phase });
      },
      onFound: (found, place) => {
        told = found;
        const composed = compose(found);
        if (composed !== null) keeper.update(composed, place);
      },
    });
    executions += result.executions;
    ({ problem } = result);
    // What was found counts, even if something went wrong later.
    const foundFailure = result.failure ?? (result.isFinished ? null : told);
    if (foundFailure === null) break;
    const found = problem === undefined ? await withKeptPackages(session, scenario, foundFailure) : foundFailure;
    const composed = compose(found);
    if (composed === null) break;
    isSame = sameVerdict(composed.failure, failure);
    if (isSame || counterexample === null) {
      counterexample = composed;
      executionsToFind = before + found.executionsToFind;
    }
    // If the schedule does not decide it, no other schedule will find it.
    if (problem !== undefined || composed.failure.verdict === 'uncontrolled') break;
  }
  return {
    counterexample,
    isSame,
    executions,
    executionsToFind,
    durationMs: performance.now() - startedAtMs,
    isInterrupted: !isSame && session.isStopped(),
    problem,
  };
}
