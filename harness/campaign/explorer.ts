import * as fastCheck from 'fast-check';
import { writeSync } from 'node:fs';
import { ControlledEngine } from '../engine/controlled/engine.js';
import { writeRecord } from '../engine/controlled/record-channel.js';
import type { Outcome } from '../engine/outcome.js';
import { endReasons } from '../kernel/layout.js';
import type { AnyScenario } from '../scenario/any-scenario.js';
import { defaultLimits, type Limits } from '../scenario/limits.js';
import { InvalidScenario, isArbitrary, validateCount, validateScenario, validateStore } from '../scenario/validate.js';
import { PlanArbitrary } from '../schedule/plan-arbitrary.js';
import type { Plan } from '../schedule/schedule.js';
import { strategies } from '../schedule/strategies.js';
import { firstDifferentOperation } from './first-difference.js';
import { inputsArbitrary } from './inputs-arbitrary.js';
import { encodeValue } from './plan-codec.js';
import type { ExploreRequest, ExplorerRecord, ExplorerRequest, FoundFailure, ScenarioFacts } from './protocol.js';

/**
 * The process that explores: it holds one controlled engine, and does what its parent asks for, one request at a time,
 * each from a fresh macrotask. Whatever user code does to it, the parent survives and knows which execution did it.
 */

const fc = fastCheck.default;
/** Draws looked at when a scenario is loaded, to find counts out of range before anything runs. */
const loadSamples = 50;
const probeSamples = 5;
const progressEveryMs = 250;
/** Executions spent on making a counterexample smaller. */
const maximumShrinkExecutions = 20_000;
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
  engine ??= new ControlledEngine(historyCapacity);
  scenarioFile = request.file;
  let exported: unknown;
  try {
    exported = engine.load(request.compiled, fastCheck);
  } catch (error) {
    throw new InvalidScenario(
      `${request.file}: the file throws when it is evaluated: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`,
    );
  }
  const checked = validateScenario(exported, request.file);
  const given = Object.fromEntries(Object.entries(checked.limits ?? {}).filter(([, value]) => value !== undefined));
  limits = { ...defaultLimits, ...given };
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
  }
  const params = samples[0]?.params ?? {};
  validateStore(() => checked.store({ params }), request.file);
  scenario = checked;
  const facts: ScenarioFacts = {
    name: checked.name,
    expected: checked.expect ?? 'held',
    invariants: (checked.invariants ?? []).map((invariant) => invariant.name),
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

const identityOf = (outcome: Outcome): string => `${outcome.verdict} ${outcome.failure?.invariant ?? ''}`;

function explore(request: ExploreRequest): void {
  const { engine: ready, scenario: loaded } = requireScenario();
  let invocation = 0;
  let executions = 0;
  let steps = 0;
  let switches = 0;
  let target: string | undefined;
  let shrinkExecutions = 0;
  let lastFailure: Outcome | undefined;
  let lastFailureIsKnown = false;
  let lastIsKnown = false;
  let lastProgress = performance.now();

  const perform = (plan: Plan): Outcome | undefined => {
    const number = invocation++;
    const known = request.known[number];
    lastIsKnown = known !== undefined;
    if (known !== undefined) return known;
    if (request.careful) send({ kind: 'at', invocation: number });
    validateCount('writers', plan.writers, scenarioFile);
    if (loaded.readers !== undefined) validateCount('readers', plan.readers, scenarioFile);
    ready.execute(plan, number);
    steps += ready.steps;
    switches += ready.switches;
    // The first execution of every chunk is performed twice: a scenario that does what the schedule does not decide
    // is found out even where it holds.
    if (number === 0 && request.path === null && ready.endReason === endReasons.done) {
      const firstHash = ready.outcome(false).traceHash;
      ready.execute(plan, number);
      if (ready.outcome(false).traceHash !== firstHash) return whyUncontrolled(ready, plan);
    }
    return ready.endReason === endReasons.done ? undefined : ready.outcome(false);
  };

  const holds = (plan: Plan): boolean => {
    const now = performance.now();
    if (now - lastProgress > progressEveryMs) {
      lastProgress = now;
      send({ kind: 'progress', executions, shrinking: target !== undefined });
    }
    if (target === undefined) executions++;
    else if (++shrinkExecutions > maximumShrinkExecutions) return true;
    const outcome = perform(plan);
    if (outcome === undefined) return true;
    const identity = identityOf(outcome);
    target ??= identity;
    if (identity !== target) return true;
    lastFailure = outcome;
    lastFailureIsKnown = lastIsKnown;
    return false;
  };

  const arbitrary = new PlanArbitrary(inputsArbitrary(loaded), strategies[request.strategy](request.shape));
  const result = fc.check(fc.property(arbitrary, holds), {
    seed: request.seed,
    numRuns: request.executions,
    ...(request.path === null ? {} : { path: request.path, endOnFailure: true }),
    ...(request.remainingMs === null ? {} : { interruptAfterTimeLimit: request.remainingMs }),
  });
  if (lastFailure === undefined && result.errorInstance instanceof Error) throw result.errorInstance;
  const plan = result.counterexample?.[0];
  const failure: FoundFailure | null =
    plan === undefined || lastFailure === undefined
      ? null
      : {
          path: result.counterexamplePath ?? '0',
          plan,
          // What ended the process has been seen by the supervisor; performing it again would end this one.
          outcome: lastFailureIsKnown ? lastFailure : confirm(ready, plan, lastFailure, invocation),
        };
  send({
    kind: 'explored',
    executions,
    steps,
    switches,
    failure: failure === null ? null : { ...failure, plan: encodeValue(failure.plan) as unknown as Plan },
  });
}

/** Replays a failure before it is believed. */
function confirm(ready: ControlledEngine, plan: Plan, found: Outcome, invocation: number): Outcome {
  ready.execute(plan, invocation);
  const replayed = ready.outcome(true);
  return replayed.traceHash === found.traceHash ? replayed : whyUncontrolled(ready, plan);
}

/** Two executions of one plan differ: names the operation from which they do, if two more show it. */
function whyUncontrolled(ready: ControlledEngine, plan: Plan): Outcome {
  ready.execute(plan, 0);
  const first = ready.outcome(true);
  ready.execute(plan, 0);
  const second = ready.outcome(true);
  return {
    ...second,
    verdict: 'uncontrolled',
    failure: {
      verdict: 'uncontrolled',
      message: `the same schedule gave two different traces: something in the scenario is decided by neither the schedule nor the parameters. ${firstDifferentOperation(first.trace, second.trace)}`,
      step: second.steps,
    },
  };
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
      const { engine: ready } = requireScenario();
      if (request.careful) send({ kind: 'at', invocation: 0 });
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
send({ kind: 'ready' });
