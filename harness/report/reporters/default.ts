import type { CampaignEvent, Reporter } from '../../results/events.js';
import type { Counterexample, RunRecord, ScenarioResult } from '../../results/schema.js';
import { renderCounterexample, renderMet, renderUnmet } from '../text/failure.js';
import type { Output } from '../text/output.js';
import { repeatsItself } from '../../results/interleaving-counts.js';
import { renderSigns, renderStressDetails } from '../text/stress.js';
import { oneLine, printableLines } from '../text/columns.js';
import { formatCount, formatDuration, formatTally, formatTestCounts } from '../text/words.js';

export interface DefaultReporterOptions {
  readonly output: Output;
  /** Also shows the interleavings of expected failures. Default false. */
  readonly verbose?: boolean | undefined;
  /** What a rerun needs besides seed and path, such as `--strategy pct`. */
  readonly runArguments?: readonly string[] | undefined;
}

/** The report for people: one line for each scenario that met its expectation, all details for the others. */
export function createDefaultReporter({ output, verbose = false, runArguments }: DefaultReporterOptions): Reporter {
  const { colors } = output;
  const look = { colors, widthColumns: output.widthColumns, runArguments };
  // Blank lines separate long reports from their neighbours, but not single lines from each other.
  let followsStory = true;
  let scenarios = 0;

  const print = (lines: readonly string[], isStory: boolean): void => {
    if (isStory !== followsStory || isStory) output.print(['']);
    output.print(lines);
    followsStory = isStory;
  };

  const scenarioFinished = (result: ScenarioResult, counterexample: Counterexample | null): void => {
    const details = result.stress === null ? [] : renderStressDetails(result.stress, look);
    const remarks = result.notes.map((note) => `  ${colors.yellow('note')} ${oneLine(note)}`);
    const notes = [...details, ...remarks];
    if (!result.met) {
      print([...renderUnmet(result, counterexample, look), ...notes], true);
    } else if (verbose && counterexample !== null) {
      const story = renderCounterexample(counterexample, result.counterexample?.file ?? null, look);
      print([renderMet(result, look), ...story.map((line) => (line === '' ? '' : `  ${line}`)), ...notes], true);
    } else {
      print([renderMet(result, look), ...notes], false);
    }
  };

  return {
    handle(event: CampaignEvent) {
      switch (event.kind) {
        case 'runStarted': {
          ({ scenarios } = event);
          const noun = event.areTests === true ? 'test' : 'scenario';
          const size = `${formatCount(event.scenarios, noun)}, ${formatCount(event.explorers, 'explorer')}`;
          output.print([`${colors.bold('threadmill')}  seed ${colors.bold(String(event.seed))}  ${colors.dim(size)}`]);
          break;
        }
        case 'note':
          print(
            printableLines(event.message).map(
              (line, index) => `${index === 0 ? colors.yellow('note') : '    '} ${line}`,
            ),
            false,
          );
          break;
        case 'scenarioFinished':
          scenarioFinished(event.result, event.counterexample);
          break;
        case 'runFinished': {
          const signs = renderSigns(event.record, look);
          if (signs.length > 0) print(signs, true);
          print(renderSummary(event.record, event.recordFile, scenarios, output), true);
          break;
        }
        case 'scenarioStarted':
        case 'progress':
          break;
      }
    },
  };
}

/** @param scenarios the number of scenarios of the run; 0 if it is not known */
function renderSummary(record: RunRecord, recordFile: string | null, scenarios: number, { colors }: Output): string[] {
  const executions = record.scenarios.reduce((sum, result) => sum + result.executions, 0);
  const areTests = record.leftOut !== undefined;
  const tally = formatTally(record.scenarios, areTests);
  const verdict = record.scenarios.every((result) => result.met) ? colors.green(tally) : colors.red(tally);
  const lines = [
    `${verdict}  ${colors.dim(`${formatCount(executions, 'execution')} in ${formatDuration(record.durationMs)}`)}`,
  ];
  const counts = formatTestCounts(record);
  if (counts !== undefined) lines.push(`  ${counts}`);
  if (record.interrupted) {
    const left = scenarios - record.scenarios.length;
    const notRun = left > 0 ? `, ${formatCount(left, areTests ? 'test' : 'scenario')} not run` : '';
    lines.push(colors.yellow(`interrupted: these are the results so far${notRun}`));
  }
  if (!record.interrupted && !record.met && record.scenarios.every((result) => result.met)) {
    lines.push(colors.red('incomplete run; see the notes'));
  }
  const repeating = record.scenarios.filter(
    ({ interleavings, exhaustive }) =>
      exhaustive?.isComplete !== true && interleavings !== undefined && repeatsItself(interleavings),
  );
  if (repeating.length > 0 && !areTests) {
    const repeat = repeating.length === 1 ? 'repeats' : 'repeat';
    lines.push(
      `  ${formatCount(repeating.length, 'scenario')} only ${repeat} interleavings already seen; more agents, operations or parameters give others`,
    );
  }
  for (const result of record.scenarios)
    if (!result.met) lines.push(`  ${colors.red('✗')} ${oneLine(result.name)}  ${colors.dim(result.file)}`);
  lines.push(
    `seed ${colors.bold(String(record.seed))}${recordFile === null ? '' : colors.dim(`  record ${recordFile}`)}`,
  );
  return lines;
}
