import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ExecutionResult } from '../../engine/execution-result.js';
import { PlanArbitrary } from '../../schedule/plan-arbitrary.js';
import type { Plan, Schedule } from '../../schedule/schedule.js';
import { strategies } from '../../schedule/strategies.js';
import { ChunkExploration, type ExploringEngine } from './chunk-exploration.js';
import { decodeFailure, type EncodedFailure } from './found-failure.js';
import type { ExploreRequest, ExplorerReply } from './protocol.js';

const arbitrary = new PlanArbitrary(
  fc.record({
    writers: fc.integer({ min: 1, max: 4 }),
    readers: fc.constant(0),
    params: fc.record({ list: fc.array(fc.nat({ max: 100 }), { maxLength: 8 }) }),
  }),
  strategies.mix({ estimatedSteps: 20, maximumAgents: 5 }),
);

const sumOf = (plan: Plan): number => (plan.params['list'] as number[]).reduce((sum, number) => sum + number, 0);

/** An engine whose executions fail when the numbers of their list are too large together. */
class FakeEngine implements ExploringEngine {
  readonly steps = 3;
  readonly switches = 1;
  readonly hadChoice = true;
  readonly hadPoint = true;
  readonly interleaving = 1;
  executions = 0;
  #plan: Plan | undefined;
  readonly #bound: number;
  readonly #hash: (plan: Plan, execution: number) => string;
  readonly #execute: () => void;

  constructor(
    bound: number,
    hash: (plan: Plan, execution: number) => string = (plan) => JSON.stringify(plan),
    execute: () => void = () => undefined,
  ) {
    this.#bound = bound;
    this.#hash = hash;
    this.#execute = execute;
  }

  execute(plan: Plan): void {
    this.executions++;
    this.#plan = plan;
    this.#execute();
  }

