/*
 * Chart.js has the MIT license and many maintainers. It draws bars, lines and points on linear and logarithmic axes, adapts to
 * its container, and needs no styles and no requests, so it works under the page's policy. It is half the size of comparable
 * libraries, and parts that are not registered here are left out of the page.
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

/** Registers the parts of Chart.js that these charts use. Call it before drawing the first chart. */
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

/** Uses the colours of the current scheme for charts that are made from now on. */
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

/** Whether a number gets a label on a logarithmic axis: only powers of ten do. */
export function isPowerOfTen(value: number): boolean {
  const exponent = Math.log10(value);
  return Math.abs(exponent - Math.round(exponent)) < 1e-9;
}
