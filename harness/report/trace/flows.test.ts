import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Operation } from '../../results/schema.js';
import { findBlockedSpans, findFlows, type BlockedSpan } from './flows.js';
import { counterexampleSample, operationSample } from '../testing/samples.js';

function operation(agent: number, name: string, location?: string, value?: string, line = 1): Omit<Operation, 'step'> {
  return {
    agent,
    operation: name,
    ...(location === undefined ? {} : { location }),
    ...(value === undefined ? {} : { value }),
    site: { file: 'a.ts', line, column: 1 },
  };
}

const flowsOf = (operations: readonly Omit<Operation, 'step'>[], firstStep = 0): (readonly [number, number])[] => {
  const trace = operations.map((given, index) => ({ ...given, step: firstStep + index }));
  return findFlows(counterexampleSample({ trace })).map(({ from, to }) => [from, to]);
};

describe('findFlows', () => {
  it('matches messages in the order of each port', () => {
    const operations = [
      operation(0, 'postMessage', 'port 0'),
      operation(0, 'postMessage', 'port 0'),
      operation(0, 'postMessage', 'port 2'),
      operation(2, 'message', 'port 3'),
      operation(1, 'message', 'port 1'),
      operation(1, 'message', 'port 1'),
    ];
    expect(flowsOf(operations)).toEqual([[0, 4], [1, 5], [2, 3]]); // prettier-ignore
    expect(flowsOf(operations, 7)).toEqual([]);
  });

  it('leads nowhere across steps that were not kept', () => {
    const message = [operation(0, 'postMessage', 'port 0'), operation(1, 'message', 'port 1')];
    const wait = [operation(1, 'Atomics.wait', '#0[0]'), operation(0, 'Atomics.notify', '#0[0]', 'woke 1')];
    const later = [operation(1, 'Atomics.wait returns', '#0[0]', 'ok'), ...message];
    const trace = [...message, ...wait, ...later].map((given, index) => ({
      ...given,
      step: index < 4 ? index : 100 + index,
    }));
    const counterexample = counterexampleSample({ trace });
    expect(findFlows(counterexample).map(({ from, to }) => [from, to])).toEqual([[0, 1]]);
    expect(findBlockedSpans(counterexample)).toEqual([]);
  });

  it('finds the other end of a channel that a broadcast channel has shifted', () => {
    expect(flowsOf([operation(1, 'postMessage', 'port 5'), operation(0, 'message', 'port 6')])).toEqual([[0, 1]]);
  });

  it('matches nothing by a pairing that cannot be right, as on a broadcast channel of many', () => {
    const operations = [operation(1, 'postMessage', 'port 7'), operation(0, 'message', 'port 4')];
    expect(flowsOf(operations)).toEqual([]);
    expect(flowsOf([...operations, operation(2, 'message', 'port 6')])).toEqual([]);
  });

  it('does not count what was sent to nobody', () => {
    const operations = [
      operation(0, 'postMessage', 'port 0', 'to nobody'),
      operation(0, 'postMessage', 'port 0'),
      operation(1, 'message', 'port 1'),
    ];
    expect(flowsOf(operations)).toEqual([[1, 2]]);
  });

  it('leaves out what nobody sent: an empty receive, a message that has not arrived', () => {
    expect(flowsOf([operation(1, 'message', 'port 1'), operation(0, 'postMessage', 'port 0')])).toEqual([]);
  });

  it('leads from each notification to whom it woke, first come first served', () => {
    const operations = [
      operation(1, 'Atomics.wait', '#0[0]', '0'),
      operation(2, 'Atomics.wait', '#0[0]', '0'),
      operation(0, 'Atomics.notify', '#0[0]', 'woke 1'),
      operation(0, 'Atomics.notify', '#0[0]', 'woke 1'),
      operation(2, 'Atomics.wait returns', '#0[0]', 'ok'),
      operation(1, 'Atomics.wait returns', '#0[0]', 'ok'),
    ];
    expect(flowsOf(operations)).toEqual([[2, 5], [3, 4]]); // prettier-ignore
  });

  it('draws nothing to who timed out, or never waited', () => {
    const operations = [
      operation(1, 'Atomics.wait', '#0[0]', '0'),
      operation(2, 'Atomics.wait', '#0[0]', '7'),
      operation(2, 'Atomics.load', '#0[0]', '7'),
      operation(0, 'Atomics.notify', '#0[0]', 'woke 0'),
      operation(1, 'Atomics.wait returns', '#0[0]', 'timed-out'),
    ];
    expect(flowsOf(operations)).toEqual([]);
    expect(
      findBlockedSpans(counterexampleSample({ trace: operations.map((given, step) => ({ ...given, step })) })),
    ).toEqual([{ agent: 1, from: 0, to: 4 }]);
  });

  it('takes a wait for endless if the failure says so', () => {
    const trace = [{ ...operation(1, 'Atomics.wait', '#0[0]', '0'), step: 0 }];
    const failure = (message: string): BlockedSpan[] =>
      findBlockedSpans(counterexampleSample({ trace, failure: { verdict: 'deadlock', message } }));
    expect(failure('writer 0 waits in Atomics.wait on #0')).toEqual([{ agent: 1, from: 0, to: null }]);
    expect(failure('readers waits in Atomics.wait on #0')).toEqual([]);
  });

  it('follows an asynchronous wait by its place in the source', () => {
    const operations = [
      operation(0, 'Atomics.waitAsync', '#0[0]', '0', 10),
      operation(0, 'Atomics.waitAsync', '#0[1]', '0', 20),
      operation(1, 'Atomics.notify', '#0[1]', 'woke 1'),
      operation(0, 'Atomics.waitAsync settles', undefined, undefined, 20),
    ];
    expect(flowsOf(operations)).toEqual([[2, 3]]);
  });

  it('wakes nobody who was not yet waiting', () => {
    const operations = [
      operation(0, 'Atomics.waitAsync', '#0[0]', '0', 10),
      operation(2, 'Atomics.notify', '#0[0]', 'woke 1'),
      operation(1, 'Atomics.wait', '#0[0]', '0'),
      operation(2, 'Atomics.notify', '#0[0]', 'woke 1'),
      operation(1, 'Atomics.wait returns', '#0[0]', 'ok'),
      operation(0, 'Atomics.waitAsync settles', undefined, undefined, 10),
    ];
    expect(flowsOf(operations)).toEqual([[1, 5], [3, 4]]); // prettier-ignore
  });

  it('never leads back, nor twice to the same place, whatever the trace', () => {
    const names = ['postMessage', 'message', 'Atomics.wait', 'Atomics.wait returns', 'Atomics.waitAsync', 'Atomics.waitAsync settles', 'Atomics.notify']; // prettier-ignore
    const anyOperation = fc.record({
      agent: fc.nat({ max: 3 }),
      operation: fc.constantFrom(...names),
      location: fc.oneof(fc.nat({ max: 9 }).map((port) => `port ${port}`), fc.constantFrom('#0[0]', '#0[1]')), // prettier-ignore
      value: fc.constantFrom('woke 0', 'woke 1', 'woke 2', 'ok', 'timed-out'),
    });
    fc.assert(
      fc.property(fc.array(anyOperation, { maxLength: 60 }), (operations) => {
        const trace = operations.map((given, step) => operationSample(step, given.agent, given));
        const flows = findFlows(counterexampleSample({ trace }));
        for (const { kind, from, to } of flows) {
          expect(from).toBeLessThan(to);
          expect(trace[from]?.operation).toBe(kind === 'message' ? 'postMessage' : 'Atomics.notify');
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
