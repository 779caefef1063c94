import { quantileSorted } from 'simple-statistics';
import type { Bridge } from 'threadmill/bridges/records';
import type {
  BridgeComparison,
  BridgeStanding,
  ComparisonRank,
  ControlledVerdict,
  StressVerdict,
} from '../results/comparison-schema.js';
import { bridgeId } from './choose-bridges.js';
import { rankBridges } from './rank.js';
import type { RoundResult } from './round-process.js';
import type { LoopDelay } from './round/task.js';
import { spreadOf } from './statistics.js';

/** One round of one bridge: the plan and the result. */
export interface FinishedVisit {
  readonly writers: number;
  readonly isMain: boolean;
  readonly result: RoundResult;
}

const percents = [0, 1, 5, 10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.99, 100];
const noRanks: BridgeComparison['ranks'] = {
  throughput: null,
  latencyP99: null,
  loopDelayP99: null,
  memory: null,
  cpu: null,
};
const standings: readonly BridgeStanding[] = ['holds', 'flawed', 'broke', 'unknown'];

/** Combines the results of one bridge. It is ranked later. */
export function composeBridge(
  bridge: Bridge,
  controlled: ControlledVerdict | null,
  visits: readonly FinishedVisit[],
): BridgeComparison {
  const { name, variant, promises } = bridge;
  const stress = stressVerdict(visits.map(({ result }) => result));
  const main = visits.filter(({ isMain }) => isMain).map(({ result }) => result);
  const timed = main.flatMap((result) => result.timed ?? []);
  const steady = main.flatMap((result) => result.steady ?? []);
  return {
    id: bridgeId(bridge),
    name,
    variant,
    promises: { ...promises },
    standing: standingOf(variant, controlled, stress),
    controlled,
    stress,
    throughput: spreadOf(main.flatMap(recordsPerSecond)),
    latencyUs: latencyOf(steady.map(({ latenciesUs }) => latenciesUs)),
    loopDelayMs: {
      timed: loopDelayOf(timed.map(({ loopDelay }) => loopDelay)),
      steady: loopDelayOf(steady.map(({ loopDelay }) => loopDelay)),
    },
    memoryMiB: spreadOf(timed.map(({ memoryMiB }) => memoryMiB)),
    cpuSecondsPerMillion: spreadOf(
      timed.filter(({ records }) => records > 0).map(({ cpuSeconds, records }) => (cpuSeconds / records) * 1e6),
    ),
    cpuSeconds: timed.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    scaling: [...new Set(visits.map(({ writers }) => writers))]
      .sort((first, second) => first - second)
      .flatMap((writers) => {
        const throughput = spreadOf(
          visits.filter((visit) => visit.writers === writers).flatMap(({ result }) => recordsPerSecond(result)),
        );
        return throughput === null ? [] : [{ writers, throughput }];
      }),
    queueDepth: [
      ...(typicalOf(timed, ({ depths }) => Math.max(0, ...depths.map(({ backlog }) => backlog)))?.depths ?? []),
    ],
    ranks: noRanks,
  };
}

/** Ranks the bridges of each standing among themselves, and puts those that hold first, those that broke last. */
export function rankAll(bridges: readonly BridgeComparison[]): BridgeComparison[] {
  const ranked = (['holds', 'flawed'] as const).flatMap((standing) =>
    ranksOf(bridges.filter((bridge) => bridge.standing === standing)),
  );
  const others = bridges.filter(({ standing }) => standing === 'broke' || standing === 'unknown');
  const place = ({ standing, ranks }: BridgeComparison): number =>
    standings.indexOf(standing) * (bridges.length + 2) + (ranks.throughput?.rank ?? bridges.length + 1);
  const speed = ({ throughput }: BridgeComparison): number => throughput?.median ?? 0;
  return [...ranked, ...others].sort(
    (first, second) => place(first) - place(second) || speed(second) - speed(first) || (first.id < second.id ? -1 : 1),
  );
}

