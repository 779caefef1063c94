import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import { agentNames } from '../../results/agent-name.js';
import type { Counterexample, Operation } from '../../results/schema.js';
import { brokenOperation } from '../trace/broken-operation.js';
import { failureSite } from './failure.js';
import { renderInterleaving } from './interleaving.js';
import { counterexampleSample, operationSample } from '../testing/samples.js';
import { displayWidth } from './columns.js';

const colors = picocolors.createColors(false);

function draw(counterexample: Counterexample, widthColumns = 160): string {
  return renderInterleaving(counterexample, { widthColumns, colors }).join('\n');
}

describe('renderInterleaving', () => {
  it('puts agents side by side, with the source beside them where there is room', () => {
    expect(draw(counterexampleSample())).toBe(
      [
        '  step  main agent               writer 0                 writer 1                 source',
        '  0                              Atomics.load #0[0] → 0                            load-then-store.scenario.ts:14  Atomics.store(store, 0, Atomics.load(store, 0) + 1);',
        `  ── preempted: writer 0 could have continued ${'─'.repeat(54)}`,
        '  1                                                       Atomics.load #0[0] → 0   load-then-store.scenario.ts:14  Atomics.store(store, 0, Atomics.load(store, 0) + 1);',
        '  2                                                       Atomics.store #0[0] ← 1  load-then-store.scenario.ts:14  Atomics.store(store, 0, Atomics.load(store, 0) + 1);',
        '  3                              Atomics.store #0[0] ← 1                           load-then-store.scenario.ts:14  Atomics.store(store, 0, Atomics.load(store, 0) + 1);',
        '✗ 4     Atomics.load #0[0] → 1                                                     load-then-store.scenario.ts:22  history.read(Atomics.load(store, 0));',
        '        ✗ count: expected 2, found 1',
      ]
        .join('\n')
        .replaceAll(
          'Atomics.store(store, 0, Atomics.load(store, 0) + 1);',
          'Atomics.store(store, 0, Atomics.load(store, …',
        ),
    );
  });

  it('puts the source below each operation where there is less room', () => {
    expect(draw(counterexampleSample(), 84)).toContain(
      [
        '  3                              Atomics.store #0[0] ← 1',
        '        load-then-store.scenario.ts:14  Atomics.store(store, 0, Atomics.load(store,…',
      ].join('\n'),
    );
  });

  it('names agents at each operation where there are too many for columns', () => {
    const agents = agentNames(40);
    const trace = agents.map((_, agent) => operationSample(agent, agent));
    const drawn = draw(counterexampleSample({ agents, trace, steps: trace.length }), 100);
    expect(drawn).toContain('  7     writer 6    Atomics.load #0[0] → 0');
  });

  it('marks the end when it broke after the last operation', () => {
    const sample = counterexampleSample();
    const failure = { ...sample.failure, step: 5 };
    expect(draw(counterexampleSample({ failure })).split('\n').at(-1)).toBe('        ✗ count: expected 2, found 1');
  });

  it('uses whole file names where short ones would be ambiguous', () => {
    const trace = ['a/lock.ts', 'b/lock.ts'].map((file, step) =>
      operationSample(step, 1, { site: { file, line: 3, column: 1 } }),
    );
    expect(draw(counterexampleSample({ trace }))).toMatch(/a\/lock\.ts:3 .*\n.*b\/lock\.ts:3 /);
  });

  it('leaves out the middle of a long trace, but no preemption and not what broke', () => {
    const trace = Array.from({ length: 5_000 }, (_, step) =>
      operationSample(step, step < 2_000 ? 1 : 2, {
        value: step,
        ...(step === 2_000 ? { turn: 'preemption' } : {}),
      }),
    );
    const failure = { ...counterexampleSample().failure, agent: 2, step: 4_000 };
    const drawn = draw(counterexampleSample({ trace, failure, steps: trace.length }));
    expect(drawn).toContain('preempted: writer 0 could have continued');
    expect(drawn).toMatch(/^✗ 4000 /m);
    expect(drawn).toMatch(/… [\d,]+ steps left out \(writer 0 \d+\) …/);
    const leftOut = [...drawn.matchAll(/([\d,]+) steps left out/g)].map((match) => Number(match[1]?.replace(',', '')));
    const shown = drawn.split('\n').filter((line) => /^[✗ ] \d+ /.test(line)).length;
    expect(leftOut.reduce((sum, count) => sum + count, 0) + shown).toBe(5_000);
    expect(shown).toBeLessThanOrEqual(60);
  });

  it('tells one round of a loop, and how often it came again', () => {
    const loop = (first: number, rounds: number): Operation[] =>
      Array.from({ length: rounds * 3 }, (_, index) =>
        operationSample(first + index, 1 + (index % 3), { kind: (['read', 'timer', 'pause'] as const)[index % 3]! }),
      );
    const trace = [operationSample(0, 2, { kind: 'begin' }), ...loop(1, 5), ...loop(1_000, 300)];
    const failure = { verdict: 'livelock', message: 'it gets nowhere', step: 1_900 } as const;
    const drawn = draw(counterexampleSample({ trace, failure, steps: 1_900 }))
      .split('\n')
      .map((line) => line.trim().split(/ {2}/)[0]);
    expect(drawn.slice(1)).toEqual([
      ...['0', '1', '2', '3', '… the same 3 steps, 4 times more …', '… 984 steps not kept …'],
      ...['1000', '1001', '1002', '… the same 3 steps, 299 times more …', '✗ livelock: it gets nowhere'],
    ]);
  });

  it("tells in one row what an agent does within a library's code, but for waits and what stands at a preemption", () => {
    const locking = { site: { file: 'threadmill:bridges/primitives/owned-lock.js', line: 3, column: 1 } };
    const parsing = { site: { file: 'node_modules/@scope/parser/lib/parse.js', line: 3, column: 1 } };
    const trace = [
      ...[0, 1, 2].map((step) => operationSample(step, 1, locking)),
      ...[3, 4].map((step) => operationSample(step, 1, parsing)),
      operationSample(5, 1, { ...locking, kind: 'Atomics.wait' }),
      operationSample(6, 2),
      ...[7, 8, 9, 10].map((step) => operationSample(step, 2, locking)),
      operationSample(11, 1, { ...locking, turn: 'preemption' }),
      ...[12, 13].map((step) => operationSample(step, 1, locking)),
    ];
    const failure = { ...counterexampleSample().failure, step: 14 };
    const rows = draw(counterexampleSample({ trace, failure })).split('\n').slice(1, -1);
    expect(rows.map((row) => row.trim().replace(/ {2,}.*| ─.*/, ''))).toEqual([
      '… 5 steps in threadmill:bridges/primitives, @scope/parser …',
      '5',
      '6',
      '… 3 steps in threadmill:bridges/primitives …',
      '10',
      '── preempted: writer 1 could have continued',
      '11',
      '12',
      '13',
    ]);
  });

  it('says how many operations were not kept', () => {
    const trace = [operationSample(1_500, 1), operationSample(1_501, 2)];
    expect(draw(counterexampleSample({ trace, steps: 1_502 }))).toContain('… 1,500 earlier steps not kept …');
  });

  it('draws nothing without a trace', () => {
    expect(draw(counterexampleSample({ trace: [] }))).toBe('');
  });

  it('keeps to the width, whatever the trace holds, in colour as well', () => {
    const operations = fc.array(
      fc.record({
        agent: fc.nat(5),
        kind: fc.constantFrom('read' as const, 'Atomics.compareExchange' as const, 'history.read' as const),
        recorded: fc.string({ unit: 'grapheme' }),
        source: fc.string({ unit: 'grapheme' }),
        turn: fc.constantFrom('preemption' as const, 'blocked' as const),
      }),
      { maxLength: 70 },
    );
    fc.assert(
      fc.property(operations, fc.integer({ min: 80, max: 200 }), (changes, widthColumns) => {
        const trace = changes.map((change, step) => operationSample(step, change.agent, change));
        const plain = renderInterleaving(counterexampleSample({ trace }), { widthColumns, colors });
        for (const line of plain) expect(displayWidth(line)).toBeLessThanOrEqual(widthColumns);
        const painted = renderInterleaving(counterexampleSample({ trace }), {
          widthColumns,
          colors: picocolors.createColors(true),
        });
        expect(painted.map(stripVTControlCharacters)).toEqual(plain);
      }),
      { numRuns: 30 },
    );
  });
});

