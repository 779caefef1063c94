import type { ScenarioTrends } from '../../results/trends.js';
import type { Output } from './output.js';
import { quote } from './reproduce.js';
import { displayWidth, oneLine, padColumns } from './columns.js';
import { formatCount, formatExpectation, formatNumber, formatVerdict } from './words.js';

const sparks = '▁▂▃▄▅▆▇█';
const sparklineSpeeds = 12;
/** The widest that a column gets. A longer cell makes only its own row longer. */
const widestColumns = 60;

/** The history of all scenarios as a table: one line each. */
export function renderTrends(histories: readonly ScenarioTrends[], { colors }: Output): string[] {
  const heading = [
    'scenario',
    'runs',
    'executions',
    'since failure',
    'fails at most',
    'interleavings',
    'a second',
    'last failed',
  ];
  const rows = histories.map((history) => [
    oneLine(history.name) + (history.engine === 'stress' ? ' (stress)' : ''),
    formatNumber(history.runs),
    formatNumber(history.executions),
    formatNumber(history.sinceFailure.executions),
    shortBound(history),
    history.interleavings === null
      ? ''
      : `${formatNumber(history.interleavings.last)} ${sparkline(history.interleavings.recent)}`,
    history.speed === null ? '' : `${formatNumber(history.speed.last)} ${sparkline(history.speed.recent)}`,
    history.lastFailure === null
      ? 'never'
      : `${day(history.lastFailure.startedAt)} ${formatVerdict(history.lastFailure.verdict, history.lastFailure.invariant)}, seed ${history.lastFailure.seed}`,
  ]);
  const widths = heading.map((_, column) =>
    Math.min(widestColumns, Math.max(...[heading, ...rows].map((row) => displayWidth(row[column]!)))),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (isNumeric(column) ? cell.padStart(widths[column]!) : padColumns(cell, widths[column]!)))
      .join('  ')
      .trimEnd();
  return [
    colors.dim(line(heading)),
    ...rows.map((row, place) => (histories[place]!.lastFailure === null ? line(row) : colors.yellow(line(row)))),
  ];
}

const isNumeric = (column: number): boolean => column >= 1 && column <= 4;

/** The history of one scenario, as lines of text. */
export function renderHistory(history: ScenarioTrends, { colors }: Output): string[] {
  const { sinceFailure, lastFailure, speed, interleavings, bound } = history;
  const lines = [
    `${colors.bold(oneLine(history.name))}  ${colors.dim(`${history.file}, ${history.engine} engine, expected ${formatExpectation(history.expected)}`)}`,
    `  runs         ${formatNumber(history.runs)}, from ${day(history.firstRunAt)} to ${day(history.lastRunAt)}`,
    `  executions   ${formatNumber(history.executions)}`,
  ];
  if (lastFailure === null) {
    lines.push('  last failed  never');
  } else {
    const { startedAt, verdict, invariant, seed, path, record } = lastFailure;
    const where = path === null ? '' : ` --path ${quote(path)}`;
    lines.push(
      `  last failed  ${startedAt}: ${colors.red(formatVerdict(verdict, invariant))}, --seed ${seed}${where}`,
      `               ${colors.dim(record)}`,
      `  since then   ${formatCount(sinceFailure.executions, 'execution')} in ${formatCount(sinceFailure.runs, 'run')}`,
    );
  }
  if (history.executionsToFind !== null) {
    lines.push(`  found after  ${formatCount(history.executionsToFind, 'execution')} (median)`);
  }
  if (bound !== null) {
    const percent = formatNumber(bound.confidence * 100);
    lines.push(
      bound.executions === 0
        ? '  confidence   none yet: no execution has held since it failed'
        : `  confidence   ${percent} % that it fails in less than 1 of ${formatNumber(Math.floor(1 / bound.failureRate))} executions, from ${formatNumber(bound.executions)} that drew distinct schedules`,
    );
  }
  if (interleavings !== null) {
    const { last, first, most, recent, repeats, isComplete } = interleavings;
    lines.push(
      `  different    ${formatNumber(last)} last, ${formatNumber(first)} first, ${formatNumber(most)} most interleavings  ${sparkline(recent)}`,
    );
    if (isComplete) lines.push('               the last run explored all that there are');
    else if (repeats)
      lines.push('               the last run only repeated some of them, so its executions say little about others');
  }
  if (speed !== null) {
    lines.push(
      `  a second     ${formatNumber(speed.last)} last, ${formatNumber(speed.first)} first, ${formatNumber(speed.median)} median  ${sparkline(speed.recent)}`,
    );
  }
  return lines;
}

/** The last numbers as bars, scaled from the least to the greatest. */
export function sparkline(numbers: readonly number[]): string {
  const shown = numbers.slice(-sparklineSpeeds);
  if (shown.length < 2) return '';
  const least = Math.min(...shown);
  const range = Math.max(...shown) - least;
  const bar = (number: number): string =>
    sparks[range === 0 ? 3 : Math.round(((number - least) / range) * (sparks.length - 1))]!;
  return shown.map(bar).join('');
}

function shortBound({ bound, executionsToFind, interleavings }: ScenarioTrends): string {
  if (bound === null && interleavings?.isComplete === true) return 'all explored';
  if (bound === null) return executionsToFind === null ? '' : `(found in ${formatNumber(executionsToFind)})`;
  return bound.executions === 0 ? '' : `1 in ${formatNumber(Math.floor(1 / bound.failureRate))}`;
}

function day(time: string): string {
  return time.slice(0, 10);
}
