import { randomInt } from 'node:crypto';
import process from 'node:process';
import type { Bridge } from 'threadmill/bridges/records';
import { defaultExplorers } from '../campaign/controlled/host.js';
import {
  comparisonSchemaVersion,
  type Comparison,
  type ComparisonOptions,
  type ControlledVerdict,
} from '../results/comparison-schema.js';
import { threadmillVersion } from '../version.js';
import { bridgeId, chooseBridges } from './choose-bridges.js';
import { composeBridge, rankAll, type FinishedVisit } from './compose.js';
import { exploreBridges } from './controlled/verdicts.js';
import { completeOptions, type ComparisonRequest } from './options.js';
import { planVisits, type Visit } from './plan.js';
import { tieRule } from './rank.js';
import { performRound } from './round-process.js';
import type { RoundTask } from './round/task.js';

/** The progress of a comparison. */
export interface CompareProgress {
  readonly phase: 'exploring' | 'measuring';
  /** The bridge that is being measured. */
  readonly id: string;
  /** The finished part of the whole comparison, from 0 to 1. */
  readonly share: number;
  /** In words. */
  readonly detail: string;
}

export interface CompareSurroundings {
  /** A 32-bit integer. It decides the order of the rounds and the explored schedules. Default: a fresh one. */
  readonly seed?: number | undefined;
  /** Ends the comparison early. Finished rounds are kept. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: CompareProgress) => void) | undefined;
}

const maximumSeed = 0x7fffffff;
/** A bridge that hung or crashed this often is not tried again. */
const maximumFailures = 2;
/** How long to wait for late records of a bridge that lost some. */
const quietMs = 100;
/** How long a process takes to start, for estimates of the length of a round. */
const startMs = 500;

/** As `compare` does. */
export type Compare = (request: ComparisonRequest, surroundings?: CompareSurroundings) => Promise<Comparison>;

/**
 * Puts one workload through bridges that carry records, and measures whether each holds and what it costs.
 *
 * @throws UsageError for invalid options or an unknown bridge, before anything is run
 * @throws HarnessError if the harness itself failed
 */
export async function compare(
  request: ComparisonRequest,
  {
    seed = randomInt(maximumSeed),
    signal = new AbortController().signal,
    onProgress = () => undefined,
  }: CompareSurroundings = {},
): Promise<Comparison> {
  const bridges = chooseBridges(request.bridges);
  const options: ComparisonOptions = { ...completeOptions(request), bridges: bridges.map(bridgeId) };
  const startedAt = new Date();
  const started = performance.now();
  const visits = planVisits(bridges, { ...options, seed });
  const exploringShare = (options.controlledMs * bridges.length) / plannedMs(options, visits);

  let explored = 0;
  const controlled =
    options.controlledMs === 0
      ? new Map<string, ControlledVerdict>()
      : await exploreBridges(bridges, {
          budgetMs: options.controlledMs,
          seed,
          signal,
          onProgress: (id, executions) => {
            if (executions === 0) explored++;
            const share = (exploringShare * (explored - 1)) / bridges.length;
            onProgress({ phase: 'exploring', id, share, detail: `${executions} executions` });
          },
        });

  const finished = new Map<string, FinishedVisit[]>(options.bridges.map((id) => [id, []]));
  const notes: string[] = [];
  let roundStartedAtMs = performance.now();
  for (const [index, { bridge, writers, isMain }] of visits.entries()) {
    if (signal.aborted) break;
    if (index % bridges.length === 0) {
      const nowMs = performance.now();
      const isTimeUp = index > 0 && nowMs - started + (nowMs - roundStartedAtMs) > options.budgetMs;
      if (isTimeUp) {
        const done = index / bridges.length;
        notes.push(`time ran out after ${done} of ${visits.length / bridges.length} rounds; raise --budget for more`);
        break;
      }
      roundStartedAtMs = nowMs;
    }
    const id = bridgeId(bridge);
    const before = finished.get(id)!;
    if (before.filter(({ result }) => result.end === 'hang' || result.end === 'crash').length >= maximumFailures)
      continue;
    const detail = `process ${index + 1} of ${visits.length}, ${writers} writers`;
    const share = exploringShare + (1 - exploringShare) * (index / visits.length);
    const tell = (): void => onProgress({ phase: 'measuring', id, share, detail });
    tell();
    const result = await performRound(taskOf(options, bridge, writers, isMain), options, signal, tell);
    // A round that the user interrupted says nothing about the bridge.
    if (result.end !== 'stopped') before.push({ writers, isMain, result });
  }
  for (const [id, all] of finished) {
    const failures = all.filter(({ result }) => result.end === 'hang' || result.end === 'crash');
    if (failures.length >= maximumFailures)
      notes.push(`${id}: given up after ${failures.length} processes hung or crashed`);
  }

  const composed = rankAll(
    bridges.map((bridge) =>
      composeBridge(bridge, controlled.get(bridgeId(bridge)) ?? null, finished.get(bridgeId(bridge)) ?? []),
    ),
  );
  return {
    schema: 'threadmill/comparison',
    version: comparisonSchemaVersion,
    threadmill: threadmillVersion(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpus: defaultExplorers(),
    seed,
    startedAt: startedAt.toISOString(),
    durationMs: Math.round(performance.now() - started),
    options,
    tieRule: { test: 'Mann-Whitney U, two-sided, exact', ...tieRule },
    interrupted: signal.aborted,
    met: !signal.aborted && composed.every(({ variant, standing }) => variant === 'published' || standing === 'holds'),
    bridges: composed,
    notes,
  };
}

function taskOf(options: ComparisonOptions, { name, variant }: Bridge, writers: number, isMain: boolean): RoundTask {
  const { readers, readEveryMs, payloadWords, keys, queueCapacity, ratePerSecond, burst, heapMiB } = options;
  const { batchMs, warmups, batches, records, steadyMs, steadyRatePerSecond } = options;
  return {
    bridge: name,
    variant,
    writers,
    workload: { readers, readEveryMs, payloadWords, keys, queueCapacity },
    timed: { batch: { ratePerSecond, burst, durationMs: batchMs }, warmups, batches, records },
    steady:
      isMain && steadyMs > 0
        ? { ratePerSecond: ratePerSecond ?? steadyRatePerSecond, burst, durationMs: steadyMs }
        : null,
    heapMiB,
    quietMs,
  };
}

function plannedMs(options: ComparisonOptions, visits: readonly Visit<Bridge>[]): number {
  const { controlledMs, batchMs, warmups, batches, steadyMs, bridges } = options;
  const timedMs = startMs + batchMs * (warmups + batches);
  const measuringMs = visits.reduce((sum, { isMain }) => sum + timedMs + (isMain ? steadyMs : 0), 0);
  return Math.max(1, controlledMs * bridges.length + measuringMs);
}
