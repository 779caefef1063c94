import { formatDuration, formatNumber, formatVerdict } from '../../report/text/words.js';
import type {
  BridgeComparison,
  BridgeStanding,
  Comparison,
  ComparisonRank,
  ControlledVerdict,
  StressVerdict,
} from '../../results/comparison-schema.js';
import { formatRate } from './numbers.js';

/** The order in which reports show them. */
export const standingOrder: readonly BridgeStanding[] = ['holds', 'flawed', 'broke', 'unknown'];

/** What every report says about each standing. */
export const standings: Readonly<Record<BridgeStanding, { readonly title: string; readonly explanation: string }>> = {
  holds: { title: 'These hold', explanation: 'hardened, and nothing broke' },
  flawed: {
    title: 'These held here, and have known faults',
    explanation: 'as an article printed them; docs/bridges.md says what breaks, and when',
  },
  broke: {
    title: 'These broke: do not choose them, however fast they are',
    explanation: 'their numbers are not a recommendation',
  },
  unknown: { title: 'Not known', explanation: 'the comparison ended before they were measured' },
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

/** Such as `1`, or `2=` for a shared rank; a dash without a rank. */
export function formatRank(rank: ComparisonRank | null, ranks: readonly (ComparisonRank | null)[]): string {
  if (rank === null) return '–';
  const sharing = ranks.filter((other) => other?.rank === rank.rank).length;
  return sharing > 1 ? `${rank.rank}=` : `${rank.rank}`;
}

/** The workload on one line. */
export function describeWorkload({ options }: Comparison): string {
  const { writers, readers, keys, payloadWords, ratePerSecond, burst, queueCapacity } = options;
  const pace =
    ratePerSecond === null ? 'as fast as each writer can' : `${formatNumber(ratePerSecond)} a second from each writer`;
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
  return `at ${formatNumber(ratePerSecond ?? steadyRatePerSecond)} records a second from each writer`;
}

/** How each number was measured, in a paragraph each. */
export function describeMethod(comparison: Comparison): readonly (readonly [measure: string, how: string])[] {
  const { rounds, scalingRounds, warmups, batches, batchMs, steadyMs, readEveryMs, readers, controlledMs } =
    comparison.options;
  const each = `${formatCount(warmups, 'batch', 'batches')} to warm up, then ${formatCount(batches, 'batch', 'batches')} of ${formatDuration(batchMs)}`;
  return [
    [
      'Rounds',
      `Each bridge has ${formatCount(rounds, 'round')}, each in its own process with real worker threads: ${each}, timed by tinybench. A round visits every bridge before the next round begins, and each round in another order, so that drift on the machine affects all bridges alike. Other numbers of writers have ${formatCount(scalingRounds, 'round')} each.`,
    ],
    [
      'Does it hold',
      `Controlled: the controlled engine explores a small workload with several writers and readers for ${formatDuration(controlledMs)}. Stress: in every round, ${formatCount(readers, 'reader')} read every ${readEveryMs} ms and check each record. At the end, the whole table is checked against the acknowledged writes.`,
    ],
    [
      'Records a second',
      'All records of a batch, divided by the time from its start until the last record, or the last that arrived, was in the table. The median batch of a round counts.',
    ],
    [
      'Latency',
      `From the start of a write until a coroutine that looks in each turn of the event loop saw it, or a later write of the same record, ${describeSteadyPace(comparison)}, for ${formatDuration(steadyMs)} of each round. Measured with process.hrtime, which all threads share. Its resolution is better than a microsecond; the coroutine’s is one turn of the loop. A write that had to wait for the one before it counts from the time at which it was due.`,
    ],
    [
      'Event loop delay',
      'The 99th percentile of how late the main agent’s event loop was, measured with perf_hooks.monitorEventLoopDelay. Its resolution of 1 ms is subtracted.',
    ],
    [
      'Memory',
      'The peak of resident memory of the process in the timed batches, minus what was resident before the first write.',
    ],
    ['Processor time', 'Of all threads of the process in the timed batches, readers included, per million records.'],
    ['Ties', describeTieRule(comparison)],
  ];
}

/** When two bridges count as tied. */
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

function formatCount(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatNumber(count)} ${count === 1 ? noun : plural}`;
}
