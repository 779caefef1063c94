/*
 * Chart.js: MIT, kept by many, draws bars, lines and points on linear and logarithmic axes, adapts to its container, needs no
 * styles of its own and loads nothing, so it works under the page's policy. It is half the size of what else could do all of
 * that, and what is not registered here is left out of the page.
 */
import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  ScatterController,
  Tooltip,
} from 'chart.js';
import { themeColor } from '../../../report/html/browser/theme.js';

/** Makes known to Chart.js which of its parts these charts consist of; to be called before the first is drawn. */
export function registerParts(): void {
  Chart.register(
    BarController,
    BarElement,
    CategoryScale,
    LinearScale,
    LineController,
    LineElement,
    LogarithmicScale,
    PointElement,
    ScatterController,
    Tooltip,
  );
}

export { Chart };

/** A chart on its canvas. */
export interface Drawn {
  destroy(): void;
}

/** Takes the colours of the scheme that is on, for charts that are made from now on. */
export function takeTheme(): void {
  Chart.defaults.color = themeColor('--text-soft');
  Chart.defaults.borderColor = themeColor('--line');
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.animation = false;
  Chart.defaults.maintainAspectRatio = false;
  Chart.defaults.plugins.tooltip.backgroundColor = themeColor('--text');
  Chart.defaults.plugins.tooltip.titleColor = themeColor('--surface');
  Chart.defaults.plugins.tooltip.bodyColor = themeColor('--surface');
}

/** Whether a number should have a label on a logarithmic axis: powers of ten, and no others. */
export function isPowerOfTen(value: number): boolean {
  const exponent = Math.log10(value);
  return Math.abs(exponent - Math.round(exponent)) < 1e-9;
}
