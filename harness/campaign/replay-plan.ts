import type { Outcome } from '../engine/outcome.js';
import { decodeParams } from '../results/params.js';
import type { Counterexample } from '../results/schema.js';
import type { Plan } from '../schedule/schedule.js';
import { ExplorerDied } from './explorer-process.js';
import { unexpected, type ExplorerSlot, type LoadableScenario } from './explorer-pool.js';

/** The plan that a saved counterexample holds. */
export function planOf(counterexample: Counterexample): Plan {
  return {
    writers: counterexample.writers,
    readers: counterexample.readers,
    params: decodeParams(counterexample.params),
    schedule: counterexample.schedule,
  };
}

/** Performs one plan, without fast-check. An execution that takes the explorer down gives the outcome recorded of it. */
export async function replayPlan(
  slot: ExplorerSlot,
  scenario: LoadableScenario,
  plan: Plan,
  withTrace: boolean,
): Promise<Outcome> {
  try {
    const record = await slot.request(scenario, { kind: 'replay', plan, withTrace });
    if (record.kind !== 'replayed') throw unexpected(record, scenario);
    return record.outcome;
  } catch (error) {
    if (!(error instanceof ExplorerDied) || error.fatal === undefined || slot.closed) throw error;
    return error.fatal.outcome;
  }
}
