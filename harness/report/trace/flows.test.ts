import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Operation } from '../../results/schema.js';
import { findBlockedSpans, findFlows, type BlockedSpan } from './flows.js';
import type { BlockedAgent } from '../../results/failure-schema.js';
import type { OperationKind } from '../../operation-kinds.js';
import type { Address } from '../../results/operation-schema.js';
import { counterexampleSample, operationSample, portSample, wordSample } from '../testing/samples.js';

function operation(
  agent: number,
  kind: OperationKind,
  address?: Address,
  found: Partial<Operation> = {},
  line = 1,
): Omit<Operation, 'step'> {
  return {
    agent,
    kind,
    ...(address === undefined ? {} : { address }),
    ...found,
    site: { file: 'a.ts', line, column: 1 },
  };
}

const port = portSample;
const word = wordSample;
const woke = (woken: number): Partial<Operation> => ({ woken });

const flowsOf = (operations: readonly Omit<Operation, 'step'>[], firstStep = 0): (readonly [number, number])[] => {
  const trace = operations.map((given, index) => ({ ...given, step: firstStep + index }));
  return findFlows(counterexampleSample({ trace })).map(({ from, to }) => [from, to]);
};

describe('findFlows', () => {
  it('matches messages in the order of each port', () => {
    const operations = [
      operation(0, 'postMessage', port(0)),
      operation(0, 'postMessage', port(0)),
      operation(0, 'postMessage', port(2)),
      operation(2, 'message', port(3)),
      operation(1, 'message', port(1)),
      operation(1, 'message', port(1)),
    ];
    expect(flowsOf(operations)).toEqual([[0, 4], [1, 5], [2, 3]]); // prettier-ignore
    expect(flowsOf(operations, 7)).toEqual([]);
  });

  it('leads nowhere across steps that were not kept', () => {
    const message = [operation(0, 'postMessage', port(0)), operation(1, 'message', port(1))];
    const wait = [operation(1, 'Atomics.wait', word(0)), operation(0, 'Atomics.notify', word(0), woke(1))];
    const later = [operation(1, 'Atomics.wait returns', word(0), { result: 'ok' }), ...message];
    const trace = [...message, ...wait, ...later].map((given, index) => ({
      ...given,
      step: index < 4 ? index : 100 + index,
    }));
    const counterexample = counterexampleSample({ trace });
    expect(findFlows(counterexample).map(({ from, to }) => [from, to])).toEqual([[0, 1]]);
    expect(findBlockedSpans(counterexample)).toEqual([]);
  });

  it('matches nothing on a broadcast channel, whose ends have no other end', () => {
    const [from, to] = [7, 4].map((number): Address => ({ kind: 'port', port: number }));
    expect(flowsOf([operation(1, 'postMessage', from), operation(0, 'message', to)])).toEqual([]);
  });

  it('does not count what was sent to nobody', () => {
    const operations = [
      operation(0, 'postMessage', port(0), { receivers: 0 }),
      operation(0, 'postMessage', port(0)),
      operation(1, 'message', port(1)),
    ];
    expect(flowsOf(operations)).toEqual([[1, 2]]);
  });

  it('leaves out what nobody sent: an empty receive, a message that has not arrived', () => {
    expect(flowsOf([operation(1, 'message', port(1)), operation(0, 'postMessage', port(0))])).toEqual([]);
  });

  it('leads from each notification to whom it woke, first come first served', () => {
    const operations = [
      operation(1, 'Atomics.wait', word(0), { value: 0 }),
      operation(2, 'Atomics.wait', word(0), { value: 0 }),
      operation(0, 'Atomics.notify', word(0), woke(1)),
      operation(0, 'Atomics.notify', word(0), woke(1)),
      operation(2, 'Atomics.wait returns', word(0), { result: 'ok' }),
      operation(1, 'Atomics.wait returns', word(0), { result: 'ok' }),
    ];
    expect(flowsOf(operations)).toEqual([[2, 5], [3, 4]]); // prettier-ignore
  });

  it('draws nothing to who timed out, or never waited', () => {
    const operations = [
      operation(1, 'Atomics.wait', word(0), { value: 0 }),
      operation(2, 'Atomics.wait', word(0), { value: 7 }),
      operation(2, 'Atomics.load', word(0), { value: 7 }),
      operation(0, 'Atomics.notify', word(0), woke(0)),
      operation(1, 'Atomics.wait returns', word(0), { result: 'timed-out' }),
    ];
    expect(flowsOf(operations)).toEqual([]);
    expect(
      findBlockedSpans(counterexampleSample({ trace: operations.map((given, step) => ({ ...given, step })) })),
    ).toEqual([{ agent: 1, from: 0, to: 4 }]);
  });

  it('takes a wait for endless if the failure says so', () => {
    const trace = [{ ...operation(1, 'Atomics.wait', word(0), { value: 0 }), step: 0 }];
    const spansOf = (blocked: BlockedAgent): BlockedSpan[] =>
      findBlockedSpans(counterexampleSample({ trace, failure: { verdict: 'deadlock', blocked: [blocked] } }));
    expect(spansOf({ agent: 1, on: 'Atomics.wait' })).toEqual([{ agent: 1, from: 0, to: null }]);
    expect(spansOf({ agent: 0, on: 'Atomics.wait' })).toEqual([]);
    expect(spansOf({ agent: 1, on: 'promise' })).toEqual([]);
  });

  it('follows an asynchronous wait by its place in the source', () => {
    const operations = [
      operation(0, 'Atomics.waitAsync', word(0), { value: 0 }, 10),
      operation(0, 'Atomics.waitAsync', word(1), { value: 0 }, 20),
      operation(1, 'Atomics.notify', word(1), woke(1)),
      operation(0, 'Atomics.waitAsync settles', undefined, {}, 20),
    ];
    expect(flowsOf(operations)).toEqual([[2, 3]]);
  });

  it('wakes nobody who was not yet waiting', () => {
    const operations = [
      operation(0, 'Atomics.waitAsync', word(0), { value: 0 }, 10),
      operation(2, 'Atomics.notify', word(0), woke(1)),
      operation(1, 'Atomics.wait', word(0), { value: 0 }),
      operation(2, 'Atomics.notify', word(0), woke(1)),
      operation(1, 'Atomics.wait returns', word(0), { result: 'ok' }),
      operation(0, 'Atomics.waitAsync settles', undefined, {}, 10),
    ];
    expect(flowsOf(operations)).toEqual([[1, 5], [3, 4]]); // prettier-ignore
  });

  it('never leads back, nor twice to the same place, whatever the trace', () => {
    const kinds = ['postMessage', 'message', 'Atomics.wait', 'Atomics.wait returns', 'Atomics.waitAsync', 'Atomics.waitAsync settles', 'Atomics.notify'] as const; // prettier-ignore
    const anyOperation = fc.record({
      agent: fc.nat({ max: 3 }),
      kind: fc.constantFrom(...kinds),
      address: fc.oneof(fc.nat({ max: 9 }).map(port), fc.constantFrom(word(0), word(1))),
      found: fc.constantFrom<Partial<Operation>>(woke(0), woke(1), woke(2), { result: 'ok' }, { result: 'timed-out' }),
    });
    fc.assert(
      fc.property(fc.array(anyOperation, { maxLength: 60 }), (operations) => {
        const trace = operations.map(({ agent, kind, address, found }, step) =>
          operationSample(step, agent, { kind, address, ...found }),
        );
        const flows = findFlows(counterexampleSample({ trace }));
        for (const { kind, from, to } of flows) {
          expect(from).toBeLessThan(to);
          expect(trace[from]?.kind).toBe(kind === 'message' ? 'postMessage' : 'Atomics.notify');
        }
        const targets = flows.map(({ to }) => to);
        expect(new Set(targets).size).toBe(targets.length);
        for (const span of findBlockedSpans(counterexampleSample({ trace }))) {
          expect(trace.slice(span.from + 1, span.to ?? undefined).map(({ agent }) => agent)).not.toContain(span.agent);
        }
      }),
    );
  });
});
