import { cwd, exit } from 'node:process';
import { parseArgs } from 'node:util';
import { strategyNames, type StrategyName } from '../harness/schedule/strategy-names.js';
import { exploreScenario, measureShape, shrinkMsOf } from '../harness/campaign/controlled/explore-scenario.js';
import { ExplorerPool } from '../harness/campaign/controlled/explorer-pool.js';
import { findScenarioFiles } from '../harness/campaign/find-scenario-files.js';
import { loadScenario } from '../harness/campaign/controlled/load-scenario.js';

/*
 * How soon the failure of each known-bad scenario is found, and how small its counterexample becomes, per scenario and strategy, over
 * a number of seeds. `npm run bench:find -- --seeds 20 --executions 5000 --strategy mix scenarios/counter`
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '20' },
    executions: { type: 'string', default: '2000' },
    strategy: { type: 'string', multiple: true },
  },
});
const seeds = Number(values.seeds);
const executions = Number(values.executions);
const strategies = strategyNames.filter((name) => values.strategy?.includes(name) ?? true);

const tally = (counts: Map<string, number>): string =>
  [...counts].map(([what, count]) => `${what} (${count})`).join(', ');
const increment = (counts: Map<string, number>, what: string): void => {
  counts.set(what, (counts.get(what) ?? 0) + 1);
};

const pool = new ExplorerPool();
const projectDirectory = cwd();
for (const file of await findScenarioFiles(projectDirectory, positionals)) {
  const scenario = await loadScenario(pool.first, projectDirectory, file);
  if (scenario.facts.expected === 'held') continue;
  const shape = await measureShape(pool.first, scenario);
  const find = async (strategy: StrategyName): Promise<string> => {
    const found: number[] = [];
    const preemptions = new Map<string, number>();
    const verdicts = new Map<string, number>();
    for (let seed = 1; seed <= seeds; seed++) {
      const { failure } = await exploreScenario(pool, scenario, shape, {
        seed,
        strategy,
        range: { repetition: 0, shardIndex: 0, shardCount: 1 },
        executions,
        deadline: Infinity,
        shrinkMs: shrinkMsOf(scenario, undefined),
        isStopped: () => false,
        onProgress: () => undefined,
        onFound: () => undefined,
      });
      found.push(failure?.executionsToFind ?? Infinity);
      increment(
        verdicts,
        failure === null
          ? 'not found'
          : [failure.executionResult.verdict, failure.executionResult.failure?.invariant ?? ''].join(' ').trim(),
      );
      if (failure !== null) increment(preemptions, String(failure.executionResult.preemptions));
    }
    found.sort((first, second) => first - second);
    return `median ${found[seeds >> 1]}, worst ${found.at(-1)}; preemptions ${tally(preemptions)}; ${tally(verdicts)}`;
  };
  for (const strategy of strategies) console.log(`${scenario.file}  ${strategy}  ${await find(strategy)}`);
}
pool.close();
exit();
