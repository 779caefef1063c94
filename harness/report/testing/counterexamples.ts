import fc from 'fast-check';
import { operationKinds } from '../../operation-kinds.js';
import type { Address } from '../../results/operation-schema.js';
import { agentNames } from '../../results/agent-name.js';
import type { Counterexample, Operation } from '../../results/schema.js';
import { counterexampleSample, portSample, wordSample } from './samples.js';

const agentCount = 4;

const anyOperation: fc.Arbitrary<Omit<Operation, 'step'>> = fc
  .record({
    agent: fc.nat({ max: agentCount - 1 }),
    kind: fc.constantFrom(...operationKinds),
    address: fc.option(
      fc.constantFrom<Address>(
        wordSample(0),
        wordSample(1),
        { kind: 'memory', buffer: 1, byteOffset: 3, byteLength: 2 },
        portSample(0),
        portSample(1),
        { kind: 'port', port: 6 },
        { kind: 'reader', reader: 0 },
      ),
    ),
    values: fc.constantFrom<Partial<Operation>>(
      {},
      { value: 0 },
      { value: 'NaN' },
      { woken: 1 },
      { result: 'ok' },
      { result: 'timed-out' },
      { receivers: 0 },
      { recorded: '</script><b>' },
    ),
    turn: fc.option(fc.constantFrom('preemption', 'yield', 'blocked')),
    file: fc.option(fc.constantFrom('scenarios/a.scenario.ts', 'threadmill:bridges/mutex.js')),
    line: fc.integer({ min: 1, max: 30 }),
  })
  .map(({ agent, kind, address, values, turn, file, line }) => ({
    agent,
    kind,
    ...(address === null ? {} : { address }),
    ...values,
    ...(turn === null ? {} : { turn }),
    ...(file === null ? {} : { site: { file, line, column: 1 }, source: `line(${line});` }),
  }));

/** A counterexample with any operations in any order, whether or not a program could perform them. */
export const anyCounterexample: fc.Arbitrary<Counterexample> = fc
  .record({
    operations: fc.array(anyOperation, { maxLength: 50 }),
    firstStep: fc.constantFrom(0, 0, 7),
    failedStep: fc.option(fc.nat({ max: 60 })),
    agent: fc.nat({ max: agentCount - 1 }),
  })
  .map(({ operations, firstStep, failedStep, agent }) =>
    counterexampleSample({
      writers: agentCount - 1,
      agents: agentNames(agentCount - 1),
      trace: operations.map((operation, index) => ({ ...operation, step: firstStep + index })),
      failure: {
        verdict: 'violation',
        invariant: 'count',
        message: 'An acknowledged increment was lost.',
        ...(failedStep === null ? {} : { agent, step: failedStep }),
      },
    }),
  );
