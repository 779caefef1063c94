import { meets, type Expectation, type Verdict } from './verdict.js';

/**
 * What is a hang for the stress engine: without a schedule it cannot be decided whether agents that never finish repeat
 * themselves, are only slow, or sleep for ever beside something that could wake them, as an open socket or a thread.
 */
const neverEnding: ReadonlySet<Verdict> = new Set(['livelock', 'hang', 'deadlock']);

const isHangOf = (underStress: Verdict, verdict: Verdict): boolean =>
  neverEnding.has(verdict) && (underStress === 'hang' || (underStress === 'livelock' && verdict === 'hang'));

/** What an engine found. */
interface Found {
  readonly verdict: Verdict;
  readonly invariant?: string | undefined;
}

/** Whether the engines found the same failure, or neither found one. */
export function sameVerdict(controlled: Found, underStress: Found): boolean {
  if (isHangOf(underStress.verdict, controlled.verdict)) return true;
  return controlled.verdict === underStress.verdict && controlled.invariant === underStress.invariant;
}

/** Whether a verdict of the stress engine is the one a scenario expects. */
export function meetsUnderStress(
  expected: Expectation,
  verdict: Verdict | 'interrupted',
  invariant: string | null,
): boolean {
  if (verdict === 'interrupted') return false;
  const wanted = typeof expected === 'string' ? expected : expected.verdict;
  return isHangOf(verdict, wanted) || meets(expected, verdict, invariant);
}
