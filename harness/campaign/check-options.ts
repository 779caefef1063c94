import { maximumShards } from '../results/merge.js';
import { UsageError } from '../errors.js';
import { strategyNames } from '../schedule/strategy-names.js';
import type { RunOptions } from './api.js';
import { parseCampaignPath } from './chunks.js';

/** Processes that explore at once: far more than any machine can use. */
export const maximumExplorers = 256;

/**
 * Checks the options of a run.
 *
 * @throws UsageError naming the option, what was found and what was expected
 */
export function checkOptions(options: RunOptions): void {
  const { seed, path, runs, budgetMs, totalBudgetMs, repeat, shard, explorers, strategy } = options;
  const requireWhole = (name: string, value: number | undefined, least: number, most = Infinity): void => {
    if (value !== undefined && (!Number.isSafeInteger(value) || value < least || value > most)) {
      const range = most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`;
      throw new UsageError(`--${name}: found ${value}, expected a whole number ${range}`);
    }
  };
  if (seed !== undefined && !Number.isInteger(seed)) {
    throw new UsageError(`--seed: found ${seed}, expected a whole number`);
  }
  requireWhole('runs', runs, 1);
  requireWhole('budget', budgetMs, 1);
  requireWhole('total-budget', totalBudgetMs, 1);
  requireWhole('repeat', repeat, 1);
  requireWhole('explorers', explorers, 1, maximumExplorers);
  if (strategy !== undefined && !strategyNames.includes(strategy)) {
    throw new UsageError(`--strategy: found "${strategy as string}", expected one of ${strategyNames.join(', ')}`);
  }
  if (shard !== undefined && !(shard.index >= 1 && shard.index <= shard.count && shard.count <= maximumShards)) {
    throw new UsageError(
      `--shard: found ${shard.index}/${shard.count}, expected i/n with i from 1 to n, and n at most ${maximumShards.toLocaleString('en-US')}`,
    );
  }
  if (totalBudgetMs !== undefined && (budgetMs !== undefined || (repeat ?? 1) > 1 || options.engine === 'stress')) {
    throw new UsageError(
      '--total-budget: cannot be combined with --budget, --repeat or --engine stress; leave one of them out',
    );
  }
  const { exhaustive } = options;
  requireWhole('preemptions', exhaustive?.preemptions ?? undefined, 0);
  const excluded = { path, strategy, repeat: repeat === 1 ? undefined : repeat };
  for (const [name, value] of Object.entries(excluded))
    if (exhaustive !== undefined && value !== undefined)
      throw new UsageError(`--exhaustive: cannot be combined with --${name}; leave one of them out`);
  if (exhaustive !== undefined && options.engine === 'stress')
    throw new UsageError('--exhaustive: cannot be combined with --engine stress; leave one of them out');
  if (path !== undefined) {
    if (parseCampaignPath(path) === undefined) {
      throw new UsageError(
        `--path: found "${path}", expected numbers joined by ":", as a failure's report prints them`,
      );
    }
    if (seed === undefined) throw new UsageError('--path needs the --seed that was printed with it');
  }
}
