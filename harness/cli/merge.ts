import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../errors.js';
import type { MergedRecord, ShardFile } from '../results/merge.js';
import type { Counterexample, RunRecord, ScenarioResult } from '../results/schema.js';
import type { CommandContext, SetExitCode } from './context.js';
import { exitCodes } from './exit-codes.js';
import { addReportOptions, checkReportFlags, createReporter, isForPeople, type ReportFlags } from './reporters.js';

const examples = `
Examples:
  threadmill run --runs 40000 --seed 7 --shard 1/2 --json shard-1.json
  threadmill run --runs 40000 --seed 7 --shard 2/2 --json shard-2.json
  threadmill merge shard-1.json shard-2.json
  threadmill merge 'shards/**/*.json' --json merged.json --reporter junit --output junit.xml
  threadmill merge 'shards/**/*.json' --summary summary.md

Counts and times of all shards are added up, and each scenario is judged by what all shards found. If a file is missing or
damaged, or a shard has no file, the report names it, the others are merged, and the exit code is 1. All shards must be run
with the same sources, options and --seed. Interleavings are shown if the counterexamples that the shards saved are found
beside their records or in the project.

Exit codes:
  0  every shard is there, and every scenario met its expectation
  1  a scenario did not meet its expectation, or something is missing
  2  bad usage, files of different runs, or no readable file
  3  the harness itself failed`;

/** Adds `threadmill merge`. */
export function addMergeCommand(program: Command, context: CommandContext, setExitCode: SetExitCode): void {
  const command = program
    .command('merge')
    .description('Merge the records of shards into one record of the whole run, and judge it.')
    .argument(
      '<files...>',
      'records of the shards, as run --json wrote them, or files of results/runs/; names or globs',
    );
  addReportOptions(command)
    .addHelpText('after', examples)
    .action(async (files: string[], flags: ReportFlags) => {
      await mergeCommand(context, files, flags, setExitCode);
    });
}

async function mergeCommand(
  context: CommandContext,
  patterns: readonly string[],
  flags: ReportFlags,
  setExitCode: SetExitCode,
): Promise<void> {
  checkReportFlags(flags);
  const { projectDirectory, environment, stdout } = context;
  const { files, problems } = await readRecords(projectDirectory, patterns);
  if (files.length === 0) throw new UsageError(`None of the files can be merged.\n${problems.join('\n')}`);
  const { mergeRecords } = await import('../results/merge.js');
  const merged = mergeRecords(files);
  // A file that could not be read is missing, whatever the result of the others.
  const record = { ...merged.record, met: merged.record.met && problems.length === 0 };
  const strategy = record.options.strategy === 'mix' ? [] : ['--strategy', record.options.strategy];
  const reporter = await createReporter(context, flags, strategy);
  if (isForPeople(flags)) {
    const { streamOutput } = await import('../report/text/output.js');
    const output = streamOutput(stdout, environment);
    const { colors } = output;
    const { formatCount } = await import('../report/text/words.js');
    const size = `${formatCount(files.length, 'record')}, ${formatCount(record.scenarios.length, 'scenario')}`;
    output.print([`${colors.bold('threadmill merge')}  seed ${colors.bold(String(record.seed))}  ${colors.dim(size)}`]);
  }
  for (const message of [...problems, ...merged.problems, ...merged.notes]) reporter.handle({ kind: 'note', message });
  for (const result of record.scenarios) {
    const counterexample = await findCounterexample(projectDirectory, files, record, result);
    reporter.handle({ kind: 'scenarioFinished', result, counterexample });
  }
  reporter.handle({ kind: 'runFinished', record, recordFile: flags.json ?? null });
  setExitCode(isWhole(merged, problems) && record.met ? exitCodes.met : exitCodes.unmet);
}

function isWhole(merged: MergedRecord, problems: readonly string[]): boolean {
  return merged.problems.length === 0 && problems.length === 0;
}

/** Reads the named files that can be read, and says what is wrong with the others. */
async function readRecords(
  projectDirectory: string,
  patterns: readonly string[],
): Promise<{ files: ShardFile[]; problems: string[] }> {
  const [{ readRunRecord }, { resultsLimits }] = await Promise.all([
    import('../results/read-runs.js'),
    import('../results/folder.js'),
  ]);
  const files: ShardFile[] = [];
  const problems: string[] = [];
  const named = new Set<string>();
  for (const pattern of patterns) {
    const found = await expand(projectDirectory, pattern);
    if (found.length === 0) problems.push(`${pattern} matches no file. Did every shard write its record?`);
    for (const file of found) named.add(file);
  }
  if (named.size > resultsLimits.mergedFiles) {
    throw new UsageError(
      `Found ${named.size} files, but at most ${resultsLimits.mergedFiles} can be merged at once. Merge some of them first, with --json.`,
    );
  }
  for (const file of named) {
    const record = readRunRecord(path.resolve(projectDirectory, file), 'Run the shard again.');
    if (typeof record === 'string') problems.push(`${file} ${record}`);
    else files.push({ file, record });
  }
  return { files, problems };
}

async function expand(projectDirectory: string, pattern: string): Promise<string[]> {
  const { glob, isDynamicPattern } = await import('tinyglobby');
  if (existsSync(path.resolve(projectDirectory, pattern)) || !isDynamicPattern(pattern)) return [pattern];
  const found = await glob(pattern.replaceAll('\\', '/'), { cwd: projectDirectory, expandDirectories: false });
  return found.sort();
}

/**
 * The whole counterexample of a result, for its interleaving and its place in the source: the one saved beside the
 * record of its shard or in the project, or else the part that the record has.
 */
async function findCounterexample(
  projectDirectory: string,
  files: readonly ShardFile[],
  record: RunRecord,
  result: ScenarioResult,
): Promise<Counterexample | null> {
  const short = result.counterexample;
  if (short === null) return null;
  const { findKeptCounterexample, counterexampleOf } = await import('../results/find-counterexample.js');
  const folders = files.map(({ file }) => path.dirname(path.resolve(projectDirectory, file)));
  const kept = findKeptCounterexample([projectDirectory, ...folders], short);
  return kept ?? counterexampleOf(result, record.seed);
}
