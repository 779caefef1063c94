import { agentNames } from '../../results/agent-name.js';
import type { CampaignEvent } from '../../results/events.js';
import type { Address, MemoryAddress } from '../../results/operation-schema.js';
import { runSchemaVersion, schemaVersion } from '../../results/schema.js';
import type { Counterexample, Failure, Operation, RunRecord, ScenarioResult } from '../../results/schema.js';
import { factsOf } from '../../results/operation-facts.js';

const file = 'scenarios/counter/load-then-store.scenario.ts';
const source = 'Atomics.store(store, 0, Atomics.load(store, 0) + 1);';

/** The address of a 32-bit element of a shared buffer. */
export function wordSample(element: number, buffer = 0): MemoryAddress {
  return { kind: 'memory', buffer, byteOffset: 4 * element, byteLength: 4 };
}

/** The address of a port of a channel, whose ends have the numbers 2i and 2i + 1. */
export function portSample(port: number): Address {
  return { kind: 'port', port, peer: port ^ 1 };
}

/** One operation of a trace, with its own line. */
export function operationSample(step: number, agent: number, changes: Partial<Operation> = {}): Operation {
  const defaults = {
    kind: 'Atomics.load',
    address: wordSample(0),
    site: { file, line: 14, column: 30 },
    source,
  } as const;
  const isAccess = changes.kind === undefined || factsOf({ kind: changes.kind }).access !== undefined;
  return { step, agent, ...defaults, ...(isAccess ? { value: 0 } : {}), ...changes };
}

const lostUpdate: readonly Operation[] = [
  operationSample(0, 1),
  operationSample(1, 2, { turn: 'preemption' }),
  operationSample(2, 2, { kind: 'Atomics.store', value: 1, site: { file, line: 14, column: 7 } }),
  operationSample(3, 1, {
    kind: 'Atomics.store',
    value: 1,
    site: { file, line: 14, column: 7 },
    turn: 'blocked',
  }),
  operationSample(4, 0, {
    value: 1,
    site: { file, line: 22, column: 20 },
    source: 'history.read(Atomics.load(store, 0));',
    turn: 'blocked',
  }),
];

/** A counterexample as an engine would give it: two writers lose one of two increments. */
export function counterexampleSample(changes: Partial<Counterexample> = {}): Counterexample {
  return {
    schema: 'threadmill/counterexample',
    version: schemaVersion,
    scenario: { name: 'counter: load then store', file },
    failure: {
      verdict: 'violation',
      invariant: 'count',
      message: 'An acknowledged increment was lost.',
      expected: '2',
      found: '1',
      agent: 0,
      step: 4,
    },
    writers: 2,
    readers: 1,
    params: { increments: 1 },
    schedule: { order: [1], preemptions: [{ step: 1, to: 0 }], choices: [], randomSeed: 0 },
    preemptions: 1,
    steps: 5,
    traceHash: '5f0c3a9be1d2',
    seed: 42,
    path: '3:0:1',
    agents: agentNames(changes.writers ?? 2),
    trace: [...lostUpdate],
    ...changes,
  };
}

/** The failure of an assertion whose values take several lines. */
export const assertionFailureSample: Failure = {
  verdict: 'violation',
  invariant: 'after',
  message: 'they differ',
  expected: '{ a: 1, b: 2 }',
  found: '{ a: 1, b: 3 }',
  assertion: {
    difference: [
      { side: 'omitted', text: '7 lines' },
      { side: 'both', text: '  a: 1,' },
      { side: 'expected', text: '  b: 2' },
      { side: 'found', text: '  b: 3' },
    ],
  },
};

/** The result of a scenario. By default it found the sample above, although it was expected to hold. */
export function scenarioResultSample(changes: Partial<ScenarioResult> = {}): ScenarioResult {
  const { params, writers, readers, preemptions, steps, traceHash, failure } = counterexampleSample();
  return {
    name: 'counter: load then store',
    file,
    expected: 'held',
    verdict: 'violation',
    invariant: 'count',
    met: false,
    executions: 120,
    executionsPerSecond: 24_000,
    schedulingPoints: 4_800,
    switches: 600,
    durationMs: 5,
    executionsToFind: 3,
    path: '3:0:1',
    counterexample: {
      params,
      writers,
      readers,
      preemptions,
      steps,
      traceHash,
      failure,
      file: 'results/corpus/counter-load-then-store--count--0a1b2c3d.json',
    },
    notes: [],
    stress: null,
    ...changes,
  };
}

/** A scenario that held, as expected. */
export function heldResultSample(changes: Partial<ScenarioResult> = {}): ScenarioResult {
  return scenarioResultSample({
    name: 'counter: Atomics.add',
    file: 'scenarios/counter/add.scenario.ts',
    verdict: 'held',
    invariant: null,
    met: true,
    executions: 2_000,
    durationMs: 83,
    executionsToFind: null,
    path: null,
    counterexample: null,
    ...changes,
  });
}

/** A scenario whose run was interrupted before anything was found. */
export function interruptedResultSample(changes: Partial<ScenarioResult> = {}): ScenarioResult {
  return heldResultSample({ verdict: 'interrupted', met: false, executions: 12, ...changes });
}

/** The record of a run with these results. */
export function runRecordSample(scenarios: readonly ScenarioResult[], changes: Partial<RunRecord> = {}): RunRecord {
  return {
    schema: 'threadmill/run',
    version: runSchemaVersion,
    threadmill: '0.1.0',
    node: '20.19.0',
    platform: 'linux-x64',
    cpus: 2,
    seed: 42,
    startedAt: '2026-01-02T03:04:05.678Z',
    durationMs: 1_234,
    options: {
      engine: 'controlled',
      files: [],
      runs: 2_000,
      budgetMs: null,
      strategy: 'mix',
      repeat: 1,
      shard: null,
      path: null,
    },
    interrupted: false,
    met: scenarios.every((result) => result.met),
    scenarios: [...scenarios],
    ...changes,
  };
}

/** The events of a run with these results. */
export function eventsSample(
  results: readonly ScenarioResult[],
  counterexample: Counterexample = counterexampleSample(),
): CampaignEvent[] {
  return [
    { kind: 'runStarted', seed: 42, scenarios: results.length, explorers: 2, endsInMs: null },
    ...results.flatMap((result): CampaignEvent[] => [
      { kind: 'scenarioStarted', name: result.name, file: result.file, plannedExecutions: 2_000 },
      { kind: 'progress', name: result.name, executions: 100, executionsPerSecond: 24_000, phase: 'exploring' },
      { kind: 'scenarioFinished', result, counterexample: result.counterexample === null ? null : counterexample },
    ]),
    { kind: 'runFinished', record: runRecordSample(results), recordFile: 'results/runs/2026-01-02T03-04-05Z-42.json' },
  ];
}
