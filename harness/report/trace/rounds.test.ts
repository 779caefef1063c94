import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Operation } from '../../results/schema.js';
import { findRounds } from './rounds.js';
import { operationSample } from '../testing/samples.js';

const operation = fc.record({
  agent: fc.nat({ max: 1 }),
  kind: fc.constantFrom('Atomics.load' as const, 'Atomics.store' as const),
  value: fc.constantFrom(0, 1),
});
const operations = fc.array(operation, { maxLength: 12 });
const numberSteps = (list: readonly Partial<Operation>[]): Operation[] =>
  list.map((fields, step) => operationSample(step, fields.agent ?? 0, fields));
const fieldsOf = ({ agent, kind, value }: Operation): unknown => [agent, kind, value];

describe('findRounds', () => {
  it('finds only what says again what stands before it', () => {
    fc.assert(
      fc.property(fc.array(operations, { maxLength: 8 }), fc.nat({ max: 6 }), (parts, times) => {
        const trace = numberSteps(parts.flatMap((part) => Array.from({ length: times }, () => part).flat()));
        let last = 0;
        for (const { start, end, length } of findRounds(trace, undefined)) {
          expect(start - length).toBeGreaterThanOrEqual(last);
          expect((end - start) % length).toBe(0);
          expect(end - start).toBeGreaterThanOrEqual(3 * length);
          for (let place = start; place < end; place++) {
            expect(fieldsOf(trace[place]!)).toEqual(fieldsOf(trace[place - length]!));
          }
          last = end;
        }
      }),
    );
  });

  it('finds a loop whatever stands before and after it', () => {
    fc.assert(
      fc.property(operations, operations, fc.integer({ min: 1, max: 9 }), (before, after, length) => {
        const round = Array.from({ length }, (_, index) => ({ value: 100 + index }));
        const trace = numberSteps([...before, ...Array.from({ length: 20 }, () => round).flat(), ...after]);
        expect(findRounds(trace, undefined)).toContainEqual({
          start: before.length + length,
          end: before.length + 20 * length,
          length,
        });
      }),
    );
  });

  it('takes a timer that is set again for the same, but not a preemption, nor what broke, nor across missing steps', () => {
    const timers = Array.from({ length: 10 }, (_, step) =>
      operationSample(step, 0, { kind: 'timer', address: { kind: 'timer', timer: step } }),
    );
    expect(findRounds(timers, undefined)).toEqual([{ start: 1, end: 10, length: 1 }]);
    expect(findRounds(timers.with(2, { ...timers[2]!, turn: 'preemption' }), undefined)).toEqual([
      { start: 4, end: 10, length: 1 },
    ]);
    expect(findRounds(timers, timers[9])).toEqual([{ start: 1, end: 9, length: 1 }]);
    expect(findRounds([...timers.slice(0, 5), ...timers.slice(6)], undefined)).toEqual([
      { start: 1, end: 5, length: 1 },
      { start: 6, end: 9, length: 1 },
    ]);
  });
});
