import type { Counterexample } from '../../results/schema.js';
import type { StrategyName } from '../../schedule/strategy-names.js';
import { campaignPath, chunkSeed, executionsUpTo, parseCampaignPath } from '../chunks.js';
import { emptyChunk, performChunk } from './chunk-on-explorer.js';
import { measureShape, type CampaignFailure, type ExplorationResult } from './explore-scenario.js';
import { planOf } from './replay-plan.js';
import type { Plan } from '../../schedule/schedule.js';
import type { LoadedScenario } from './load-scenario.js';
import type { Session } from '../session.js';

/** Where in a campaign to look, and what to do there. */
interface PathOptions {
  readonly seed: number;
  readonly path: string;
  readonly strategy: StrategyName;
  /** What was found there, if it was not drawn. */
  readonly given?: Plan | undefined;
  /** Time for shrinking what is found; null: it is not shrunk. */
  readonly shrinkMs: number | null;
  readonly onFound: (failure: CampaignFailure) => void;
}

/** Performs the one execution that a seed and a path name. */
export async function explorePath(
  session: Session,
  scenario: LoadedScenario,
  path: string,
  onFound: (failure: CampaignFailure) => void,
): Promise<ExplorationResult> {
  const strategy = session.options.strategy ?? 'mix';
  const result = await lookAt(session, scenario, { seed: session.seed, path, strategy, shrinkMs: null, onFound });
  if (result.failure !== null || !result.isFinished) return result;
  const note =
    'the execution at this seed and path holds; check that they were printed for these sources and this --strategy';
  return { ...result, notes: [...result.notes, note] };
}

/**
 * Continues shrinking a counterexample that an earlier run left half shrunk.
 *
 * @returns the result, or null if the failure is no longer found there
 */
export async function shrinkOn(
  session: Session,
  scenario: LoadedScenario,
  counterexample: Counterexample,
  shrinkMs: number,
  onFound: (failure: CampaignFailure) => void,
): Promise<CampaignFailure | null> {
  const { seed, path, exhaustive } = counterexample;
  const strategy = session.options.strategy ?? 'mix';
  const given = exhaustive === undefined ? undefined : planOf(counterexample);
  return (await lookAt(session, scenario, { seed, path, strategy, given, shrinkMs, onFound })).failure;
}

async function lookAt(
  session: Session,
  scenario: LoadedScenario,
  { seed, path, strategy, given, shrinkMs, onFound }: PathOptions,
): Promise<ExplorationResult> {
  const notes: string[] = [];
  const parsed = parseCampaignPath(path);
  if (parsed === undefined) return { ...emptyChunk, failure: null, notes, problem: undefined };
  const shape = await measureShape(session.pool.first, scenario);
  const { chunk, pathInChunk } = parsed;
  const placed = (failure: CampaignFailure | Omit<CampaignFailure, 'executionsToFind'>): CampaignFailure => {
    const whole = campaignPath(chunk, failure.path);
    return { ...failure, path: whole, executionsToFind: shrinkMs === null ? 1 : executionsUpTo(whole) };
  };
  const result = await performChunk(
    session.pool.first,
    scenario,
    {
      seed: chunkSeed(seed, chunk),
      executions: 1,
      path: given === undefined ? pathInChunk : null,
      given,
      strategy,
      shape,
      remainingMs: null,
      shrinks: shrinkMs !== null,
      shrinkMs: shrinkMs ?? scenario.facts.limits.shrinkMs,
      shrinkExecutions: scenario.facts.limits.shrinkExecutions,
    },
    { onProgress: () => undefined, onFound: (failure) => onFound(placed(failure)), isObsolete: () => false },
    notes,
  );
  const { failure, ...rest } = result;
  return { ...rest, failure: failure === null ? null : placed(failure), notes, problem: undefined };
}
