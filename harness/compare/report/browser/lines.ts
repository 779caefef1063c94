import type { Plugin } from 'chart.js';
import type { BridgeComparison } from '../../../results/comparison-schema.js';
import { Chart, isPowerOfTen, type Drawn } from './chart.js';
import type { Look } from './looks.js';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A line for each visible bridge. */
export interface LinesOptions {
  readonly canvas: HTMLCanvasElement;
  readonly bridges: readonly BridgeComparison[];
  readonly looks: ReadonlyMap<string, Look>;
  readonly pointsOf: (bridge: BridgeComparison) => readonly Point[];
  readonly x: Axis;
  readonly y: Axis;
  readonly marksPoints: boolean;
}

export interface Axis {
  readonly title: string;
  readonly type: 'linear' | 'logarithmic';
  readonly format: (value: number) => string;
  /** The only places with a label. */
  readonly ticks?: readonly number[];
  readonly minimum?: number;
}

const heightPixels = 340;

/** Draws a line for each bridge. Those without points are left out. */
export function drawLines({ canvas, bridges, looks, pointsOf, x, y, marksPoints }: LinesOptions): Drawn {
  canvas.parentElement!.style.height = `${heightPixels}px`;
  const datasets = bridges.flatMap((bridge) => {
    const { label, color, dash, width } = looks.get(bridge.id)!;
    const data = pointsOf(bridge).map((point) => ({ ...point }));
    if (data.length === 0) return [];
    return [
      {
        label,
        data,
        borderColor: color,
        backgroundColor: color,
        borderDash: dash,
        borderWidth: width,
        pointRadius: marksPoints ? 4 : 0,
        pointStyle: bridge.standing === 'broke' ? ('crossRot' as const) : ('circle' as const),
        pointHitRadius: 12,
      },
    ];
  });
  return new Chart<'line', { x: number; y: number }[]>(canvas, {
    type: 'line',
    data: { datasets },
    options: {
      interaction: { mode: 'nearest', intersect: false },
      scales: { x: scaleOf(x), y: scaleOf(y) },
      plugins: {
        tooltip: {
          callbacks: {
            title: ([item]) => (item === undefined ? '' : `${x.title}: ${x.format(item.parsed.x ?? 0)}`),
            label: ({ dataset, parsed }) => `${dataset.label ?? ''}: ${y.format(parsed.y ?? 0)}`,
          },
        },
      },
    },
    plugins: [nothingShown],
  });
}

function scaleOf({ title, type, format, ticks, minimum }: Axis) {
  return {
    type,
    title: { display: true, text: title },
    ...(minimum === undefined ? {} : { min: minimum }),
    ...(ticks === undefined
      ? {}
      : {
          afterBuildTicks: (axis: { ticks: { value: number }[] }) => {
            axis.ticks = ticks.map((value) => ({ value }));
          },
        }),
    ticks: {
      maxRotation: 0,
      callback: (value: number | string) =>
        type === 'logarithmic' && ticks === undefined && !isPowerOfTen(Number(value)) ? null : format(Number(value)),
    },
  };
}

/** Shows a text if all bridges are switched off. */
const nothingShown: Plugin<'line'> = {
  id: 'nothingShown',
  afterDraw: ({ ctx, data, chartArea }) => {
    if (data.datasets.length > 0) return;
    ctx.textAlign = 'center';
    ctx.fillText(
      'No bridge is selected.',
      (chartArea.left + chartArea.right) / 2,
      (chartArea.top + chartArea.bottom) / 2,
    );
  },
};
