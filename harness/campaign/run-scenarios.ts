import type { StressJournal } from '../results/stress-journal.js';
import type { ScenarioResult } from '../results/schema.js';
import { meets } from '../scenario/verdict.js';
import { asError } from './as-error.js';
import { concernsOneFile, ExplorerFailure, type Breakage } from './breaking-scenario.js';
import { ExplorerDied } from './controlled/host.js';
import type { ExplorerPool } from './controlled/explorer-pool.js';
import { InOrder } from './in-order.js';
import { loadAlone, type LoadedScenario } from './controlled/load-scenario.js';
import { runScenario, type ScenarioRun } from './controlled/run-scenario.js';
import type { Session } from './session.js';
import { TotalBudget } from './total-budget.js';
import { runStressScenario } from './stress/run-scenario.js';

/** With at least this many scenarios for each explorer, every explorer works on a scenario of its own. */
const manyScenarios = 4;

/**
 * How explorers share the scenarios. Starting processes and threads takes longer than a few hundred executions, so with many
 * scenarios each is explored by a single explorer, and several at a time. A budget is the time for one scenario, and all
 * explorers share it.
 */
function lanesOf({ pool, options }: Session, scenarios: number): readonly ExplorerPool[] {
  const isShared =
    options.engine === 'stress' || options.budgetMs !== undefined || scenarios < manyScenarios * pool.slots.length;
  return isShared ? [pool] : pool.apart();
}

/**
 * Runs scenarios, and reports them in their order. The results are the same whether they run side by side or not.
 *
 * @param onBreakage called for each file that breaks the process it is in; the others still run
 * @param onResults called whenever another scenario is finished, with the results so far, in the order of the scenarios
 * @throws what stopped all the rest; finished scenarios have been reported by then
 */
export async function runScenarios(
  session: Session,
  scenarios: readonly LoadedScenario[],
  journal: StressJournal | null,
  onBreakage: (breakage: Breakage, emit: Session['emit']) => void,
  onResults: (results: ScenarioResult[]) => void,
): Promise<void> {
  const results = new Map<number, ScenarioResult>();
  const inOrder = new InOrder(session.emit);
  const { projectDirectory } = session.options;
  let next = 0;
  let failure: Error | undefined;

  const tell = (): void => {
    const places = [...results.keys()].sort((one, other) => one - other);
    onResults(places.flatMap((place) => results.get(place) ?? []));
  };

  const lanes = lanesOf(session, scenarios.length);
  const sharers = scenarios.map(({ facts }) => ({ shouldHold: meets(facts.expected, 'held', null) }));
  const budget =
    session.deadlineMs === undefined
      ? undefined
      : new TotalBudget(session.deadlineMs - performance.now(), lanes.length, sharers);

  const take = ({ result, problem }: Omit<ScenarioRun, 'exploredMs'>, place: number): void => {
    results.set(place, result);
    if (problem !== undefined) throw problem;
  };

  const runOne = async (pool: ExplorerPool, place: number, scenario: LoadedScenario): Promise<void> => {
    const emit = inOrder.emitterOf(place);
    const startedAt = performance.now();
    const sharer = sharers[place]!;
    // What a comment says of drawing is no matter where nothing is drawn.
    const ownOptions = session.options.exhaustive === undefined ? scenario.options : undefined;
    const options = { ...session.options, ...ownOptions };
    const own = { ...session, options, pool, emit, exploreMs: budget?.begin(sharer) };
    try {
      pool.expectAnother(session.options.engine !== 'stress' && next < scenarios.length);
      if (session.options.engine === 'stress') {
        take(await runStressScenario(own, scenario, journal), place);
        return;
      }
      const run = await runScenario(own, await loadAlone(pool.first, projectDirectory, scenario));
      budget?.end(sharer, performance.now() - startedAt, run.exploredMs);
      take(run, place);
    } catch (error) {
      if (session.isStopped() || failure !== undefined) return;
      const problem = error instanceof ExplorerDied ? new ExplorerFailure(scenario.file, error.message) : error;
      if (!concernsOneFile(problem)) throw problem;
      onBreakage(problem, emit);
    }
  };

  const serve = async (pool: ExplorerPool): Promise<void> => {
    while (next < scenarios.length && !session.isStopped() && failure === undefined) {
      const place = next++;
      const scenario = scenarios[place]!;
      try {
        await runOne(pool, place, scenario);
      } catch (error) {
        failure ??= asError(error);
        // The others will report nothing more either.
        session.pool.close();
      }
      inOrder.finish(place);
      tell();
    }
  };
  await Promise.all(lanes.map(serve));
  inOrder.end();
  if (failure !== undefined) throw failure;
}
