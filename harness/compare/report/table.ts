import { formatDuration } from '../../report/text/words.js';
import type { Colors, Output } from '../../report/text/output.js';
import { displayWidth, fitColumns, oneLine, padColumns } from '../../report/text/columns.js';
import type { BridgeComparison, BridgeStanding, Comparison, Spread } from '../../results/comparison-schema.js';
import { formatDelayMs, formatMiB, formatMicroseconds, formatRate, formatSeconds, formatSpread } from './numbers.js';
import {
  describeControlled,
  describeSteadyPace,
  describeStress,
  describeTieRule,
  describeWorkload,
  formatRank,
  ofStanding,
  standingOrder,
  standings,
} from './words.js';

const widestColumns = 100;

/** Writes a comparison as tables, verdicts first. */
export function writeComparisonTable(comparison: Comparison, output: Output): void {
  const { colors } = output;
  const width = Math.min(widestColumns, output.widthColumns);
  const line = (text = ''): void => output.print([text]);
  const nameColumns = Math.max(...comparison.bridges.map(({ id }) => displayWidth(id)), 'bridge'.length);

  // The column at which the evidence begins.
  const evidenceColumns = nameColumns + 4;

  line(fitColumns(`Workload: ${describeWorkload(comparison)}`, width));
  line(fitColumns(`Latency ${describeSteadyPace(comparison)}`, width));
  const spread = `Medians of ${comparison.options.rounds} rounds, ± half the distance between the quartiles`;
  line(colors.dim(fitColumns(spread, width)));
  for (const standing of standingOrder) {
    const bridges = ofStanding(comparison, standing);
    if (bridges.length === 0) continue;
    line();
    const { title, explanation } = standings[standing];
    const paint = painter(standing, colors);
    line(paint(colors.bold(title)) + colors.dim(fitColumns(`  (${explanation})`, width - displayWidth(title))));
    for (const bridge of bridges) {
      const mark = standing === 'holds' ? '✓' : standing === 'flawed' ? '!' : standing === 'broke' ? '✗' : '?';
      for (const [place, text] of evidence(bridge).entries()) {
        const name = place === 0 ? `${mark} ${bridge.id}` : '';
        const [first = '', ...more] = wrap(text, width - evidenceColumns);
        line(paint(padColumns(name, evidenceColumns)) + first);
        for (const part of more) line(' '.repeat(evidenceColumns) + part);
      }
    }
    if (standing === 'unknown') continue;
    line();
    writeRows(speedRows(bridges), nameColumns, width, output);
    line();
    writeRows(costRows(bridges), nameColumns, width, output);
  }
  line();
  for (const note of comparison.notes) line(fitColumns(`note ${oneLine(note)}`, width));
  for (const part of wrap(describeTieRule(comparison), width)) line(colors.dim(part));
  const { durationMs, seed, interrupted } = comparison;
  line(`${interrupted ? 'interrupted after' : 'took'} ${formatDuration(durationMs)}; seed ${seed}`);
}

/** The evidence about a bridge, and what it promises. */
function evidence({ standing, controlled, stress, promises }: BridgeComparison): string[] {
  const because = (message: string | null | undefined): string =>
    typeof message === 'string' ? `: ${oneLine(message)}` : '';
  const found = [
    `controlled: ${describeControlled(controlled)}${because(controlled?.message)}`,
    `stress: ${describeStress(stress)}${because(stress.message)}`,
  ];
  if (standing !== 'broke' && controlled !== null) {
    const { rounds, records } = stress;
    found.splice(0, 2, `${describeControlled(controlled)}, and in ${rounds} rounds of ${formatRate(records)} records`);
  }
  return [...found, `promises ${oneLine(promises.delivery)}`];
}

function painter(standing: BridgeStanding, colors: Colors): (text: string) => string {
  if (standing === 'holds') return colors.green;
  return standing === 'broke' ? colors.red : colors.yellow;
}

type Row = readonly string[];

function speedRows(bridges: readonly BridgeComparison[]): Row[] {
  const ranks = bridges.map((bridge) => bridge.ranks.throughput);
  return [
    ['rank', '', 'records/s', 'latency p50', 'p99', 'p99.9'],
    ...bridges.map((bridge) => [
      formatRank(bridge.ranks.throughput, ranks),
      bridge.id,
      cell(bridge.throughput, formatRate),
      cell(bridge.latencyUs?.p50, formatMicroseconds),
      cell(bridge.latencyUs?.p99, formatMicroseconds),
      cell(bridge.latencyUs?.p999, formatMicroseconds),
    ]),
  ];
}

function costRows(bridges: readonly BridgeComparison[]): Row[] {
  const counts = [...new Set(bridges.flatMap(({ scaling }) => scaling.map(({ writers }) => writers)))].sort(
    (first, second) => first - second,
  );
  return [
    ['', '', 'loop p99', 'memory', 'CPU/million', ...counts.map((writers) => `${writers} wr.`)],
    ...bridges.map((bridge) => [
      '',
      bridge.id,
      cell(bridge.loopDelayMs.timed?.p99, formatDelayMs),
      cell(bridge.memoryMiB, formatMiB),
      cell(bridge.cpuSecondsPerMillion, formatSeconds),
      ...counts.map((writers) => {
        const found = bridge.scaling.find((each) => each.writers === writers);
        return found === undefined ? '–' : formatRate(found.throughput.median);
      }),
    ]),
  ];
}

function cell(spread: Spread | null | undefined, format: (value: number) => string): string {
  return spread === null || spread === undefined ? '–' : `${format(spread.median)} ${formatSpread(spread)}`;
}

/** The first row is the head. Numbers are aligned to the right. */
function writeRows(rows: readonly Row[], nameColumns: number, width: number, output: Output): void {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => displayWidth(row[column] ?? ''))));
  for (const [place, row] of rows.entries()) {
    const [rank = '', name = '', ...numbers] = row;
    const cells = numbers.map((text, index) => text.padStart(widths[index + 2]!));
    const text = [padColumns(rank, 4), padColumns(name, nameColumns), ...cells].join('  ').trimEnd();
    const fitted = fitColumns(text, width);
    output.print([place === 0 ? output.colors.dim(fitted) : fitted]);
  }
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && displayWidth(last) + 1 + displayWidth(word) <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
