import type { BridgeComparison, Spread } from '../../../results/comparison-schema.js';
import { themeColor } from '../../../report/html/browser/theme.js';
import { Chart, isPowerOfTen, type Drawn } from './chart.js';
import type { Look } from './looks.js';

/** One measure, a line for each bridge: the median, the quartiles, and the extremes. */
export interface IntervalsOptions {
  readonly canvas: HTMLCanvasElement;
  readonly bridges: readonly BridgeComparison[];
  readonly looks: ReadonlyMap<string, Look>;
  readonly spreadOf: (bridge: BridgeComparison) => Spread | null | undefined;
  readonly format: (value: number) => string;
  /** Smaller values are drawn here, because a logarithmic axis has no zero. */
  readonly floor: number;
}

const rowPixels = 30;
const axisPixels = 40;
const narrowPixels = 480;

/** Draws an interval for each bridge, one below the other, with its median. Those without a value are left out. */
export function drawIntervals({ canvas, bridges, looks, spreadOf, format, floor }: IntervalsOptions): Drawn {
  const rows = bridges.flatMap((bridge) => {
    const spread = spreadOf(bridge);
    return spread === null || spread === undefined ? [] : [{ look: looks.get(bridge.id)!, spread, bridge }];
  });
  const above = (value: number): number => Math.max(floor, value);
  const labels = rows.map(({ look }) => look.label);
  const isNarrow = innerWidth < narrowPixels;
  const isBroken = (index: number): boolean => rows[index]?.bridge.standing === 'broke';
  canvas.parentElement!.style.height = `${rows.length * rowPixels + axisPixels}px`;
  const bar = (
    lower: (spread: Spread) => number,
    upper: (spread: Spread) => number,
    thickness: number,
    alpha: string,
  ) => ({
    type: 'bar' as const,
    data: rows.map(({ spread }): [number, number] => [above(lower(spread)), above(upper(spread)) * 1.0001]),
    backgroundColor: rows.map(({ look }) => look.color + alpha),
    barThickness: thickness,
    grouped: false,
    order: 2,
  });
  return new Chart<'bar' | 'scatter', [number, number][] | { x: number; y: string }[], string>(canvas, {
    data: {
      labels,
      datasets: [
        bar(
          ({ minimum }) => minimum,
          ({ maximum }) => maximum,
          2,
          '',
        ),
        bar(
          ({ lower }) => lower,
          ({ upper }) => upper,
          14,
          '88',
        ),
        {
          type: 'scatter',
          data: rows.map(({ look, spread }) => ({ x: above(spread.median), y: look.label })),
          pointStyle: rows.map((_, index) => (isBroken(index) ? 'crossRot' : 'circle')),
          pointRadius: 5,
          pointHoverRadius: 7,
          pointBorderWidth: 2,
          pointBackgroundColor: rows.map(({ look }) => look.color),
          pointBorderColor: rows.map((_, index) => themeColor(isBroken(index) ? '--bad' : '--surface')),
          order: 1,
        },
      ],
    },
    options: {
      indexAxis: 'y',
      interaction: { mode: 'index', axis: 'y', intersect: false },
      scales: {
        x: {
          type: 'logarithmic',
          ticks: { callback: (value) => (isPowerOfTen(Number(value)) ? format(Number(value)) : null), maxRotation: 0 },
        },
        y: {
          type: 'category',
          labels,
          grid: { display: false },
          ticks: {
            color: ({ index }) => themeColor(isBroken(index) ? '--bad' : '--text'),
            autoSkip: false,
            font: { size: isNarrow ? 10 : 12 },
          },
        },
      },
      plugins: {
        tooltip: {
          filter: ({ datasetIndex }) => datasetIndex === 2,
          callbacks: {
            title: ([item]) => rows[item?.dataIndex ?? 0]?.look.label ?? '',
            label: ({ dataIndex }) => {
              const { median, lower, upper, minimum, maximum } = rows[dataIndex]!.spread;
              return [
                `median ${format(median)}`,
                `half of the rounds: ${format(lower)} to ${format(upper)}`,
                `all rounds: ${format(minimum)} to ${format(maximum)}`,
              ];
            },
          },
        },
      },
    },
  });
}