  get held(): boolean {
    return sumOf(this.#plan!) < this.#bound;
  }

  decided({ walk, ...schedule }: Schedule): Schedule {
    return walk === undefined ? schedule : { ...schedule, preemptions: [{ step: (walk.seed >>> 1) % 20, to: 1 }] };
  }

  executionResult(withTrace: boolean): ExecutionResult {
    const plan = this.#plan!;
    const failed = !this.held;
    return {
      verdict: failed ? 'violation' : 'held',
      failure: failed ? { verdict: 'violation', invariant: 'small', message: 'too large' } : null,
      steps: this.steps,
      switches: this.switches,
      preemptions: 0,
      traceHash: this.#hash(plan, this.executions),
      trace: withTrace ? [{ step: 0, agent: 0, kind: 'history.read', recorded: `sum ${sumOf(plan)}` }] : [],
    };
  }
}

const request: ExploreRequest = {
  kind: 'explore',
  seed: 1,
  executions: 128,
  path: null,
  strategy: 'mix',
  shape: { estimatedSteps: 20, maximumAgents: 5 },
  remainingMs: null,
  shrinks: true,
  shrinkMs: 60_000,
  shrinkExecutions: 20_000,
  known: {},
  careful: false,
};

function explore(
  engine: FakeEngine,
  changes: Partial<ExploreRequest> = {},
  onFound: (failure: EncodedFailure) => void = () => undefined,
): { readonly chunk: ReturnType<ChunkExploration['explore']>; readonly found: EncodedFailure[] } {
  const found: EncodedFailure[] = [];
  const send = (reply: ExplorerReply): void => {
    if (reply.kind !== 'found') return;
    found.push(reply.failure);
    onFound(reply.failure);
  };
  const chunk = new ChunkExploration(engine, { ...request, ...changes }, send, () => undefined).explore(arbitrary);
  return { chunk, found };
}

const deadlySample: ExecutionResult = {
  verdict: 'hang',
  failure: { verdict: 'hang', message: 'it does not end', step: 0 },
  steps: 0,
  switches: 0,
  preemptions: 0,
  traceHash: '',
  trace: [],
};

const planOf = (encoded: EncodedFailure): Plan => decodeFailure(encoded).plan;

describe('ChunkExploration', () => {
  it('executes a plan to learn what its walk decides, unless that would end the process', () => {
    const walk = { seed: 4, weights: [], places: [], gap: 1 };
    const schedule: Schedule = { order: [], preemptions: [], choices: [], randomSeed: 0, walk };
    const plan: Plan = { ...fc.sample(arbitrary, 1)[0]!, schedule };
    const chunkOn = (engine: FakeEngine, known: ExploreRequest['known']): ChunkExploration =>
      new ChunkExploration(
        engine,
        { ...request, known },
        () => undefined,
        () => undefined,
      );
    const engine = new FakeEngine(60);
    expect(chunkOn(engine, {}).decide(plan)).toEqual(engine.decided(schedule));
    expect(engine.executions).toBe(1);
    const deadly = new FakeEngine(60);
    expect(chunkOn(deadly, { 0: deadlySample }).decide(plan)).toBeUndefined();
    expect(deadly.executions).toBe(0);
  });

  it('tells of a failure the instant it is found, with its trace, and again once replays agree', () => {
    const engine = new FakeEngine(60);
    const executionsWhenTold: number[] = [];
    const { chunk, found } = explore(engine, {}, () => executionsWhenTold.push(engine.executions));
    const [first, second] = found;
    expect(first).toMatchObject({
      confirmed: false,
      shrinkingEnded: 'interrupted',
      path: String(chunk.executions - 1),
    });
    expect(first!.executionResult.trace).not.toEqual([]);
    expect(second).toMatchObject({ confirmed: true, path: first!.path, plan: first!.plan });
    // The first execution of a chunk that holds is performed twice.
    const performed = chunk.executions + (chunk.executions > 1 ? 1 : 0);
    expect(executionsWhenTold.slice(0, 2)).toEqual([performed, performed + 5]);
  });

  it('comes to where fast-check finds it again, for any seed; on the way, what was told of fails too', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 20, max: 300 }), (seed, bound) => {
        const { chunk, found } = explore(new FakeEngine(bound), { seed });
        fc.pre(chunk.failure !== null);
        expect(chunk.failure).toMatchObject({ confirmed: true, shrinkingEnded: null });
        for (const told of found) expect(sumOf(planOf(told))).toBeGreaterThanOrEqual(bound);
        const again = explore(new FakeEngine(bound), { seed, path: chunk.failure.path, shrinks: false, executions: 1 });
        expect(again.chunk).toMatchObject({ executions: 1, failure: { plan: chunk.failure.plan } });
        // From any point at which it stopped, it continues to the same result.
        const on = explore(new FakeEngine(bound), { seed, path: found[0]!.path, executions: 1 });
        expect(on.chunk.failure).toEqual(chunk.failure);
      }),
      { numRuns: 30 },
    );
  });

  it('performs one execution of a path and no other', () => {
    const { chunk } = explore(new FakeEngine(Infinity), { path: '3:0', shrinks: false, executions: 1 });
    expect(chunk).toMatchObject({ executions: 1, failure: null });
  });

  it('has the smallest by then when its executions for shrinking are used up', () => {
    const { chunk } = explore(new FakeEngine(60), { shrinkExecutions: 10 });
    expect(chunk.failure).toMatchObject({ confirmed: true, shrinkingEnded: 'executionLimit' });
    expect(sumOf(chunk.failure!.plan)).toBeGreaterThanOrEqual(60);
  });

  it('has the smallest by then when its time for shrinking is over, replayed once', () => {
    const engine = new FakeEngine(60);
    const { chunk } = explore(engine, { shrinkMs: 0 });
    expect(chunk.failure).toMatchObject({
      confirmed: true,
      shrinkingEnded: 'timeLimit',
      path: String(chunk.executions - 1),
    });
    const performed = chunk.executions + (chunk.executions > 1 ? 1 : 0);
    expect(engine.executions).toBe(performed + 2);
  });

  it('performs one execution even if its time is over before it begins', () => {
    expect(explore(new FakeEngine(Infinity), { remainingMs: 0 }).chunk.executions).toBe(1);
  });

  it('comes again to what took an explorer down, whatever time is left', () => {
    const executionResult: ExecutionResult = {
      verdict: 'hang',
      failure: { verdict: 'hang', message: 'stuck' },
      steps: 1,
      switches: 0,
      preemptions: 0,
      traceHash: '0',
      trace: [],
    };
    const { chunk } = explore(new FakeEngine(Infinity), {
      remainingMs: 0,
      shrinkMs: 0,
      known: { 40: executionResult },
    });
    expect(chunk.failure).toMatchObject({ path: '40', executionResult, confirmed: true, shrinkingEnded: 'timeLimit' });
  });

  it('does not shrink what replays otherwise, and says that it is uncontrolled', () => {
    const engine = new FakeEngine(60, (plan, execution) => (sumOf(plan) < 60 ? 'held' : String(execution)));
    const { chunk, found } = explore(engine);
    expect(chunk.failure).toMatchObject({
      executionResult: { verdict: 'uncontrolled' },
      path: String(chunk.executions - 1),
    });
    expect(found.at(-1)!.executionResult.verdict).toBe('uncontrolled');
    expect(engine.executions).toBeLessThan(chunk.executions + 10);
  });
});

describe('what comes in the way of a chunk', () => {
  it('is thrown, also while a failure is made smaller, and is taken for no failure of the scenario', () => {
    let executions = 0;
    const engine = new FakeEngine(60, undefined, () => {
      executions++;
      if (executions > 30) throw new RangeError('out of order');
    });
    const told: EncodedFailure[] = [];
    expect(() => explore(engine, {}, (failure) => told.push(failure))).toThrow('out of order');
    expect(told.length).toBeGreaterThan(0);
    expect(executions).toBe(31);
  });
});
