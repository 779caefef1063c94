import { meets, type Expectation, type Verdict } from './verdict.js';

/**
 * Without a schedule it cannot be decided whether agents that never finish repeat themselves or are only slow. So a livelock
 * for one engine may be a hang for the other.
 */
const neverEnding: ReadonlySet<Verdict> = new Set(['livelock', 'hang']);

/** What an engine found. */
interface Found {
  readonly verdict: Verdict;
  readonly invariant?: string | undefined;
}

/** Whether two engines found the same failure, or neither found one. */
export function sameVerdict(one: Found, other: Found): boolean {
  if (neverEnding.has(one.verdict) && neverEnding.has(other.verdict)) return true;
  return one.verdict === other.verdict && one.invariant === other.invariant;
}

/** Whether a verdict of the stress engine is the one a scenario expects. */
export function meetsUnderStress(
  expected: Expectation,
  verdict: Verdict | 'interrupted',
  invariant: string | null,
): boolean {
  if (verdict === 'interrupted') return false;
  const wanted = typeof expected === 'string' ? expected : expected.verdict;
  if (neverEnding.has(wanted) && neverEnding.has(verdict)) return true;
  return meets(expected, verdict, invariant);
}
