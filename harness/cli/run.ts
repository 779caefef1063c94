import type { Command } from 'commander';
import type { RunOptions } from '../campaign/api.js';
import type { CommandContext, SetExitCode } from './context.js';
import { exitCodes } from './exit-codes.js';
import {
  addExplorationOptions,
  explorationOptions,
  rerunArguments,
  type ExplorationFlags,
} from './exploration-flags.js';
import { addEngineOptions, stressOptions, type EngineFlags } from './stress-flags.js';
import { addReportOptions, checkReportFlags, createReporter, type ReportFlags } from './reporters.js';

interface RunFlags extends ReportFlags, EngineFlags, ExplorationFlags {
  readonly save: boolean;
}

const examples = `
Examples:
  threadmill run                                          every scenario under scenarios/
  threadmill run scenarios/queue.scenario.ts --runs 50000
  threadmill run 'src/**/*.scenario.ts' --budget 30s      half a minute for each scenario
  threadmill run --reporter default --reporter github     in GitHub Actions
  threadmill run --reporter junit --output junit.xml
  threadmill run scenarios/queue.scenario.ts --seed 42 --path 3:0:1
  threadmill run scenarios/queue.scenario.ts --exhaustive every interleaving, until there is none left
  threadmill run --engine stress --repeat 50              all threads at once, fifty times
  threadmill run --engine stress --profile soak           for ten minutes each
  threadmill run --runs 40000 --seed 7 --shard 2/4 --json shard-2.json

Shards divide the executions of --runs among them, in chunks of 128, and never explore the same chunk. Give all of them the
same --seed, and judge them with threadmill merge: a single shard may not find the failure that a scenario expects.

Exit codes:
  0  every scenario met its expectation
  1  a scenario did not meet its expectation
  2  bad usage, or a bad scenario file
  3  the harness itself failed`;

/** Adds `threadmill run`. */
export function addRunCommand(program: Command, context: CommandContext, setExitCode: SetExitCode): void {
  const command = program
    .command('run')
    .description('Run scenarios under many schedules and report what breaks.')
    .argument('[files...]', 'scenario files or globs (default: scenarios/**/*.scenario.ts)');
  addExplorationOptions(command, 'scenario');
  addEngineOptions(command);
  addReportOptions(command)
    .option('--no-save', 'write nothing to results/')
    .addHelpText('after', examples)
    .action(async (files: string[], flags: RunFlags) => {
      await runCommand(context, files, flags, setExitCode);
    });
}

async function runCommand(
  context: CommandContext,
  files: readonly string[],
  flags: RunFlags,
  setExitCode: SetExitCode,
): Promise<void> {
  checkReportFlags(flags);
  const stress = stressOptions(flags);
  const reporter = await createReporter(context, flags, rerunArguments(flags));
  const run = await context.campaign.run();
  const options: RunOptions = {
    ...explorationOptions(context, files, flags),
    engine: flags.engine,
    stress,
    save: flags.save,
  };
  const record = await run(options, (event) => reporter.handle(event));
  setExitCode(record.met ? exitCodes.met : exitCodes.unmet);
}
