import type { ExecutionResult } from '../../engine/execution-result.js';
import { decodeParams } from '../../results/params.js';
import type { Counterexample } from '../../results/schema.js';
import type { Plan } from '../../schedule/schedule.js';
import { UsageError } from '../../errors.js';
import { deathResult } from './chunk-on-explorer.js';
import { ExplorerDied } from './host.js';
import { unexpected, type ExplorerSlot, type LoadableScenario } from './explorer-pool.js';

/**
 * The plan that a saved counterexample holds.
 *
 * @throws UsageError if its parameters cannot be decoded
 */
export function planOf(counterexample: Counterexample): Plan {
  return {
    writers: counterexample.writers,
    readers: counterexample.readers,
    params: decodeParams(counterexample.params),
    schedule: counterexample.schedule,
  };
}

/**
 * Performs one plan, without fast-check. An execution that ends the explorer gives the result that was recorded for it. One
 * that does so twice without a record is a crash, as it is when it is explored.
 *
 * @param file where the plan was saved, as messages name it
 * @throws UsageError if the scenario could never be given this plan
 */
export async function replayPlan(
  slot: ExplorerSlot,
  scenario: LoadableScenario,
  plan: Plan,
  withTrace: boolean,
  file: string,
): Promise<ExecutionResult> {
  for (let deaths = 0; ; deaths++) {
    try {
      const reply = await slot.request(scenario, { kind: 'replay', plan, withTrace });
      if (reply.kind === 'refused') throw new UsageError(`${file} ${reply.problem}`);
      if (reply.kind !== 'replayed') throw unexpected(reply, scenario);
      return reply.executionResult;
    } catch (error) {
      if (!(error instanceof ExplorerDied) || slot.closed) throw error;
      if (error.fatal !== undefined) return error.fatal.executionResult;
      // Something else may have ended the process the first time.
      if (deaths > 0) return deathResult(error.message);
    }
  }
}
