import path from 'node:path';
import { Option } from 'commander';
import type { Command } from 'commander';
import { UsageError, strategyNames } from '../campaign/api.js';
import type { RunOptions, StrategyName } from '../campaign/api.js';
import type { Reporter } from '../results/events.js';
import { collect, parseCount, parseDurationMs, parseSeed, parseShard } from './arguments.js';
import type { CommandContext, SetExitCode } from './context.js';
import { exitCodes } from './exit-codes.js';
import { writeRequestedFile } from './write-file.js';

const reporterNames = ['default', 'json', 'junit', 'github'] as const;
type ReporterName = (typeof reporterNames)[number];

interface RunFlags {
  readonly seed?: number;
  readonly path?: string;
  readonly runs?: number;
  readonly budget?: number;
  readonly strategy?: StrategyName;
  readonly repeat?: number;
  readonly shard?: { readonly index: number; readonly count: number };
  readonly explorers?: number;
  readonly json?: string;
  readonly reporter?: readonly ReporterName[];
  readonly output?: string;
  readonly verbose?: boolean;
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

Exit codes:
  0  every scenario met its expectation
  1  some did not
  2  bad usage, or a bad scenario file
  3  the harness could not do its work`;

/** Adds `threadmill run`. */
export function addRunCommand(program: Command, context: CommandContext, setExitCode: SetExitCode): void {
  program
    .command('run')
    .description('Run scenarios under many schedules and report what breaks.')
    .argument('[files...]', 'scenario files or globs (default: scenarios/**/*.scenario.ts)')
    .option('--seed <integer>', 'where all randomness comes from (default: a fresh one, printed)', parseSeed)
    .option('--path <path>', 'replay the one execution that a report names; needs --seed and one scenario')
    .option('--runs <count>', 'executions per scenario (default: 2000, without bound with --budget)', parseCount)
    .option('--budget <duration>', 'time per scenario: 500ms, 30s, 10m', parseDurationMs)
    .addOption(new Option('--strategy <name>', 'how schedules are drawn (default: mix)').choices(strategyNames))
    .option('--repeat <count>', 'repeat each scenario with other schedules (default: 1)', parseCount)
    .option('--shard <i/n>', 'explore part i of n, for n machines', parseShard)
    .option('--explorers <count>', 'processes that explore at once (default: one per core)', parseCount)
    .option('--json <file>', 'write the record of the run there too')
    .option(
      '--reporter <name>',
      `${reporterNames.join(', ')}; repeatable (default: default)`,
      collect(parseReporterName),
    )
    .option('--output <file>', 'write the junit report there instead of stdout')
    .option('--verbose', 'show the interleaving of expected failures too')
    .option('--no-save', 'write nothing into results/')
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
  checkFlags(flags);
  const reporter = await createReporter(context, flags);
  const run = await context.campaign.run();
  const { seed, path: replayPath, runs, budget, strategy, repeat, shard, explorers, save } = flags;
  const options: RunOptions = {
    projectDirectory: context.projectDirectory,
    files,
    seed,
    path: replayPath,
    runs,
    budgetMs: budget,
    strategy,
    repeat,
    shard,
    explorers,
    save,
    signal: context.signal,
  };
  const record = await run(options, (event) => reporter.handle(event));
  setExitCode(record.met ? exitCodes.met : exitCodes.unmet);
}

function checkFlags(flags: RunFlags): void {
  if (flags.path !== undefined && flags.seed === undefined)
    throw new UsageError('--path needs the --seed it belongs to.');
  const reporters = reportersOf(flags);
  if (flags.output !== undefined && !reporters.has('junit')) {
    throw new UsageError('--output is where the junit report goes: add --reporter junit.');
  }
  const onStdout = [...reporters].filter((name) => name !== 'junit' || flags.output === undefined);
  const alone = onStdout.find((name) => name === 'json' || name === 'junit');
  if (alone !== undefined && onStdout.length > 1) {
    const elsewhere = alone === 'json' ? '--json FILE' : '--output FILE';
    throw new UsageError(
      `The reporters ${onStdout.join(' and ')} cannot share stdout: send ${alone} elsewhere with ${elsewhere}.`,
    );
  }
}

async function createReporter(context: CommandContext, flags: RunFlags): Promise<Reporter> {
  const { projectDirectory, environment, stdout, stderr } = context;
  const names = reportersOf(flags);
  const runArguments = rerunArguments(flags);
  const { streamOutput } = await import('../report/output.js');
  const write = (text: string): void => void stdout.write(text);
  const reporters: Reporter[] = [];
  if (names.has('default')) {
    const { createDefaultReporter } = await import('../report/default.js');
    const output = streamOutput(stdout, environment);
    reporters.push(createDefaultReporter({ output, verbose: flags.verbose, runArguments }));
  }
  if (names.has('github')) {
    const { createGithubReporter } = await import('../report/github.js');
    reporters.push(createGithubReporter({ write, filePrefix: workspacePrefix(context), runArguments }));
  }
  if (names.has('junit')) {
    const { createJunitReporter } = await import('../report/junit.js');
    const { output } = flags;
    const writeJunit =
      output === undefined ? write : (text: string) => writeRequestedFile(projectDirectory, output, text, '--output');
    reporters.push(createJunitReporter({ write: writeJunit, runArguments }));
  }
  if (names.has('json') || flags.json !== undefined) {
    const { createJsonReporter } = await import('../report/json.js');
    const { json } = flags;
    if (names.has('json')) reporters.push(createJsonReporter(write));
    if (json !== undefined) {
      reporters.push(createJsonReporter((text) => writeRequestedFile(projectDirectory, json, text, '--json')));
    }
  }
  const isForMachines = names.has('json') || (names.has('junit') && flags.output === undefined);
  if (isForMachines) return combine(reporters);
  const { createProgress } = await import('../report/progress.js');
  const progress = createProgress({ stream: stderr, colors: streamOutput(stderr, environment).colors });
  const clear: Reporter = {
    handle: (event) => {
      if (event.kind !== 'progress') progress.clear();
    },
  };
  return combine([clear, ...reporters, progress]);
}

function combine(reporters: readonly Reporter[]): Reporter {
  return {
    handle: (event) => {
      for (const reporter of reporters) reporter.handle(event);
    },
  };
}

function reportersOf(flags: RunFlags): ReadonlySet<ReporterName> {
  return new Set(flags.reporter ?? ['default']);
}

/** What a path depends on besides the seed. */
function rerunArguments({ strategy }: RunFlags): string[] {
  return strategy === undefined || strategy === 'mix' ? [] : ['--strategy', strategy];
}

/** GitHub wants files relative to the repository, which the project may be only a part of. */
function workspacePrefix({ environment, projectDirectory }: CommandContext): string {
  const workspace = environment['GITHUB_WORKSPACE'];
  if (workspace === undefined || workspace === '') return '';
  const prefix = path.relative(workspace, projectDirectory).replaceAll(path.sep, '/');
  return prefix === '' || prefix.startsWith('..') ? '' : `${prefix}/`;
}

function parseReporterName(text: string): ReporterName {
  const name = reporterNames.find((candidate) => candidate === text);
  if (name === undefined)
    throw new UsageError(`There is no reporter "${text}". There are ${reporterNames.join(', ')}.`);
  return name;
}
