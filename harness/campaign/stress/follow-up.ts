import type { Counterexample } from '../../results/schema.js';
import type { Failure } from '../../results/schema.js';
import { composeCounterexample } from '../compose-counterexample.js';
import { exploreScenario, measureShape } from '../explore-scenario.js';
import type { LoadedScenario } from '../load-scenario.js';
import type { Session } from '../run-scenario.js';
import { sameVerdict } from './same-verdict.js';

/** How long the controlled engine looks for what stress has found. */
export const followUpBudgetMs = 60_000;

/** What the controlled engine made of a failure that stress has found. */
export interface FollowUp {
  /** The shortest interleaving it found; null if the budget ran out, or the schedules held. */
  readonly counterexample: Counterexample | null;
  /** Whether it breaks the same thing. */
  readonly isSame: boolean;
  readonly executions: number;
  readonly executionsToFind: number | null;
  readonly durationMs: number;
}

/**
 * Explores a scenario that failed under stress, with the small parameters that it draws, until the same thing breaks: from
 * a failure that nobody can repeat to one that anybody can.
 */
export async function followUp(session: Session, scenario: LoadedScenario, failure: Failure): Promise<FollowUp> {
  const startedAtMs = performance.now();
  const shape = await measureShape(session.pool.first, scenario);
  const { name } = scenario.facts;
  const result = await exploreScenario(session.pool, scenario, shape, {
    seed: session.seed,
    strategy: session.options.strategy ?? 'mix',
    range: { repetition: 0, shardIndex: 0, shardCount: 1 },
    executions: Infinity,
    deadline: startedAtMs + followUpBudgetMs,
    isStopped: session.isStopped,
    onProgress: (executions, phase) => {
      session.emit({ kind: 'progress', name, executions, executionsPerSecond: 0, phase });
    },
  });
  const found = result.failure;
  const counterexample =
    found === null
      ? null
      : composeCounterexample({
          projectDirectory: session.options.projectDirectory,
          scenario: { name, file: scenario.file },
          plan: found.plan,
          outcome: found.outcome,
          seed: session.seed,
          path: found.path,
        });
  return {
    counterexample,
    isSame: counterexample !== null && sameVerdict(counterexample.failure, failure),
    executions: result.executions,
    executionsToFind: found?.executionsToFind ?? null,
    durationMs: performance.now() - startedAtMs,
  };
}