function ranksOf(bridges: readonly BridgeComparison[]): BridgeComparison[] {
  const rankBy = (
    better: 'higher' | 'lower',
    samplesOf: (bridge: BridgeComparison) => readonly number[] | undefined,
  ): ReadonlyMap<string, ComparisonRank> =>
    new Map(
      rankBridges(
        bridges.map((bridge) => ({ id: bridge.id, samples: samplesOf(bridge) ?? [] })),
        better,
      ).map(({ id, rank, tiedWith }) => [id, { rank, tiedWith: [...tiedWith] }]),
    );
  const throughput = rankBy('higher', (bridge) => bridge.throughput?.samples);
  const latencyP99 = rankBy('lower', (bridge) => bridge.latencyUs?.p99.samples);
  const loopDelayP99 = rankBy('lower', (bridge) => bridge.loopDelayMs.timed?.p99.samples);
  const memory = rankBy('lower', (bridge) => bridge.memoryMiB?.samples);
  const cpu = rankBy('lower', (bridge) => bridge.cpuSecondsPerMillion?.samples);
  return bridges.map((bridge) => ({
    ...bridge,
    ranks: {
      throughput: throughput.get(bridge.id) ?? null,
      latencyP99: latencyP99.get(bridge.id) ?? null,
      loopDelayP99: loopDelayP99.get(bridge.id) ?? null,
      memory: memory.get(bridge.id) ?? null,
      cpu: cpu.get(bridge.id) ?? null,
    },
  }));
}

/** A bridge that an article printed has known faults, even if this workload shows none of them. */
function standingOf(
  variant: Bridge['variant'],
  controlled: ControlledVerdict | null,
  stress: StressVerdict,
): BridgeStanding {
  if (stress.verdict !== 'held' || (controlled !== null && controlled.verdict !== 'held')) return 'broke';
  if (stress.rounds === 0 && controlled === null) return 'unknown';
  return variant === 'published' ? 'flawed' : 'holds';
}

function stressVerdict(results: readonly RoundResult[]): StressVerdict {
  const finished = results.filter(({ end }) => end !== 'stopped');
  const failed = finished.filter(({ end }) => end !== 'held');
  const [first] = failed;
  return {
    verdict: first === undefined || first.end === 'stopped' ? 'held' : first.end,
    rounds: finished.length,
    failedRounds: failed.length,
    batches: results.reduce((sum, { batches }) => sum + batches, 0),
    records: results.reduce((sum, { records }) => sum + records, 0),
    message: first?.message ?? null,
  };
}

/** The throughput of a round: its median batch. Batches of one process are too similar to count separately. */
function recordsPerSecond({ timed }: RoundResult): number[] {
  const milliseconds = timed?.millisecondsPerRecord.filter((each) => each > 0) ?? [];
  const spread = spreadOf(milliseconds);
  return spread === null ? [] : [1_000 / spread.median];
}

function latencyOf(rounds: readonly Float32Array[]): BridgeComparison['latencyUs'] {
  const sorted = rounds.filter((round) => round.length > 0).map((round) => [...round].sort((a, b) => a - b));
  const at = (fraction: number) => spreadOf(sorted.map((round) => quantileSorted(round, fraction)));
  const [p50, p99, p999] = [at(0.5), at(0.99), at(0.999)];
  if (p50 === null || p99 === null || p999 === null) return null;
  const all = sorted.flat().sort((a, b) => a - b);
  const percentiles = percents.map((percent) => ({ percent, us: quantileSorted(all, percent / 100) }));
  return { p50, p99, p999, percentiles, writes: all.length };
}

function loopDelayOf(delays: readonly LoopDelay[]): BridgeComparison['loopDelayMs']['timed'] {
  const p50 = spreadOf(delays.map(({ p50Ms }) => p50Ms));
  const p99 = spreadOf(delays.map(({ p99Ms }) => p99Ms));
  const maximum = spreadOf(delays.map(({ maximumMs }) => maximumMs));
  return p50 === null || p99 === null || maximum === null ? null : { p50, p99, maximum };
}

/** The entry that is the median by some measure, so that reports show neither the best nor the worst one. */
function typicalOf<Entry>(entries: readonly Entry[], measure: (entry: Entry) => number): Entry | undefined {
  return [...entries].sort((first, second) => measure(first) - measure(second))[Math.floor((entries.length - 1) / 2)];
}
