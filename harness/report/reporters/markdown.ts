import type { Reporter } from '../../results/events.js';
import type { Counterexample, Failure, RunRecord, ScenarioResult } from '../../results/schema.js';
import { failureSite } from '../text/failure.js';
import { renderInterleaving } from '../text/interleaving.js';
import { markdownBlock, markdownCode, markdownDetails, markdownTable, markdownText } from '../text/markdown-text.js';
import { textOutput } from '../text/output.js';
import { replayCommand, rerunCommand } from '../text/reproduce.js';
import { printableLines } from '../text/columns.js';
import {
  formatCount,
  formatDuration,
  formatExpectation,
  formatFound,
  formatNumber,
  formatTally,
} from '../text/words.js';
import { spellPlace } from '../../place.js';
import { differenceLines } from '../text/difference.js';
import { failureMessage } from '../text/failure-message.js';

export interface MarkdownReporterOptions {
  readonly write: (text: string) => void;
  /** What a rerun needs besides seed and path, such as `--strategy pct`. */
  readonly runArguments?: readonly string[] | undefined;
}

/** Limits of a summary. The page of a job takes at most one mebibyte. */
export const markdownLimits = {
  /** Scenarios whose failure is described in full. The others only have a row in the table. */
  stories: 20,
  /** Rows of a table that are visible without unfolding. */
  rows: 20,
  /** Rows of a table, visible or folded. */
  foldedRows: 1_000,
  /** Notes that are shown of the run, and as many of its scenarios. */
  notes: 50,
} as const;

interface Finished {
  readonly result: ScenarioResult;
  readonly counterexample: Counterexample | null;
}

/** The run as Markdown when it has finished, for the page of a CI job. */
export function createMarkdownReporter({ write, runArguments }: MarkdownReporterOptions): Reporter {
  const finished: Finished[] = [];
  const notes: string[] = [];
  return {
    handle(event) {
      if (event.kind === 'note') notes.push(event.message);
      if (event.kind === 'scenarioFinished') finished.push(event);
      if (event.kind === 'runFinished') write(`${summary(event.record, finished, notes, runArguments).join('\n')}\n\n`);
    },
  };
}

function summary(
  record: RunRecord,
  finished: readonly Finished[],
  notes: readonly string[],
  runArguments: readonly string[] | undefined,
): string[] {
  const unmet = finished.filter(({ result }) => !result.met);
  const met = finished.filter(({ result }) => result.met);
  const lines = [headline(record), '', facts(record)];
  if (notes.length > 0) lines.push('', ...list(notes));
  for (const one of unmet.slice(0, markdownLimits.stories)) lines.push('', ...story(one, runArguments));
  if (unmet.length > markdownLimits.stories) {
    lines.push('', `${formatNumber(unmet.length - markdownLimits.stories)} more are in the table.`);
  }
  if (unmet.length > 0) lines.push('', ...scenarios('did not meet', unmet));
  if (met.length > 0) {
    const folded = unmet.length > 0 || met.length > markdownLimits.rows;
    const table = scenarioTable(met.slice(0, markdownLimits.foldedRows));
    lines.push('', ...(folded ? markdownDetails(formatTally(met.map(resultOf)), table) : table));
  }
  const remarks = finished.flatMap(({ result }) => result.notes.map((note) => `${result.name}: ${note}`));
  if (remarks.length > 0) {
    lines.push('', ...markdownDetails(formatCount(remarks.length, 'note'), list(remarks)));
  }
  return lines;
}

const resultOf = ({ result }: Finished): ScenarioResult => result;

function headline(record: RunRecord): string {
  const mark = record.met ? '✓' : '✗';
  const incomplete = !record.met && record.scenarios.every((result) => result.met) ? ', but the run is incomplete' : '';
  return `## ${mark} threadmill: ${formatTally(record.scenarios, record.leftOut !== undefined)}${incomplete}`;
}

function facts(record: RunRecord): string {
  const executions = record.scenarios.reduce((sum, result) => sum + result.executions, 0);
  const { shard, engine } = record.options;
  return [
    `seed ${markdownCode(String(record.seed))}`,
    ...(shard === null ? [] : [`shard ${markdownCode(shard)}`]),
    ...(engine === 'controlled' ? [] : [`${engine} engine`]),
    `${formatCount(executions, 'execution')} in ${formatDuration(record.durationMs)}`,
    `threadmill ${markdownText(record.threadmill)}, Node ${markdownText(record.node)}`,
    ...(record.interrupted ? ['**interrupted: these are the results so far**'] : []),
  ].join(' · ');
}

