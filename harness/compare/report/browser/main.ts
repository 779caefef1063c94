import { formatDelayMs, formatMiB, formatMicroseconds, formatRate, formatSeconds } from '../numbers.js';
import type { BridgeComparison, Comparison } from '../../../results/comparison-schema.js';
import { elementById, pageData } from '../../../report/html/browser/data.js';
import { onSchemeChange } from '../../../report/html/browser/theme.js';
import { registerParts, takeTheme, type Drawn } from './chart.js';
import { drawIntervals, type IntervalsOptions } from './intervals.js';
import { drawLines } from './lines.js';
import { looksOf } from './looks.js';

const { bridges } = pageData() as Comparison;
const switches = [...document.querySelectorAll<HTMLInputElement>('input[data-bridge]')];
let charts: Drawn[] = [];

/** The position of a percentile on an axis on which each nine takes the same room. */
const nines = (percent: number): number => -Math.log10(1 - Math.min(percent, 99.999) / 100);
const labelledPercents = [50, 90, 99, 99.9, 99.99];

function canvas(id: string): HTMLCanvasElement {
  return elementById(id) as HTMLCanvasElement;
}

function draw(): void {
  for (const chart of charts) chart.destroy();
  takeTheme();
  const looks = looksOf(bridges);
  for (const each of switches) {
    const look = looks.get(each.dataset['bridge'] ?? '');
    if (look !== undefined) each.parentElement!.style.setProperty('--look', look.color);
  }
  const chosen = new Set(switches.filter(({ checked }) => checked).map(({ dataset }) => dataset['bridge']));
  const shown = bridges.filter(({ id }) => chosen.has(id));
  const intervals = (
    id: string,
    spreadOf: IntervalsOptions['spreadOf'],
    format: IntervalsOptions['format'],
    floor: number,
  ): Drawn => drawIntervals({ canvas: canvas(id), bridges, looks, spreadOf, format, floor });
  const lines = { bridges: shown, looks };
  const writerCounts = [...new Set(bridges.flatMap(({ scaling }) => scaling.map(({ writers }) => writers)))];
  charts = [
    intervals('throughput', ({ throughput }) => throughput, formatRate, 1),
    intervals('loop-delay', ({ loopDelayMs }) => loopDelayMs.timed?.p99, formatDelayMs, 0.1),
    intervals('loop-delay-steady', ({ loopDelayMs }) => loopDelayMs.steady?.p99, formatDelayMs, 0.1),
    intervals('memory', ({ memoryMiB }) => memoryMiB, formatMiB, 0.1),
    intervals('cpu', ({ cpuSecondsPerMillion }) => cpuSecondsPerMillion, formatSeconds, 0.01),
    drawLines({
      ...lines,
      canvas: canvas('latency'),
      pointsOf: ({ latencyUs }) =>
        (latencyUs?.percentiles ?? [])
          .filter(({ percent }) => percent > 0)
          .map(({ percent, us }) => ({ x: nines(percent), y: Math.max(1, us) })),
      x: {
        title: 'share of writes that were visible after this time',
        type: 'linear',
        format: (place) => `${Number((100 * (1 - 10 ** -place)).toPrecision(6))} %`,
        ticks: labelledPercents.map(nines),
      },
      y: { title: 'from write to visible', type: 'logarithmic', format: formatMicroseconds },
      marksPoints: false,
    }),
    drawLines({
      ...lines,
      canvas: canvas('scaling'),
      pointsOf: ({ scaling }: BridgeComparison) =>
        scaling.map(({ writers, throughput }) => ({ x: writers, y: throughput.median })),
      x: { title: 'writers', type: 'logarithmic', format: String, ticks: writerCounts },
      y: { title: 'records a second', type: 'logarithmic', format: formatRate },
      marksPoints: true,
    }),
    drawLines({
      ...lines,
      canvas: canvas('queue-depth'),
      pointsOf: ({ queueDepth }) => queueDepth.map(({ atMs, backlog }) => ({ x: atMs, y: backlog })),
      x: { title: 'since the batch started', type: 'linear', format: (ms) => `${Math.round(ms)} ms`, minimum: 0 },
      y: { title: 'writes on their way', type: 'linear', format: formatRate, minimum: 0 },
      marksPoints: false,
    }),
  ];
}

document.documentElement.classList.add('scripted');
for (const each of switches) each.addEventListener('change', draw);
onSchemeChange(draw);
registerParts();
draw();
