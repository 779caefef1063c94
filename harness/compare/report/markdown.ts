import { formatDuration } from '../../report/text/words.js';
import { markdownTable, markdownText } from '../../report/text/markdown-text.js';
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

/** A comparison as Markdown, for the page of a job, a wiki or a pull request. */
export function comparisonMarkdown(comparison: Comparison): string {
  const { threadmill, node, platform, cpus, seed, durationMs, startedAt, interrupted, notes, options } = comparison;
  const parts = [
    '# Bridges compared',
    `${describeWorkload(comparison)}. Latency ${describeSteadyPace(comparison)}. Each number is the median of ${options.rounds} rounds, ± half the distance between the quartiles.`,
    ...standingOrder.flatMap((standing) => section(comparison, standing)),
    '## What each promises',
    table(
      ['bridge', 'delivery', 'order', 'freshness', 'bounds', 'who may block', 'shutdown'],
      comparison.bridges.map(({ id, promises }) => [
        id,
        promises.delivery,
        promises.order,
        promises.freshness,
        promises.bounds,
        promises.whoMayBlock,
        promises.shutdown,
      ]),
    ),
    ...notes.map((note) => `Note: ${markdownText(note)}`),
    describeTieRule(comparison),
    `${interrupted ? 'Interrupted after' : 'Took'} ${formatDuration(durationMs)}, ${startedAt}; threadmill ${markdownText(threadmill)}, Node ${markdownText(node)}, ${markdownText(platform)}, ${cpus} CPUs; seed ${seed}.`,
  ];
  return `${parts.join('\n\n')}\n`;
}

function section(comparison: Comparison, standing: BridgeStanding): string[] {
  const bridges = ofStanding(comparison, standing);
  if (bridges.length === 0) return [];
  const { title, explanation } = standings[standing];
  return [
    `## ${title}`,
    `${explanation}.`.replace(/^./, (first) => first.toUpperCase()),
    verdicts(bridges),
    costs(bridges),
  ];
}

function verdicts(bridges: readonly BridgeComparison[]): string {
  return table(
    ['bridge', 'controlled', 'stress', 'what broke'],
    bridges.map(({ id, controlled, stress }) => [
      id,
      describeControlled(controlled),
      describeStress(stress),
      controlled?.message ?? stress.message ?? '',
    ]),
  );
}

function costs(bridges: readonly BridgeComparison[]): string {
  const ranks = bridges.map((bridge) => bridge.ranks.throughput);
  return table(
    ['rank', 'bridge', 'records/s', 'latency p50', 'p99', 'p99.9', 'loop delay p99', 'memory', 'CPU per million'],
    bridges.map((bridge) => [
      formatRank(bridge.ranks.throughput, ranks),
      bridge.id,
      cell(bridge.throughput, formatRate),
      cell(bridge.latencyUs?.p50, formatMicroseconds),
      cell(bridge.latencyUs?.p99, formatMicroseconds),
      cell(bridge.latencyUs?.p999, formatMicroseconds),
      cell(bridge.loopDelayMs.timed?.p99, formatDelayMs),
      cell(bridge.memoryMiB, formatMiB),
      cell(bridge.cpuSecondsPerMillion, formatSeconds),
    ]),
  );
}

function cell(spread: Spread | null | undefined, format: (value: number) => string): string {
  return spread === null || spread === undefined ? '–' : `${format(spread.median)} ${formatSpread(spread)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const columns = head.map((heading) => ({ heading }));
  return markdownTable(
    columns,
    rows.map((row) => row.map(markdownText)),
  ).join('\n');
}
