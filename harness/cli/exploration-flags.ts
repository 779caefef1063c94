import { Option, type Command } from 'commander';
import type { RunOptions } from '../campaign/api.js';
import { strategyNames, type StrategyName } from '../schedule/strategy-names.js';
import { UsageError } from '../errors.js';
import { parseCount, parseDurationMs, parseSeed, parseShard, parseWhole } from './arguments.js';
import type { CommandContext } from './context.js';

/** The options of every command that explores. */
export interface ExplorationFlags {
  readonly seed?: number;
  readonly path?: string;
  readonly runs?: number;
  readonly budget?: number;
  readonly totalBudget?: number;
  readonly strategy?: StrategyName;
  readonly exhaustive?: boolean;
  readonly preemptions?: number;
  readonly repeat?: number;
  readonly shard?: { readonly index: number; readonly count: number };
  readonly explorers?: number;
}

/** Adds the options of `ExplorationFlags` to a command. @param what is explored */
export function addExplorationOptions(command: Command, what: 'scenario' | 'test'): Command {
  return command
    .option('--seed <integer>', 'seed of everything random (default: a fresh one, printed)', parseSeed)
    .option('--path <path>', `repeat the one execution that a report names; needs --seed and a single ${what}`)
    .option(
      '--runs <count>',
      `executions per ${what}, all shards together (default: 2000; unlimited with --budget)`,
      parseCount,
    )
    .option('--budget <duration>', `time per ${what}: 500ms, 30s, 10m`, parseDurationMs)
    .option(
      '--total-budget <duration>',
      `time for all ${what}s together; each still ends after --runs`,
      parseDurationMs,
    )
    .addOption(new Option('--strategy <name>', 'how schedules are drawn (default: mix)').choices(strategyNames))
    .option('--exhaustive', 'explore every interleaving instead of drawing some; keeps its place if it is ended')
    .option(
      '--preemptions <count>',
      'with --exhaustive: only interleavings with at most so many preemptions',
      parseWhole,
    )
    .option(
      '--repeat <count>',
      `explore each ${what} this many times, with other schedules each time (default: 1)`,
      parseCount,
    )
    .option('--shard <i/n>', 'explore part i of n; see threadmill merge', parseShard)
    .option('--explorers <count>', 'processes that explore at once, at most 256 (default: one per core)', parseCount);
}

/** The flags as options of a run. */
export function explorationOptions(
  { projectDirectory, signal }: CommandContext,
  files: readonly string[],
  flags: ExplorationFlags,
): RunOptions {
  const { seed, path, runs, budget, totalBudget, strategy, exhaustive, preemptions, repeat, shard, explorers } = flags;
  if (preemptions !== undefined && exhaustive !== true) throw new UsageError('--preemptions: needs --exhaustive');
  return {
    projectDirectory,
    files,
    seed,
    path,
    runs,
    budgetMs: budget,
    totalBudgetMs: totalBudget,
    strategy,
    exhaustive: exhaustive === true ? { preemptions: preemptions ?? null } : undefined,
    repeat,
    shard,
    explorers,
    signal,
  };
}

/** The options that a path depends on, besides the seed. */
export function rerunArguments({ strategy }: ExplorationFlags): string[] {
  return strategy === undefined || strategy === 'mix' ? [] : ['--strategy', strategy];
}
