import * as fastCheck from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type * as treeModule from '../../harness/exhaustive/exploration-tree.js';
import type { Direction } from '../../harness/kernel/director.js';
import { defaultLimits } from '../../harness/scenario/limits.js';
import type { Plan } from '../../harness/schedule/schedule.js';
import { inMacrotask, startBuiltEngine, type BuiltEngine } from './built-engine.js';
import { Experiment, importBuilt, scenarioText } from './experiment.js';

/*
 * Random programs of a few operations of every kind: what exploring every interleaving sees is compared with what comes of trying
 * every decision that there is, without leaving anything out.
 */

const fc = fastCheck;

const memoryStep = fc.record({
  kind: fc.constantFrom('load', 'store', 'add', 'exchange', 'plain', 'history'),
  place: fc.nat({ max: 1 }),
});
const waitingStep = fc.record({ kind: fc.constantFrom('wait', 'notify', 'notifyAll', 'timed'), place: fc.constant(0) });
const writerStep = fc.oneof(
  { weight: 5, arbitrary: memoryStep },
  { weight: 2, arbitrary: waitingStep },
  { weight: 1, arbitrary: fc.constant({ kind: 'post', place: 1 }) },
);
const readerStep = fc.oneof(
  { weight: 3, arbitrary: memoryStep },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { kind: 'pause', place: 0 },
      { kind: 'sleep', place: 0 },
      { kind: 'notifyAll', place: 0 },
    ),
  },
);
interface Step {
  readonly kind: string;
  readonly place: number;
}
type Program = readonly (readonly Step[])[];

const interpreter = scenarioText('steps', {
  before: `
    import { parentPort } from 'node:worker_threads';
    import { setTimeout as sleep } from 'node:timers/promises';
    interface Step { readonly kind: string; readonly place: number }
    function perform({ kind, place }: Step, store: Int32Array, value: number, history: { read(value: unknown): void }): void {
      if (kind === 'load') Atomics.load(store, place);
      else if (kind === 'store') Atomics.store(store, place, value);
      else if (kind === 'add') Atomics.add(store, place, 1);
      else if (kind === 'exchange') Atomics.compareExchange(store, place, 0, value);
      else if (kind === 'plain') store[place]! += 1;
      else if (kind === 'wait') Atomics.wait(store, place, 0);
      else if (kind === 'timed') Atomics.wait(store, place, 0, 5);
      else if (kind === 'notify') Atomics.notify(store, place, 1);
      else if (kind === 'notifyAll') Atomics.notify(store, place);
      else if (kind === 'post') parentPort?.postMessage(value);
      else if (kind === 'spin') for (let round = 0; round < 6 && Atomics.load(store, place) === 0; round++);
      else if (kind === 'history') history.read(value);
    }`,
  fields: `
    params: { program: fc.constant([] as readonly (readonly Step[])[]) },
    writers: {
      count: fc.constant(2),
      run({ store, index, params, history }) {
        for (const step of params.program[index + 1] ?? []) perform(step, store, index + 2, history);
      },
    },
    readers: {
      count: fc.constant(1),
      async run({ store, index, params, history, pause, workers }) {
        if (index === 0) for (const worker of workers) worker.on('message', () => void Atomics.add(store, 1, 1));
        for (const step of params.program[index === 0 ? 0 : 3] ?? []) {
          if (step.kind === 'pause') await pause();
          else if (step.kind === 'sleep') await sleep(5);
          else perform(step, store, 1, history);
        }
      },
    },`,
}).replace('import {', "import fc from 'fast-check';\nimport {");

const experiment = new Experiment();

/** Executions of a program that are tried at most; larger ones are left out. */
const mostExecutions = 4_000;

describe('exploring every interleaving', () => {
  let engine: BuiltEngine;
  let ExplorationTree: typeof treeModule.ExplorationTree;

  beforeAll(async () => {
    ({ ExplorationTree } = await importBuilt<typeof treeModule>('exhaustive/exploration-tree.js'));
    engine = await startBuiltEngine(experiment, interpreter, defaultLimits);
  });

  const planOf = (program: Program): Plan => ({
    writers: 2,
    readers: 2,
    params: { program: structuredClone(program) },
    schedule: { order: [], preemptions: [], choices: [], randomSeed: 0 },
  });

  /** Tries every decision: whoever can go on, and every choice. Undefined if there are too many. */
  const everyDecision = (plan: Plan): Set<number> | undefined => {
    const seen = new Set<number>();
    const left: Direction[] = [{ agents: [], choices: [], sleepers: [] }];
    let executions = 0;
    for (let direction = left.pop(); direction !== undefined; direction = left.pop()) {
      if (++executions > mostExecutions) return undefined;
      engine.execute(plan, 0, direction);
      const { transitions } = engine.directed;
      // An agent that could go on had nothing more to do.
      if (transitions === undefined) continue;
      seen.add(engine.interleaving);
      const agents: number[] = [];
      const choices: number[] = [];
      for (const { agent, start, candidates, offers } of transitions) {
        while (agents.length < start) agents.push(agents.at(-1) ?? agent);
        const isNew = start >= direction.agents.length;
        for (let other = 0; isNew && other < 31; other++)
          if (other !== agent && ((candidates >>> other) & 1) === 1)
            left.push({ agents: [...agents, other], choices: [...choices], sleepers: [] });
        agents.push(agent);
        for (const { count, chosen } of offers) {
          const isOpen = choices.length >= direction.choices.length;
          for (let other = chosen + 1; isOpen && other < count; other++)
            left.push({ agents: [...agents], choices: [...choices, other], sleepers: [] });
          choices.push(chosen);
        }
      }
    }
    return seen;
  };

  /** Explores every interleaving. Failures, such as deadlocks, end nothing. */
  const exhausted = (plan: Plan): Set<number> => {
    const tree = new ExplorationTree();
    const seen = new Set<number>();
    let executions = 0;
    for (let direction = tree.next(); direction !== undefined; direction = tree.next()) {
      if (++executions > mostExecutions) throw new Error('more executions than there are decisions');
      engine.execute(plan, 0, direction);
      const { transitions, isRedundant } = engine.directed;
      expect(transitions).toBeDefined();
      expect(tree.take(transitions ?? [])).toBe('explored');
      if (!isRedundant) seen.add(engine.interleaving);
    }
    return seen;
  };

  const programs = (
    writer: fastCheck.Arbitrary<Step>,
    reader: fastCheck.Arbitrary<Step>,
  ): fastCheck.Arbitrary<Program> =>
    fc.tuple(
      fc.array(reader, { maxLength: 2 }),
      fc.array(writer, { maxLength: 3 }),
      fc.array(writer, { maxLength: 3 }),
      fc.array(reader, { maxLength: 1 }),
    );

  it.each([
    ['memory', programs(memoryStep, memoryStep), 14],
    ['memory, waits, messages, tasks and time', programs(writerStep, readerStep), 20],
  ])('sees what trying every decision sees: %s', async (_, drawn, numRuns) => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(drawn, async (program) => {
        const plan = planOf(program);
        const all = await inMacrotask(() => everyDecision(plan));
        if (all === undefined) return;
        const seen = await inMacrotask(() => exhausted(plan));
        expect([...seen].sort()).toEqual([...all].sort());
        if (all.size > 1) compared++;
      }),
      { numRuns, endOnFailure: false },
    );
    expect(compared).toBeGreaterThan(10);
  });
});
