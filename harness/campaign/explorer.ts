import * as fastCheck from 'fast-check';
import { writeSync } from 'node:fs';
import { describeThrown, thrownMessage } from '../describe-thrown.js';
import { ControlledEngine } from '../engine/controlled/engine.js';
import { presentAsProgram, showsOutput } from '../engine/command-line.js';
import { connectOutput } from '../engine/controlled/program-output.js';
import { writeRecord } from '../engine/record-channel.js';
import { invariantsOf, type AnyScenario } from '../scenario/any-scenario.js';
import { defaultLimits, type Limits } from '../scenario/limits.js';
import {
  InvalidScenario,
  isArbitrary,
  validateCount,
  validateParams,
  validateScenario,
  validateStore,
} from '../scenario/validate.js';
import { PlanArbitrary } from '../schedule/plan-arbitrary.js';
import { strategies } from '../schedule/strategies.js';
import { planProblem } from './check-plan.js';
import { ChunkExploration, encodeFailure } from './chunk-exploration.js';
import { inputsArbitrary } from './inputs-arbitrary.js';
import type { ExploreRequest, ExplorerRecord, ExplorerRequest, ScenarioFacts } from './protocol.js';

/**
 * The process that explores: it holds one controlled engine, and does what its parent asks for, one request at a time,
 * each from a fresh macrotask. Whatever user code does to it, the parent survives and knows which execution did it.
 */

const fc = fastCheck.default;
/** Draws looked at when a scenario is loaded, to find counts out of range before anything runs. */
const loadSamples = 50;
const probeSamples = 5;
const simplestSchedule = { order: [], preemptions: [], choices: [], randomSeed: 0 };

const send = (record: ExplorerRecord): void => {
  writeRecord(writeSync, record);
};

let engine: ControlledEngine | undefined;
let scenario: AnyScenario | undefined;
let limits: Limits = defaultLimits;
let scenarioFile = '';

function requireScenario(): { readonly engine: ControlledEngine; readonly scenario: AnyScenario } {
  if (engine === undefined || scenario === undefined) throw new Error('no scenario is loaded');
  return { engine, scenario };
}

function load(request: Extract<ExplorerRequest, { kind: 'load' }>): void {
  engine ??= new ControlledEngine(historyCapacity, showOutput);
  presentAsProgram(request.compiled.file);
  scenarioFile = request.file;
  let exported: unknown;
  try {
    exported = engine.load(request.compiled, fastCheck);
  } catch (error) {
    throw new InvalidScenario(
      `${request.file}: the file throws when it is evaluated: ${thrownMessage(describeThrown(error))}`,
    );
  }
  const checked = validateScenario(exported, request.file);
  limits = { ...defaultLimits, ...checked.limits };
  if (limits.historyEvents > historyCapacity) {
    throw new InvalidScenario(
      `${request.file}: limits.historyEvents: found ${String(limits.historyEvents)}, expected at most ${String(historyCapacity)}`,
    );
  }
  engine.configure(limits);
  const samples = fc.sample(inputsArbitrary(checked), { numRuns: loadSamples, seed: 0 });
  for (const sample of samples) {
    if (isArbitrary(checked.writers.count)) validateCount('writers', sample.writers, request.file);
    if (isArbitrary(checked.readers?.count)) validateCount('readers', sample.readers, request.file);
    validateParams(sample.params, request.file);
  }
  const sample = samples[0] ?? { params: {}, writers: 1, readers: 0 };
  validateStore(() => checked.store(sample), request.file);
  scenario = checked;
  const facts: ScenarioFacts = {
    name: checked.name,
    expected: checked.expect ?? 'held',
    invariants: invariantsOf(checked).map((invariant) => invariant.name),
    limits,
    freshPackages: checked.freshPackages ?? [],
    maximumWriters: Math.max(...samples.map((sample) => sample.writers)),
  };
  send({ kind: 'loaded', facts });
}

/** The largest `limits.historyEvents`; the memory is only reserved, not used, until events fill it. */
const historyCapacity = 1_000_000;

/** Measures how long executions are, with fixed draws under the simplest schedule: the same for everybody, every time. */
function probe(): void {
  const { engine: ready, scenario: loaded } = requireScenario();
  let longest = 1;
  for (const inputs of fc.sample(inputsArbitrary(loaded), { numRuns: probeSamples, seed: 1 })) {
    ready.execute({ ...inputs, schedule: simplestSchedule }, 0);
    longest = Math.max(longest, ready.steps);
  }
  send({ kind: 'probed', estimatedSteps: longest });
}

function explore(request: ExploreRequest): void {
  const { engine: ready, scenario: loaded } = requireScenario();
  const chunk = new ChunkExploration(ready, request, send, (plan) => {
    validateCount('writers', plan.writers, scenarioFile);
    if (loaded.readers !== undefined) validateCount('readers', plan.readers, scenarioFile);
  });
  const arbitrary = new PlanArbitrary(inputsArbitrary(loaded), strategies[request.strategy](request.shape));
  const { executions, steps, switches, failure } = chunk.explore(arbitrary);
  send({ kind: 'explored', executions, steps, switches, failure: failure === null ? null : encodeFailure(failure) });
}

function handle(request: ExplorerRequest): void {
  switch (request.kind) {
    case 'load':
      load(request);
      break;
    case 'probe':
      probe();
      break;
    case 'explore':
      explore(request);
      break;
    case 'replay': {
      const { engine: ready, scenario: loaded } = requireScenario();
      const problem = planProblem(request.plan, loaded);
      if (problem !== undefined) {
        send({ kind: 'refused', problem });
        break;
      }
      ready.execute(request.plan, 0);
      send({ kind: 'replayed', outcome: ready.outcome(request.withTrace) });
      break;
    }
  }
}

process.on('message', (request: ExplorerRequest) => {
  // Draining microtasks needs a stack without any, and the message's own callback is no such place on every Node.
  setImmediate(() => {
    try {
      handle(request);
    } catch (error) {
      if (error instanceof InvalidScenario) send({ kind: 'invalid', message: error.message });
      else send({ kind: 'broken', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
});
process.on('disconnect', () => {
  process.exit();
});
// Ctrl-C reaches the whole process group; when to stop is the parent's decision.
process.on('SIGINT', () => undefined);
const showOutput = showsOutput();
if (showOutput) connectOutput();
send({ kind: 'ready' });
