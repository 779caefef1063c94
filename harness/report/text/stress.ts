import type { RunRecord, ScenarioResult } from '../../results/schema.js';
import type { HealthSign, OutcomeCount, StressResult } from '../../results/stress-schema.js';
import type { Output } from './output.js';
import { displayWidth, oneLine, padColumns, printableLines } from './columns.js';
import { renderDifference } from './difference.js';
import { describeFailure } from './failure-message.js';
import { formatCount, formatNumber } from './words.js';

type Look = Pick<Output, 'colors' | 'widthColumns'>;

const signTitles: Readonly<Record<HealthSign['sign'], string>> = {
  noStallByLockWaits: 'no lock stalls',
  integrity: 'integrity',
  queuesRiseAndFall: 'queues rise and fall',
  noWrongAgentUse: 'no wrong-agent use',
};
const maximumNameColumns = 48;

/** One line about a scenario that held under stress. */
export function stressSummary(stress: StressResult): string {
  const { repetitions } = stress;
  const sum = (of: (repetition: StressResult['repetitions'][number]) => number): number =>
    repetitions.reduce((total, repetition) => total + of(repetition), 0);
  const runningS = sum(({ runningMs }) => runningMs) / 1_000;
  const parts = [
    formatCount(repetitions.length, 'repetition'),
    formatCount(
      sum(({ executions }) => executions),
      'execution',
    ),
  ];
  const perSecond = (count: number): string => formatNumber(count / Math.max(runningS, 1e-9));
  const operations = sum((repetition) => repetition.operations);
  if (operations > 0) {
    const acknowledged = sum(({ acknowledgements }) => acknowledgements);
    parts.push(`${perSecond(operations)} operations and ${perSecond(acknowledged)} acknowledgements a second`);
  }
  return parts.join(', ');
}

/** Where a scenario failed under stress: `in repetition 2, after 17 executions there, amplify 0.5`. */
export function stressOccasion({ failedRepetition, repetitions, amplify }: StressResult): string {
  const failed = repetitions.find(({ repetition }) => repetition === failedRepetition);
  const executions = failed?.failedExecution ?? 1;
  return `in repetition ${failedRepetition ?? 1}, execution ${formatNumber(executions)}, amplify ${amplify}`;
}

/** What broke under stress, and what the controlled engine found when it looked for the same failure. */
export function renderStressFailure(result: ScenarioResult, stress: StressResult, { colors }: Look): string[] {
  const { failure, followUp } = stress;
  if (failure === null) return [];
  const [title = '', ...more] = printableLines(describeFailure(failure));
  const lines = ['', colors.red(title), ...more.map((line) => `  ${line}`)];
  const difference = renderDifference(failure, colors);
  if (difference.length > 0) lines.push(...difference.map((line) => `  ${line}`));
  else {
    if (failure.expected !== undefined) lines.push(`  expected     ${oneLine(failure.expected)}`);
    if (failure.found !== undefined) lines.push(`  found        ${oneLine(failure.found)}`);
  }
  lines.push(`  under stress ${stressOccasion(stress)}`);
  if (failure.stack !== undefined) lines.push('', ...printableLines(failure.stack).map((line) => colors.dim(line)));
  if (followUp === null) return lines;
  const effort = `${formatCount(followUp.executions, 'execution')} of the controlled engine`;
  lines.push('');
  if (followUp.found) lines.push(`The same failure in ${effort}, shrunk:`);
  else if (result.counterexample !== null) lines.push(`Another failure in ${effort}:`);
  else lines.push(`Not found again in ${effort}: its budget ran out.`);
  return lines;
}

/** More about a scenario under stress: outcomes, memory, and warnings of the process. */
export function renderStressDetails(
  { outcomes, repetitions, memorySlopeMiBPerMinute }: StressResult,
  { colors }: Look,
): string[] {
  const lines = renderOutcomes(outcomes, colors);
  if (memorySlopeMiBPerMinute !== null && repetitions.length >= slopeRepetitions) {
    const sign = memorySlopeMiBPerMinute < 0 ? '' : '+';
    lines.push(`  memory ${sign}${memorySlopeMiBPerMinute.toFixed(2)} MiB a minute`);
  }
  const warnings = new Set(repetitions.flatMap(({ watching }) => watching?.warnings ?? []));
  for (const warning of warnings) lines.push(`  ${colors.yellow('warning')} ${oneLine(warning)}`);
  return lines;
}

/** With fewer repetitions, the first allocations of a program look like growth. */
const slopeRepetitions = 10;

function renderOutcomes(outcomes: readonly OutcomeCount[], colors: Look['colors']): string[] {
  const total = outcomes.reduce((sum, { count }) => sum + count, 0);
  if (outcomes.length === 0) return [];
  const paint = { acceptable: colors.green, interesting: colors.yellow, forbidden: colors.red } as const;
  const width = Math.max(...outcomes.map(({ outcome }) => displayWidth(oneLine(outcome))));
  return outcomes.map(({ outcome, grade, count, example }) => {
    const share = total === 0 ? 0 : (100 * count) / total;
    const where =
      example === null
        ? ''
        : `  first in repetition ${example.repetition}, execution ${formatNumber(example.execution)}`;
    const name = padColumns(oneLine(outcome), width);
    const color = count === 0 ? colors.dim : paint[grade];
    return `  ${color(`${name}  ${padColumns(grade, 11)}`)} ${formatNumber(count).padStart(9)} ${`${share.toFixed(2)}%`.padStart(8)}${colors.dim(where)}`;
  });
}

/** The four signs of a healthy bridge: a row for each watched scenario, with reasons for missing signs. */
export function renderSigns(record: RunRecord, { colors }: Look): string[] {
  const rows = record.scenarios.flatMap(({ name, stress }) =>
    !stress?.watched ? [] : [{ name: oneLine(name), signs: stress.signs }],
  );
  const [first] = rows;
  if (first === undefined) return [];
  const width = Math.min(maximumNameColumns, Math.max(...rows.map(({ name }) => displayWidth(name))));
  const titles = first.signs.map(({ sign }) => signTitles[sign]);
  const lines = [colors.dim(`${' '.repeat(width)}  ${titles.join('  ')}`)];
  for (const { name, signs } of rows) {
    const cells = signs.map(({ healthy }, index) => {
      const mark = healthy === null ? colors.dim('–') : healthy ? colors.green('✓') : colors.red('✗');
      return mark + ' '.repeat(Math.max(0, (titles[index]?.length ?? 1) - 1));
    });
    lines.push(`${padColumns(shorten(name, width), width)}  ${cells.join('  ').trimEnd()}`);
    for (const { sign, healthy, detail } of signs)
      if (healthy === false && sign !== 'integrity')
        lines.push(colors.dim(`  ${signTitles[sign]}: ${oneLine(detail)}`));
  }
  return lines;
}

function shorten(text: string, columns: number): string {
  return displayWidth(text) <= columns ? text : `${text.slice(0, columns - 1)}…`;
}
