import * as fastCheck from 'fast-check';
import { writeSync } from 'node:fs';
import { describeThrown, thrownMessage } from '../../describe-thrown.js';
import { ControlledEngine } from '../../engine/controlled/engine.js';
import { presentAsProgram, showsOutput } from '../../engine/command-line.js';
import { RealmGuard } from '../../engine/controlled/realm-guard.js';
import { connectOutput } from '../../engine/controlled/program-output.js';
import { writeReply } from '../../engine/reply-channel.js';
import { UnfinishedModule } from '../../engine/unfinished-module.js';
import { invariantsOf, type AnyScenario } from '../../scenario/any-scenario.js';
import { defaultName } from '../../scenario/default-name.js';
import { defaultLimits, type Limits } from '../../scenario/limits.js';
import {
  InvalidScenario,
  isArbitrary,
  validateCount,
  validateParams,
  validateStore,
} from '../../scenario/validate-draws.js';
import { PlanArbitrary, type PlanInputs } from '../../schedule/plan-arbitrary.js';
import { typedArrayPrototype } from '../../instrument/shared-views.js';
import { gapFactor } from '../../schedule/parts.js';
import { ProfileBuilder } from '../../schedule/profile.js';
import type { Plan, Walk } from '../../schedule/schedule.js';
import { strategies } from '../../schedule/strategies.js';
import type { prepareTestProgram as PrepareTestProgram } from '../../test-files/make-program.js';
import type { CollectedTest } from '../../test-files/test-world.js';
import { planProblem } from './check-plan.js';
import { ChunkExploration } from './chunk-exploration.js';
import { combinationsOf } from './combinations.js';
import { divide, emptyPart, Exhaustion } from './exhaust-part.js';
import { encodeFailure } from './found-failure.js';
import { inputsArbitrary } from './inputs-arbitrary.js';
import {
  randomProbe,
  simplestProbe,
  type ExhaustRequest,
  type ExploreRequest,
  type ExplorerReply,
  type ExplorerRequest,
  type ScenarioFacts,
} from './protocol.js';

/**
 * The explorer: it holds one controlled engine, and handles its parent's requests, one at a time, each in a new macrotask.
 * Whatever user code does to it, the parent survives and knows which execution did it.
 */

const fc = fastCheck.default;
/** Number of draws examined when a scenario is loaded, to find counts out of range before anything runs. */
const loadSamples = 50;
const probeSamples = 5;
/** Operations of one execution that the probe looks at, and those of all executions after which it ends. */
const probedOperations = 65_536;
const probedSteps = 20_000;
const simplestSchedule = { order: [], preemptions: [], choices: [], randomSeed: 0 };

const send = (reply: ExplorerReply): void => {
  writeReply(writeSync, reply);
};

/** The largest `limits.historyEvents`; memory for it is reserved, but not used until events fill it. */
const historyCapacity = 1_000_000;
/** How many changes of the realm a message names. */
const namedChanges = 5;

const showOutput = showsOutput();
// Started before the first request, so that a process kept in reserve is ready to work.
const engine = new ControlledEngine(historyCapacity, showOutput);
/** The state of the realm before the first scenario; undefined if it was not requested. */
let untouched: RealmGuard | undefined;
let scenario: AnyScenario | undefined;
let limits: Limits = defaultLimits;
/** Of the scenario's inputs, once they are needed. */
let combinations: readonly PlanInputs[] | 'many' | undefined;
let exhaustion: Exhaustion | undefined;
let scenarioFile = '';

function requireScenario(): AnyScenario {
  if (scenario === undefined) throw new Error('no scenario is loaded');
  return scenario;
}

/** What the scenario has changed in the realm. Works even in a realm in which nothing else does. */
const realmChanges = (): string[] => untouched?.changes(namedChanges) ?? engine.realmChanges(namedChanges);

/** What is loaded only by processes that need it, because it takes long. */
interface LoadedOnDemand {
  readonly validateScenario?: (exported: unknown, file: string) => AnyScenario;
  readonly prepareTestProgram?: typeof PrepareTestProgram;
}

type LoadRequest = Extract<ExplorerRequest, { kind: 'load' }>;

