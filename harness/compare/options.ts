import { UsageError } from '../errors.js';
import type { ComparisonOptions } from '../results/comparison-schema.js';

/** The options of a comparison. Those left out are as in `defaultComparison`. */
export type ComparisonRequest = {
  readonly [Name in keyof Omit<ComparisonOptions, 'bridges'>]?: ComparisonOptions[Name] | undefined;
} & {
  /** Names of bridges; empty: all. */
  readonly bridges: readonly string[];
};

/** The default options: a comparison of about three minutes on two cores. */
export const defaultComparison: Omit<ComparisonOptions, 'bridges'> = {
  writers: 4,
  writerCounts: [1, 2, 4, 8],
  readers: 8,
  readEveryMs: 5,
  payloadWords: 8,
  keys: 32,
  queueCapacity: 1_000,
  ratePerSecond: null,
  burst: null,
  steadyRatePerSecond: 1_000,
  rounds: 6,
  scalingRounds: 2,
  warmups: 1,
  batches: 3,
  batchMs: 120,
  records: 400_000,
  steadyMs: 400,
  controlledMs: 1_500,
  budgetMs: 270_000,
  hangTimeoutMs: 10_000,
  heapMiB: 1_024,
};

/** The limits of each numeric option, and its name on the command line. */
export const comparisonBounds = {
  writers: { flag: '--writers', minimum: 1, maximum: 64, whole: true },
  readers: { flag: '--readers', minimum: 0, maximum: 1_000, whole: true },
  readEveryMs: { flag: '--read-every', minimum: 1, maximum: 10_000, whole: false },
  payloadWords: { flag: '--payload-words', minimum: 2, maximum: 1_000, whole: true },
  keys: { flag: '--keys', minimum: 1, maximum: 10_000, whole: true },
  queueCapacity: { flag: '--queue-capacity', minimum: 1, maximum: 100_000, whole: true },
  ratePerSecond: { flag: '--rate', minimum: 1, maximum: 10_000_000, whole: false },
  steadyRatePerSecond: { flag: '--steady-rate', minimum: 1, maximum: 1_000_000, whole: false },
  rounds: { flag: '--rounds', minimum: 1, maximum: 50, whole: true },
  scalingRounds: { flag: '--scaling-rounds', minimum: 0, maximum: 50, whole: true },
  warmups: { flag: '--warmups', minimum: 0, maximum: 100, whole: true },
  batches: { flag: '--batches', minimum: 1, maximum: 100, whole: true },
  batchMs: { flag: '--batch', minimum: 1, maximum: 60_000, whole: false },
  records: { flag: '--records', minimum: 1, maximum: 10_000_000, whole: true },
  steadyMs: { flag: '--steady', minimum: 0, maximum: 60_000, whole: false },
  controlledMs: { flag: '--controlled', minimum: 0, maximum: 600_000, whole: false },
  budgetMs: { flag: '--budget', minimum: 1, maximum: 86_400_000, whole: false },
  hangTimeoutMs: { flag: '--hang-timeout', minimum: 100, maximum: 600_000, whole: false },
  heapMiB: { flag: '--heap', minimum: 64, maximum: 65_536, whole: true },
} as const;

/**
 * Fills in the defaults and checks the limits. The names of bridges are not checked.
 *
 * @throws UsageError naming the option, what was found and what was expected
 */
export function completeOptions(request: ComparisonRequest): ComparisonOptions {
  const given = Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
  const options: ComparisonOptions = { ...defaultComparison, ...given, bridges: [...request.bridges] };
  for (const [name, bounds] of Object.entries(comparisonBounds)) {
    const value = options[name as keyof typeof comparisonBounds];
    if (value !== null) check(bounds, value);
  }
  for (const writers of options.writerCounts) check({ ...comparisonBounds.writers, flag: '--writer-counts' }, writers);
  if (options.burst !== null) {
    check({ flag: '--burst', minimum: 1, maximum: 1_000_000, whole: true }, options.burst.records);
    check({ flag: '--burst', minimum: 0, maximum: 60_000, whole: false }, options.burst.pauseMs);
  }
  return options;
}

interface Bounds {
  readonly flag: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly whole: boolean;
}

function check({ flag, minimum, maximum, whole }: Bounds, value: number): void {
  if (value >= minimum && value <= maximum && (!whole || Number.isInteger(value))) return;
  const kind = whole ? 'a whole number' : 'a number';
  throw new UsageError(`${flag}: found ${value}, expected ${kind} from ${minimum} to ${maximum}.`);
}
