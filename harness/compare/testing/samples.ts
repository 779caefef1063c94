import { recordBridges } from 'threadmill/bridges/records';
import type { Comparison, ControlledVerdict } from '../../results/comparison-schema.js';
import { bridgeId } from '../choose-bridges.js';
import { composeBridge, rankAll, type FinishedVisit } from '../compose.js';
import { completeOptions } from '../options.js';
import { tieRule } from '../rank.js';
import type { RoundResult } from '../round-process.js';

/** The speed of each bridge of the sample, in records a second. The fastest one breaks. */
export const sampleSpeeds: Readonly<Record<string, number>> = {
  'unsynchronised:published': 4_000_000,
  'lock-pair': 1_000_000,
  'dual-queue': 50_000,
  'dual-queue:published': 60_000,
};

const heldVerdict: ControlledVerdict = {
  verdict: 'held',
  invariant: null,
  executions: 1_009,
  executionsToFind: null,
  message: null,
};
const brokenVerdict: ControlledVerdict = {
  verdict: 'violation',
  invariant: 'count',
  executions: 14,
  executionsToFind: 11,
  message: 'count does not hold at the end',
};

/** A successful round at a given speed. */
export function roundSample(recordsPerSecond: number, changes: Partial<RoundResult> = {}): RoundResult {
  const loopDelay = { p50Ms: 0.1, p99Ms: 2, maximumMs: 5 };
  return {
    end: 'held',
    message: null,
    batches: 4,
    records: 1_000,
    timed: {
      millisecondsPerRecord: [900, 1_000, 1_100].map((share) => share / recordsPerSecond),
      records: 900,
      cpuSeconds: 0.01,
      memoryMiB: 20,
      loopDelay,
      depths: [0, 5, 10].map((atMs) => ({ atMs, backlog: atMs * 3, threadQueue: atMs, loopQueue: null })),
    },
    steady: { records: 100, latenciesUs: Float32Array.from({ length: 100 }, (_, place) => place + 1), loopDelay },
    ...changes,
  };
}

/** A comparison of four bridges, as `compare` composes it. */
export function comparisonSample(changes: Partial<Comparison> = {}): Comparison {
  const bridges = recordBridges().filter((bridge) => bridgeId(bridge) in sampleSpeeds);
  const composed = bridges.map((bridge) => {
    const speed = sampleSpeeds[bridgeId(bridge)]!;
    const isBroken = bridge.name === 'unsynchronised';
    const broken: Partial<RoundResult> = { end: 'violation', message: 'reader 0: a torn record under key 1' };
    const visits = [0.9, 0.95, 1, 1.05, 1.1].map((share): FinishedVisit => {
      return { writers: 4, isMain: true, result: roundSample(speed * share, isBroken ? broken : {}) };
    });
    visits.push({ writers: 8, isMain: false, result: roundSample(speed / 2, { steady: null }) });
    return composeBridge(bridge, isBroken ? brokenVerdict : heldVerdict, visits);
  });
  return {
    schema: 'threadmill/comparison',
    version: 1,
    threadmill: '0.1.0',
    node: 'v20.0.0',
    platform: 'linux x64',
    cpus: 2,
    seed: 42,
    startedAt: '2026-01-02T03:04:05.678Z',
    durationMs: 123_456,
    options: { ...completeOptions({ bridges: [] }), bridges: bridges.map(bridgeId) },
    tieRule: { test: 'Mann-Whitney U, two-sided, exact', ...tieRule },
    interrupted: false,
    met: true,
    bridges: rankAll(composed),
    notes: [],
    ...changes,
  };
}