describe('brokenOperation', () => {
  it('prefers the entry into the history over the operation that has the same number', () => {
    const read = operationSample(4, 0, { kind: 'history.read' });
    const trace = [operationSample(3, 1), read, operationSample(4, 1), operationSample(4, 0)];
    expect(brokenOperation(counterexampleSample({ trace }))).toBe(read);
  });

  it('is none of another agent', () => {
    const trace = [operationSample(4, 1, { kind: 'history.acknowledge' })];
    expect(brokenOperation(counterexampleSample({ trace }))).toBeUndefined();
  });
});

describe('failureSite', () => {
  it("is in the reader's own code, whatever came after it in a library", () => {
    const inLibrary = { site: { file: 'threadmill:bridges/mutex.js', line: 3, column: 1 } };
    const trace = [...counterexampleSample().trace.slice(0, 4), operationSample(4, 0, inLibrary)];
    expect(failureSite(counterexampleSample({ trace }))).toEqual(trace[3]?.site);
    const onlyThere = [operationSample(0, 0, inLibrary)];
    expect(failureSite(counterexampleSample({ trace: onlyThere }))).toEqual(inLibrary.site);
  });

  it('is where something was done last when it broke at the end', () => {
    const note = operationSample(5, 1, {
      kind: 'history.acknowledge',
      site: { file: 'a.ts', line: 9, column: 1 },
    });
    const trace = [...counterexampleSample().trace.slice(0, 4), note];
    expect(failureSite(counterexampleSample({ trace }))?.line).toBe(14);
  });
});
