import type { Spread } from '../../results/comparison-schema.js';

/** A unit for numbers, and its size. */
interface Unit {
  readonly size: number;
  readonly suffix: string;
}

const counts: readonly Unit[] = [
  { size: 1e9, suffix: 'G' },
  { size: 1e6, suffix: 'M' },
  { size: 1e3, suffix: 'k' },
  { size: 1, suffix: '' },
];
const microseconds: readonly Unit[] = [
  { size: 1e6, suffix: ' s' },
  { size: 1e3, suffix: ' ms' },
  { size: 1, suffix: ' µs' },
];

/** Such as `1.89M`, `440k`, `27`. */
export function formatRate(value: number): string {
  return inUnits(value, counts);
}

/** Such as `40 µs`, `13.4 ms`, `1.20 s`. */
export function formatMicroseconds(us: number): string {
  return inUnits(us, microseconds);
}

/** Such as `0.3 ms`, `12 ms`: never finer than the resolution of perf_hooks. */
export function formatDelayMs(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : inUnits(ms * 1_000, microseconds);
}

/** Such as `26.8 MiB`. */
export function formatMiB(mib: number): string {
  return `${mib < 100 ? mib.toFixed(1) : mib.toFixed(0)} MiB`;
}

/** Such as `2.94 s`. */
export function formatSeconds(seconds: number): string {
  return `${threeDigits(seconds)} s`;
}

/** The spread of measurements: half the distance between the quartiles as a share of the median, such as `±7%`. */
export function formatSpread({ median, lower, upper }: Spread): string {
  if (median === 0) return upper === lower ? '±0%' : '±∞';
  return `±${Math.round(((upper - lower) / 2 / Math.abs(median)) * 100)}%`;
}

function inUnits(value: number, units: readonly Unit[]): string {
  const unit = units.find(({ size }) => value >= size * 0.9995) ?? units.at(-1)!;
  return threeDigits(value / unit.size) + unit.suffix;
}

function threeDigits(value: number): string {
  if (value === 0) return '0';
  if (value < 0.1) return value.toFixed(3);
  if (value < 9.995) return value.toFixed(2);
  return value < 99.95 ? value.toFixed(1) : value.toFixed(0);
}
