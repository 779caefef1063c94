import { inspect } from 'node:util';
import { decodeParams } from '../results/params.js';
import type { Expectation } from '../scenario/verdict.js';
import { oneLine } from './text.js';

const numberFormat = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** Such as `12,000`. */
export function formatNumber(value: number): string {
  return numberFormat.format(value);
}

/** Such as `1 preemption` or `2,000 executions`. */
export function formatCount(count: number, noun: string): string {
  return `${formatNumber(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Such as `340 ms`, `12.3 s`, `4 min 5 s`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1_000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 60_000) return `${(durationMs / 1_000).toFixed(1)} s`;
  const minutes = Math.floor(durationMs / 60_000);
  return `${formatNumber(minutes)} min ${Math.floor((durationMs % 60_000) / 1_000)} s`;
}

/** Such as `3 scenarios met their expectations` or `1 of 3 scenarios did not meet its expectation`. */
export function formatTally(results: readonly { readonly met: boolean }[]): string {
  const unmet = results.filter((result) => !result.met).length;
  const theirs = (count: number): string => (count === 1 ? 'its expectation' : 'their expectations');
  return unmet === 0
    ? `${formatCount(results.length, 'scenario')} met ${theirs(results.length)}`
    : `${formatNumber(unmet)} of ${formatCount(results.length, 'scenario')} did not meet ${theirs(unmet)}`;
}

/** Such as `violation (count)`. */
export function formatVerdict(verdict: string, invariant: string | null | undefined): string {
  return invariant === null || invariant === undefined ? verdict : `${verdict} (${oneLine(invariant)})`;
}

/** Such as `held` or `violation (count)`. */
export function formatExpectation(expected: Expectation): string {
  return typeof expected === 'string' ? expected : formatVerdict(expected.verdict, expected.invariant);
}

/** The drawn parameters on one line, as one would write them in code. */
export function formatParams(params: Readonly<Record<string, unknown>>): string {
  let decoded = params;
  try {
    decoded = decodeParams(params);
  } catch {
    // Damaged parameters are shown as they were saved.
  }
  if (Object.keys(decoded).length === 0) return 'none';
  return Object.entries(decoded)
    .map(([name, value]) => `${oneLine(name)} = ${oneLine(inspectValue(value))}`)
    .join(', ');
}

function inspectValue(value: unknown): string {
  return inspect(value, { depth: 4, breakLength: Infinity, maxArrayLength: 20, maxStringLength: 200, compact: true });
}
