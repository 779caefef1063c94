import fc from 'fast-check';
import { operationNames } from '../../kernel/operations.js';
import type { Counterexample, Operation } from '../../results/schema.js';
import { counterexampleSample } from './samples.js';

const agentCount = 4;

const anyOperation: fc.Arbitrary<Omit<Operation, 'step'>> = fc
  .record({
    agent: fc.nat({ max: agentCount - 1 }),
    operation: fc.constantFrom(...operationNames),
    location: fc.option(fc.constantFrom('#0[0]', '#0[1]', '#1 byte 3', 'port 0', 'port 1', 'port 6', 'reader 0')),
    value: fc.option(fc.constantFrom('0', '1', 'woke 1', 'ok', 'timed-out', '</script><b>')),
    turn: fc.option(fc.constantFrom('preemption', 'yield', 'blocked')),
    file: fc.option(fc.constantFrom('scenarios/a.scenario.ts', 'threadmill:bridges/mutex.js')),
    line: fc.integer({ min: 1, max: 30 }),
  })
  .map(({ agent, operation, location, value, turn, file, line }) => ({
    agent,
    operation,
    ...(location === null ? {} : { location }),
    ...(value === null ? {} : { value }),
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
      agents: ['readers', 'writer 0', 'writer 1', 'writer 2'],
      trace: operations.map((operation, index) => ({ ...operation, step: firstStep + index })),
      failure: {
        verdict: 'violation',
        invariant: 'count',
        message: 'An acknowledged increment was lost.',
        ...(failedStep === null ? {} : { agent, step: failedStep }),
      },
    }),
  );