function load(request: LoadRequest, { validateScenario, prepareTestProgram }: LoadedOnDemand): void {
  presentAsProgram(request.compiled.file);
  if (request.inspect) untouched ??= new RealmGuard([], 'everything');
  scenarioFile = request.file;
  let exported: unknown;
  let tests: readonly CollectedTest[] | undefined;
  try {
    exported = engine.load(
      request.compiled,
      fastCheck,
      () => {
        // The engine itself puts different functions there for each scenario.
        untouched?.renew([typedArrayPrototype, DataView.prototype, Error, process, Object, Reflect]);
      },
      request.tests === undefined
        ? undefined
        : prepareTestProgram?.(request.tests.library, request.tests.selection, (found) => {
            tests = found;
          }),
    );
  } catch (error) {
    if (error instanceof UnfinishedModule) throw new InvalidScenario(error.message);
    throw new InvalidScenario(
      `${request.file}: the file throws when it is evaluated: ${thrownMessage(describeThrown(error))}`,
    );
  }
  const changes = realmChanges();
  const isOfTests = request.tests !== undefined;
  const checked = (isOfTests ? undefined : validateScenario?.(exported, request.file)) ?? (exported as AnyScenario);
  const { external = [] } = checked;
  if (!isOfTests && external.join() !== request.compiled.external.join()) {
    throw new InvalidScenario(
      `${request.file}: external: found a list that is made when the file is evaluated, expected literal names written out in the scenario, as in external: ['name']`,
    );
  }
  limits = { ...defaultLimits, ...checked.limits };
  if (limits.historyEvents > historyCapacity) {
    throw new InvalidScenario(
      `${request.file}: limits.historyEvents: found ${limits.historyEvents}, expected at most ${historyCapacity}`,
    );
  }
  engine.configure(limits);
  const samples = fc.sample(inputsArbitrary(checked), { numRuns: loadSamples, seed: 0 });
  for (const sample of samples) {
    if (isArbitrary(checked.writers?.count)) validateCount('writers', sample.writers, request.file);
    if (isArbitrary(checked.readers?.count)) validateCount('readers', sample.readers, request.file);
    validateParams(sample.params, request.file);
  }
  const sample = samples[0] ?? { params: {}, writers: 1, readers: 0 };
  const storeCopy = validateStore(() => checked.store?.(sample), request.file);
  scenario = checked;
  combinations = undefined;
  exhaustion = undefined;
  if (request.tests?.selection.test === null) {
    engine.execute({ ...sample, schedule: simplestSchedule }, 0);
    const { failure } = engine.executionResult(false);
    if (failure !== null)
      throw new InvalidScenario(
        `${request.file}: its tests cannot be collected: ${failure.message ?? failure.verdict}`,
      );
  }
  const facts: ScenarioFacts = {
    name: checked.name ?? defaultName(request.file),
    expected: checked.expect ?? 'held',
    invariants: invariantsOf(checked).map((invariant) => invariant.name),
    limits,
    freshPackages: checked.freshPackages ?? [],
    storeCopy,
    maximumWriters: Math.max(...samples.map((sample) => sample.writers)),
    realmChanges: changes,
    ...(tests === undefined ? {} : { tests }),
  };
  send({ kind: 'loaded', facts });
}

/**
 * Measures what executions are like, with fixed draws under the simplest schedule and then under random ones: the same result on every
 * machine, every time.
 */
function probe(randomSchedules: number): void {
  const loaded = requireScenario();
  const builder = new ProfileBuilder();
  let steps = 0;
  const execute = (plan: Plan, invocation: number): void => {
    engine.execute(plan, invocation);
    builder.add(engine.profiled(probedOperations), engine.steps, engine.agents - 1 - plan.writers);
    if (invocation === randomProbe) steps += engine.steps;
  };
  const samples = fc.sample(inputsArbitrary(loaded), { numRuns: probeSamples + randomSchedules, seed: 1 });
  for (const [index, inputs] of samples.entries()) {
    if (index < probeSamples) {
      execute({ ...inputs, schedule: simplestSchedule }, simplestProbe);
      continue;
    }
    if (steps > probedSteps) break;
    const walk = probingWalk(index, builder.estimatedSteps);
    execute({ ...inputs, schedule: { ...simplestSchedule, walk } }, randomProbe);
    // What fails so soon needs no better profile, and should be reported.
    if (!engine.held) break;
  }
  send({ kind: 'probed', profile: builder.profile() });
}

const probingWalk = (index: number, estimatedSteps: number): Walk => ({
  seed: Math.imul(index, 0x9e3779b1),
  weights: [],
  places: [],
  gap: (1 + (index % 3)) * gapFactor({ estimatedSteps }),
});

function inputsOf(loaded: AnyScenario): readonly PlanInputs[] | 'many' {
  return (combinations ??= combinationsOf(loaded) ?? 'many');
}

