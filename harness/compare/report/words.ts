import { formatCount, formatNumber, formatVerdict } from '../../report/words.js';
import type {
  BridgeComparison,
  BridgeStanding,
  Comparison,
  ComparisonRank,
  ControlledVerdict,
  StressVerdict,
} from '../../results/comparison-schema.js';
import { formatRate } from './numbers.js';

/** What every report says of each standing. */
export const standings: Readonly<Record<BridgeStanding, { readonly title: string; readonly explanation: string }>> = {
  holds: { title: 'These hold', explanation: 'hardened, and nothing broke' },
  flawed: {
    title: 'These held here, and have known faults',
    explanation: 'as an article printed them: docs/bridges.md says what breaks, under other conditions than these',
  },
  broke: { title: 'These broke: not to be chosen, however fast', explanation: 'their numbers are no recommendation' },
  unknown: { title: 'Nothing is known of these', explanation: 'the comparison ended before' },
};

/** Such as `held in 1,009 executions` or `violation (count) after 2 executions`. */
export function describeControlled(controlled: ControlledVerdict | null): string {
  if (controlled === null) return 'not explored';
  const { verdict, invariant, executions, executionsToFind } = controlled;
  if (verdict === 'held') return `held in ${formatCount(executions, 'execution')}`;
  return `${formatVerdict(verdict, invariant)} after ${formatCount(executionsToFind ?? executions, 'execution')}`;
}

/** Such as `held in 12 rounds, 7.75M records` or `violation in 12 of 12 rounds`. */
export function describeStress({ verdict, rounds, failedRounds, records }: StressVerdict): string {
  if (rounds === 0) return 'not measured';
  const behind = `${formatCount(rounds, 'round')}, ${formatRate(records)} records`;
  return verdict === 'held' ? `held in ${behind}` : `${verdict} in ${failedRounds} of ${behind}`;
}

/** Such as `1`, or `2=` for one that shares its rank; a dash for none. */
export function formatRank(rank: ComparisonRank | null, ranks: readonly (ComparisonRank | null)[]): string {
  if (rank === null) return '–';
  const sharing = ranks.filter((other) => other?.rank === rank.rank).length;
  return sharing > 1 ? `${rank.rank}=` : `${rank.rank}`;
}

/** The workload on one line. */
export function describeWorkload({ options }: Comparison): string {
  const { writers, readers, keys, payloadWords, ratePerSecond, burst, queueCapacity } = options;
  const pace =
    ratePerSecond === null ? 'as fast as each writer can' : `${formatNumber(ratePerSecond)} a second of each writer`;
  const bursts = burst === null ? '' : `, in bursts of ${burst.records} with ${burst.pauseMs} ms between them`;
  return [
    formatCount(writers, 'writer'),
    formatCount(readers, 'reader'),
    `${formatCount(keys, 'record')} of ${payloadWords} words`,
    `queues of ${formatNumber(queueCapacity)}`,
    pace + bursts,
  ].join(', ');
}

/** How latency was measured, on one line. */
export function describeSteadyPace({ options }: Comparison): string {
  const { ratePerSecond, steadyRatePerSecond } = options;
  return `at ${formatNumber(ratePerSecond ?? steadyRatePerSecond)} records a second of each writer`;
}

/** When two bridges are called tied. */
export function describeTieRule({ tieRule }: Comparison): string {
  const { significance, smallestDifference } = tieRule;
  return (
    `Two bridges tie (=) unless their medians differ by more than ${Math.round(smallestDifference * 100)} % and a ` +
    `Mann-Whitney test over the rounds gives p ≤ ${significance}.`
  );
}

/** All bridges of one standing, in the order in which they are shown. */
export function ofStanding({ bridges }: Comparison, standing: BridgeStanding): BridgeComparison[] {
  return bridges.filter((bridge) => bridge.standing === standing);
}
