import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressText } from '../text/operation.js';
import { anyCounterexample } from '../testing/counterexamples.js';
import { counterexampleSample, operationSample } from '../testing/samples.js';
import { counterexampleModel } from './build-model.js';
import type { Fold } from './counterexample-model.js';
import { neighbour, neighbouringPreemption, rowsOfStop, stops } from './stepping.js';

const library = { file: 'threadmill:bridges/mutex.js', line: 1, column: 1 };

describe('counterexampleModel', () => {
  it('has a lane for each agent that did something, and a row for each operation', () => {
    const trace = [operationSample(0, 2), operationSample(1, 0, { turn: 'preemption' })];
    const { lanes, rows } = counterexampleModel(counterexampleSample({ trace }));
    expect(lanes).toEqual([{ name: 'main agent' }, { name: 'writer 1' }]);
    expect(rows).toMatchObject([
      { step: 0, lane: 1, operation: 'Atomics.load', access: 'read', word: 0, place: 'load-then-store.scenario.ts:14' },
      { step: 1, lane: 0, turn: 'preemption', before: 1 },
    ]);
  });

  it('knows at which row it broke, and how much of the trace is not there', () => {
    expect(counterexampleModel(counterexampleSample())).toMatchObject({ brokenRow: 4, earlierSteps: 0 });
    const trace = [operationSample(70, 1)];
    const failure = { verdict: 'deadlock', step: 71 } as const;
    expect(counterexampleModel(counterexampleSample({ trace, failure }))).toMatchObject({
      brokenRow: null,
      earlierSteps: 70,
    });
  });

  it('folds what an agent does within a library', () => {
    const inside = [1, 2, 3].map((step) => operationSample(step, 1, { site: library }));
    const trace = [operationSample(0, 1), ...inside, operationSample(4, 1)];
    expect(counterexampleModel(counterexampleSample({ trace })).folds).toEqual([
      { start: 1, end: 4, lane: 1 - 1, text: '3 operations in threadmill:bridges' },
    ]);
  });

  it('says of each row what is there, whatever the trace', () => {
    fc.assert(
      fc.property(anyCounterexample, (counterexample) => {
        const { trace } = counterexample;
        const { rows, lanes, arrows, folds, words, blocked } = counterexampleModel(counterexample);
        expect(rows.map(({ step }) => step)).toEqual(trace.map(({ step }) => step));
        for (const [index, row] of rows.entries()) {
          expect(lanes[row.lane]?.name).toBe(counterexample.agents[trace[index]!.agent]);
          if (row.word !== undefined) expect(words[row.word]?.location).toBe(addressText(trace[index]!.address!));
        }
        for (const { from, to } of arrows) expect(from).toBeLessThan(to);
        for (const { lane, from } of blocked) expect(rows[from]?.lane).toBe(lane);
        for (const { start, end, lane } of folds) {
          for (let row = start; row < end; row++) expect(rows[row]?.lane).toBe(lane);
        }
      }),
    );
  });
});

describe('stepping', () => {
  const isClosed = (): boolean => false;
  const isOpen = (): boolean => true;

  it('goes through a closed fold in one step, and through an open one row by row', () => {
    const inside = [1, 2, 3].map((step) => operationSample(step, 1, { site: library }));
    const model = counterexampleModel(
      counterexampleSample({ trace: [operationSample(0, 1), ...inside, operationSample(4, 1)] }),
    );
    expect(stops(model, isClosed)).toEqual([0, 3, 4]);
    expect(rowsOfStop(model, 3, isClosed)).toEqual([1, 3]);
    expect(stops(model, isOpen)).toEqual([0, 1, 2, 3, 4]);
    expect(rowsOfStop(model, 3, isOpen)).toEqual([3, 3]);
  });

  it('reaches every row once, and comes back the way it went', () => {
    fc.assert(
      fc.property(anyCounterexample, fc.func(fc.boolean()), (counterexample, choose) => {
        const model = counterexampleModel(counterexample);
        const isFoldOpen = (fold: Fold): boolean => choose(fold.start);
        const all = stops(model, isFoldOpen);
        const told = all.flatMap((row) => {
          const [first, last] = rowsOfStop(model, row, isFoldOpen);
          return Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
        });
        expect(told).toEqual([...model.rows.keys()]);
        for (const row of all) {
          const next = neighbour(all, row, 1);
          if (next !== row) expect(neighbour(all, next, -1)).toBe(row);
        }
      }),
    );
  });

  it('finds the preemptions on either side', () => {
    const turns = [undefined, 'preemption', undefined, 'preemption'] as const;
    const trace = turns.map((turn, step) => operationSample(step, step % 2, turn === undefined ? {} : { turn }));
    const model = counterexampleModel(counterexampleSample({ trace }));
    expect(neighbouringPreemption(model, 0, 1)).toBe(1);
    expect(neighbouringPreemption(model, 1, 1)).toBe(3);
    expect(neighbouringPreemption(model, 3, 1)).toBe(3);
    expect(neighbouringPreemption(model, 3, -1)).toBe(1);
  });
});
