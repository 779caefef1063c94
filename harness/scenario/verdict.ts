/** Every verdict an execution can end with; see docs/controlled.md for when each is given. */
export const verdicts = ['held', 'violation', 'deadlock', 'livelock', 'crash', 'hang', 'uncontrolled'] as const;

export type Verdict = (typeof verdicts)[number];

/** Every verdict except `held`. */
export type FailureVerdict = Exclude<Verdict, 'held'>;

/** What a scenario declares as its result: `held`, or the verdict (and the invariant) that must be found. */
export type Expectation = Verdict | { readonly verdict: FailureVerdict; readonly invariant?: string | undefined };

/**
 * Whether a verdict is the one a scenario expects.
 *
 * @param verdict or `interrupted`, which is never expected
 */
export function meets(expected: Expectation, verdict: Verdict | 'interrupted', invariant: string | null): boolean {
  if (typeof expected === 'string') return expected === verdict;
  if (expected.verdict !== verdict) return false;
  return expected.invariant === undefined || expected.invariant === invariant;
}
