import type { Command } from 'commander';
import { UsageError } from '../errors.js';
import type { ScenarioTrends } from '../results/trends.js';
import type { CommandContext } from './context.js';

interface HistoryFlags {
  readonly scenario?: string;
  readonly json?: boolean;
}

/** How many names an error suggests. */
const offeredNames = 10;
/** How many files a report for people lists by name. */
const namedProblems = 10;

const examples = `
Examples:
  threadmill history
  threadmill history --scenario queue      scenarios whose names contain "queue"; if only one does, in detail
  threadmill history --json

It reads the records in results/runs/, and the journals in results/stress/ of runs that left no record. "since failure" is
the number of executions since the scenario last missed its expectation. "fails at most" is what they tell with 95 %
confidence: the scenario fails more rarely than that, in schedules as they are drawn. docs/ci.md explains this bound.`;

/** Adds `threadmill history`. */
export function addHistoryCommand(program: Command, context: CommandContext): void {
  program
    .command('history')
    .description('Show what earlier runs say about each scenario: executions survived, last failure, speed.')
    .option('--scenario <name>', 'only the scenario with this name, or those whose names contain it')
    .option('--json', 'print JSON')
    .addHelpText('after', examples)
    .action(async (flags: HistoryFlags) => {
      await historyCommand(context, flags);
    });
}

async function historyCommand(
  { projectDirectory, environment, stdout }: CommandContext,
  flags: HistoryFlags,
): Promise<void> {
  const [{ readKeptRuns }, { scenarioTrends }, { streamOutput }, { printableJson }] = await Promise.all([
    import('../results/read-runs.js'),
    import('../results/trends.js'),
    import('../report/text/output.js'),
    import('../report/text/printable.js'),
  ]);
  const output = streamOutput(stdout, environment);
  const { runs, journals, problems } = readKeptRuns(projectDirectory);
  const histories = chosen(scenarioTrends(runs, journals), flags.scenario);
  if (flags.json === true) {
    const content = { records: runs.length, journals: journals.length, skipped: problems, scenarios: histories };
    output.print(printableJson(content).split('\n'));
    return;
  }
  const [{ renderTrends, renderHistory }, { formatCount }] = await Promise.all([
    import('../report/text/trends.js'),
    import('../report/text/words.js'),
  ]);
  const [only, ...others] = histories;
  const lines =
    only === undefined
      ? ['There are no records in results/runs/ yet. threadmill run writes one.']
      : flags.scenario !== undefined && others.length === 0
        ? renderHistory(only, output)
        : renderTrends(histories, output);
  if (problems.length > 0) {
    const { colors } = output;
    lines.push('', colors.yellow(`${formatCount(problems.length, 'file')} left out:`));
    lines.push(...problems.slice(0, namedProblems).map((problem) => `  ${problem}`));
    if (problems.length > namedProblems) lines.push(`  and ${problems.length - namedProblems} more (see --json)`);
  }
  output.print(lines);
}

function chosen(histories: readonly ScenarioTrends[], name: string | undefined): readonly ScenarioTrends[] {
  if (name === undefined) return histories;
  const exact = histories.filter((history) => history.name === name);
  if (exact.length > 0) return exact;
  const wanted = name.toLowerCase();
  const containing = histories.filter((history) => history.name.toLowerCase().includes(wanted));
  if (containing.length > 0) return containing;
  const names = [...new Set(histories.map((history) => history.name))];
  const offered = names.slice(0, offeredNames).map((known) => `\n  ${known}`);
  const more = names.length > offeredNames ? `\n  and ${names.length - offeredNames} more` : '';
  throw new UsageError(
    names.length === 0
      ? 'There are no records in results/runs/ yet. threadmill run writes one.'
      : `No record has a scenario whose name contains "${name}". The records have:${offered.join('')}${more}`,
  );
}