function exhaust({ from, preemptions, executions, partMs, withState }: ExhaustRequest): void {
  const loaded = requireScenario();
  const inputs = inputsOf(loaded);
  if (inputs === 'many') {
    send({ kind: 'exhausted', part: emptyPart, tree: null, combinations: null });
    return;
  }
  if (from !== null) {
    const check = (plan: Plan): void => {
      checkCounts(loaded, plan);
    };
    const tree = from.tree ?? undefined;
    exhaustion = new Exhaustion(engine, inputs[from.combination]!, preemptions ?? Infinity, check, tree);
  }
  if (exhaustion === undefined) throw new Error('no exploration has begun');
  const endsAtMs = performance.now() + partMs;
  const part = exhaustion.explore((done) => done >= executions || performance.now() >= endsAtMs);
  send({ kind: 'exhausted', part, tree: withState ? exhaustion.tree : null, combinations: inputs.length });
}

function divideCombination(combination: number, shares: number): void {
  const inputs = inputsOf(requireScenario());
  if (inputs === 'many') throw new Error('there is nothing to divide');
  send({ kind: 'divided', ...divide(engine, inputs[combination]!, shares) });
}

function checkCounts(loaded: AnyScenario, plan: Plan): void {
  if (loaded.writers !== undefined) validateCount('writers', plan.writers, scenarioFile);
  if (loaded.readers !== undefined) validateCount('readers', plan.readers, scenarioFile);
}

function explore(request: ExploreRequest): void {
  const loaded = requireScenario();
  const chunk = new ChunkExploration(engine, request, send, (plan) => {
    checkCounts(loaded, plan);
  });
  const { given } = request;
  const { schedule, ...inputs } = given ?? {};
  const arbitrary = new PlanArbitrary(
    given === undefined ? inputsArbitrary(loaded) : fc.constant(inputs as PlanInputs),
    schedule === undefined ? strategies[request.strategy](request.shape) : fc.constant(schedule),
    {
      startedWorkers: request.shape.startedWorkers ?? 0,
      decide: (plan) => chunk.decide(plan),
    },
  );
  const { failure, ...explored } = chunk.explore(arbitrary);
  send({ kind: 'explored', ...explored, failure: failure === null ? null : encodeFailure(failure) });
}

function handle(request: ExplorerRequest, onDemand: LoadedOnDemand): void {
  switch (request.kind) {
    case 'load':
      load(request, onDemand);
      break;
    case 'probe':
      probe(request.randomSchedules);
      break;
    case 'explore':
      explore(request);
      break;
    case 'exhaust':
      exhaust(request);
      break;
    case 'divide':
      divideCombination(request.combination, request.shares);
      break;
    case 'replay': {
      const loaded = requireScenario();
      const problem = planProblem(request.plan, loaded);
      if (problem !== undefined) {
        send({ kind: 'refused', problem });
        break;
      }
      engine.execute(request.plan, 0);
      send({ kind: 'replayed', executionResult: engine.executionResult(request.withTrace) });
      break;
    }
  }
}

// A scenario may have removed these by the time they are needed.
const { setImmediate } = globalThis;
const killThisProcess = process.kill.bind(process, process.pid, 'SIGKILL');

/** Reports why a request failed, in a realm restored as far as possible. */
function sayWhy(error: unknown): void {
  const changes = realmChanges();
  untouched?.restore();
  engine.restoreRealm();
  if (error instanceof InvalidScenario) {
    const also = changes.length === 0 ? '' : `; evaluating the file changes ${changes.join(', ')}`;
    send({ kind: 'invalid', message: error.message + also });
  } else {
    const thrown = describeThrown(error);
    send({ kind: 'broken', message: thrown.stack ?? thrownMessage(thrown), realmChanges: changes });
  }
}

/** Handles a request on a stack without a microtask, so that microtasks can be drained. */
function serve(request: ExplorerRequest, onDemand: LoadedOnDemand = {}): void {
  setImmediate(() => {
    try {
      handle(request, onDemand);
    } catch (error) {
      try {
        sayWhy(error);
      } catch {
        // Not even that works. The parent waits for an answer, so it must be told somehow.
        killThisProcess();
      }
    }
  });
}

process.on('message', (request: ExplorerRequest) => {
  // Only processes that inspect files, or run tests, need these, and they take long to load.
  if (request.kind === 'load' && request.tests !== undefined) {
    void import('../../test-files/make-program.js').then((onDemand) => {
      serve(request, onDemand);
    });
  } else if (request.kind === 'load' && request.inspect) {
    void import('../../scenario/validate.js').then((onDemand) => {
      serve(request, onDemand);
    });
  } else serve(request);
});
process.on('disconnect', () => {
  process.exit();
});
// Ctrl-C reaches the whole process group; the parent decides when to stop.
process.on('SIGINT', () => undefined);
if (showOutput) connectOutput();
send({ kind: 'ready' });
