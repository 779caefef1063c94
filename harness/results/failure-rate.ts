/** The confidence of the bounds that this project states, unless it says otherwise. */
export const usualConfidence = 0.95;

/**
 * The greatest failure rate that this many executions without a failure leave possible: anything that fails more often would have
 * failed at least once with a probability of at least `confidence`. At 95 % it is about 3 / executions.
 *
 * It is exact for executions that are drawn independently of each other, all in the same way.
 */
export function failureRateBound(executions: number, confidence: number = usualConfidence): number {
  if (executions <= 0) return 1;
  // 1 - (1 - c)^(1 / n), in a form that stays exact for large n.
  return -Math.expm1(Math.log1p(-confidence) / executions);
}

/** How many executions without a failure limit the failure rate to `rate`: the inverse, rounded up. */
export function executionsForBound(rate: number, confidence: number = usualConfidence): number {
  return Math.ceil(Math.log1p(-confidence) / Math.log1p(-rate));
}