/** Describes a scenario that did not meet its expectation. */
function story({ result, counterexample }: Finished, runArguments: readonly string[] | undefined): string[] {
  const lines = [`### ✗ ${markdownText(result.name)}`, '', whatWasFound(result)];
  const failure = counterexample?.failure ?? result.counterexample?.failure ?? result.stress?.failure;
  if (failure !== undefined && failure !== null) {
    lines.push('', ...message(failureMessage(failure, counterexample?.agents)));
    lines.push(...expectedAndFound(failure));
  }
  lines.push(`- where: ${markdownCode(whereOf(result, counterexample))}`);
  if (counterexample !== null) lines.push(`- seed ${markdownCode(String(counterexample.seed))}`);
  const file = result.counterexample?.file ?? null;
  const commands = [
    ...(file === null ? [] : [replayCommand(file)]),
    ...(counterexample === null ? [] : [rerunCommand(counterexample, runArguments)]),
  ];
  if (commands.length > 0) lines.push('', ...markdownBlock('sh', commands));
  const interleaving = counterexample === null ? [] : renderInterleaving(counterexample, textOutput());
  if (interleaving.length > 0) {
    lines.push('', ...markdownDetails('The interleaving', markdownBlock('text', interleaving)));
  }
  return lines;
}

/** The expected and the found value, or their difference if it takes several lines. */
function expectedAndFound(failure: Failure): string[] {
  const difference = differenceLines(failure).map(({ text }) => text);
  if (difference.length > 0) return [...markdownBlock('diff', ['--- expected', '+++ found', ...difference]), ''];
  return [
    ...(failure.expected === undefined ? [] : [`- expected ${markdownText(failure.expected)}`]),
    ...(failure.found === undefined ? [] : [`- found ${markdownText(failure.found)}`]),
  ];
}

/** One sentence, or a block of several lines, as for a deadlock. */
function message(text: string): string[] {
  const lines = printableLines(text);
  return lines.length === 1 ? [markdownText(text)] : [...markdownBlock('text', lines), ''];
}

function whatWasFound(result: ScenarioResult): string {
  const found = `**${markdownText(formatFound(result))}**`;
  const expected = `expected ${markdownText(formatExpectation(result.expected))}`;
  if (result.verdict === 'held') return `${found} over ${formatCount(result.executions, 'execution')}, ${expected}`;
  const after = result.executionsToFind === null ? '' : `, after ${formatCount(result.executionsToFind, 'execution')}`;
  return `${found}, ${expected}${after}`;
}

function whereOf(result: ScenarioResult, counterexample: Counterexample | null): string {
  const site = counterexample === null ? undefined : failureSite(counterexample);
  return site === undefined ? result.file : spellPlace(site);
}

/** A table whose first rows are visible and the others folded. */
function scenarios(what: string, finished: readonly Finished[]): string[] {
  const shown = scenarioTable(finished.slice(0, markdownLimits.rows));
  const more = finished.slice(markdownLimits.rows, markdownLimits.foldedRows);
  if (more.length === 0) return shown;
  return [...shown, '', ...markdownDetails(`${formatNumber(more.length)} more that ${what}`, scenarioTable(more))];
}

function scenarioTable(finished: readonly Finished[]): string[] {
  return markdownTable(
    [
      { heading: 'scenario' },
      { heading: 'found' },
      { heading: 'expected' },
      { heading: 'executions', isNumber: true },
      { heading: 'interleavings', isNumber: true },
      { heading: 'a second', isNumber: true },
      { heading: 'time', isNumber: true },
    ],
    finished.map(({ result }) => [
      `${result.met ? '✓' : '✗'} ${markdownText(result.name)}`,
      markdownText(formatFound(result)),
      markdownText(formatExpectation(result.expected)),
      formatNumber(result.executions),
      distinctOf(result),
      formatNumber(result.executionsPerSecond),
      formatDuration(result.durationMs),
    ]),
  );
}

function distinctOf({ interleavings, exhaustive }: ScenarioResult): string {
  const distinct = exhaustive?.interleavings ?? interleavings?.distinct;
  return distinct === undefined ? '' : formatNumber(distinct);
}

function list(texts: readonly string[]): string[] {
  const lines = texts.slice(0, markdownLimits.notes).map((text) => `- ${markdownText(text)}`);
  const more = texts.length - lines.length;
  return more === 0 ? lines : [...lines, `- ${formatNumber(more)} more`];
}
