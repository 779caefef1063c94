import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExplorationTree, type TreeState } from './exploration-tree.js';
import { splitTree } from './split-tree.js';
import { everyClass, execute, explore, read, write, type SimulatedProgram } from './testing/simulated-program.js';
import { smallProgram } from './testing/small-program.js';

const split = (program: SimulatedProgram, wanted: number): TreeState[] =>
  splitTree((direction) => execute(program, direction).transitions, wanted);

const classesOf = (program: SimulatedProgram, state: TreeState): readonly string[] =>
  explore(program, new ExplorationTree(Infinity, state)).classes;

describe('splitTree', () => {
  it('divides exactly the classes of any small program: each is in one part, once', () => {
    fc.assert(
      fc.property(smallProgram, fc.integer({ min: 1, max: 20 }), (program, wanted) => {
        const classes = split(program, wanted).flatMap((state) => classesOf(program, state));
        expect(new Set(classes)).toEqual(everyClass(program));
        expect(classes).toHaveLength(new Set(classes).size);
      }),
      { numRuns: 1_000 },
    );
  });

  it('makes as many parts as are wanted, if there are so many', () => {
    const writers = Array.from({ length: 4 }, () => [write(0)]);
    expect(split(writers, 1)).toHaveLength(1);
    expect(split(writers, 4)).toHaveLength(4);
    expect(split(writers, 10).length).toBeGreaterThanOrEqual(10);
    expect(split(writers, 1_000)).toHaveLength(24);
    expect(split([[read(0)], [read(0)]], 1_000)).toHaveLength(1);
  });

  it('leaves what an agent chooses to the parts', () => {
    const choosing = [[{ ...write(0), options: 3 }], [write(0)]];
    const states = split(choosing, 1_000);
    expect(states).toHaveLength(1);
    expect(classesOf(choosing, states[0]!)).toHaveLength(6);
  });

  it('divides nothing where executions do not go as directed', () => {
    const whole = [{ path: [], chosen: [], isDone: false, root: 0 }];
    expect(splitTree(() => undefined, 4)).toEqual(whole);
    // Somebody else has gone on in every second execution.
    let executions = 0;
    const program: SimulatedProgram = [[write(0)], [write(0)], [write(0)]];
    const states = splitTree((direction) => {
      const { agents } = direction;
      const others = executions++ % 2 === 0 ? agents : agents.map((agent) => (agent + 1) % 3);
      return execute(program, { ...direction, agents: others }).transitions;
    }, 6);
    expect(states.length).toBeLessThan(6);
  });

  it('ends after so many executions', () => {
    let executions = 0;
    const steps = Array.from({ length: 100 }, (_, step) => step);
    const program = [steps.map(() => write(0)), steps.map(() => write(1)), steps.map(() => write(2))];
    splitTree((direction) => {
      executions++;
      return execute(program, direction).transitions;
    }, 10_000);
    expect(executions).toBeLessThan(510);
  });

  it('survives JSON, as states do', () => {
    fc.assert(
      fc.property(smallProgram, (program) => {
        for (const state of split(program, 5))
          expect(classesOf(program, JSON.parse(JSON.stringify(state)) as TreeState)).toEqual(classesOf(program, state));
      }),
      { numRuns: 50 },
    );
  });
});
