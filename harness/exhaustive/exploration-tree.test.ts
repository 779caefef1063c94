import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExplorationTree, type TreeState } from './exploration-tree.js';
import {
  classOf,
  everyClass,
  execute,
  explore,
  read,
  write,
  type SimulatedProgram,
  type Step,
} from './testing/simulated-program.js';
import { smallProgram } from './testing/small-program.js';

const times = (count: number, steps: readonly Step[]): SimulatedProgram => Array.from({ length: count }, () => steps);

/** Programs with a known number of Mazurkiewicz traces. */
const known: readonly (readonly [string, SimulatedProgram, number])[] = [
  ['2 writers to one word', times(2, [write(0)]), 2],
  ['3 writers to one word', times(3, [write(0)]), 6],
  ['4 writers to one word', times(4, [write(0)]), 24],
  ['5 writers to one word', times(5, [write(0)]), 120],
  ['6 private steps each', [0, 1, 2].map((agent) => Array.from({ length: 6 }, () => write(agent))), 1],
  ['2 writers, twice each', times(2, [write(0), write(0)]), 6],
  ['2 writers, three times each', times(2, [write(0), write(0), write(0)]), 20],
  // One writer and n readers of one word: each reader is before or after the write.
  ['1 writer and 3 readers', [[write(0)], [read(0)], [read(0)], [read(0)]], 8],
  ['1 writer and 7 readers', [[write(0)], ...times(7, [read(0)])], 128],
  // The readers of the paper: each reads a word of its own first.
  [
    '1 writer and 4 readers with a step of their own',
    [[write(9)], ...[0, 1, 2, 3].map((own) => [read(own), read(9)])],
    16,
  ],
  ['readers alone', times(5, [read(0), read(1)]), 1],
  ['one writes, then one reads what another writes', [[write(0), write(1)], [read(1), write(2)], [read(2)]], 4],
];

describe('ExplorationTree', () => {
  it.each(known)('%s: each order once', (_, steps, traces) => {
    const { classes } = explore(steps, new ExplorationTree());
    expect(classes).toHaveLength(traces);
    expect(new Set(classes).size).toBe(traces);
  });

  it('explores exactly the classes of any small program, each once', () => {
    fc.assert(
      fc.property(smallProgram, (steps) => {
        const { classes } = explore(steps, new ExplorationTree());
        expect(new Set(classes)).toEqual(everyClass(steps));
        expect(classes).toHaveLength(new Set(classes).size);
      }),
      { numRuns: 2_000 },
    );
  });

  it('explores everything that takes few preemptions, and nothing that takes more', () => {
    fc.assert(
      fc.property(smallProgram, fc.nat({ max: 3 }), (steps, maximumPreemptions) => {
        const seen = new Set(explore(steps, new ExplorationTree(maximumPreemptions)).classes);
        expect(seen).toEqual(everyClass(steps, maximumPreemptions));
      }),
      { numRuns: 1_000 },
    );
  });

  it('goes on where it was, after its place has been saved', () => {
    fc.assert(
      fc.property(smallProgram, fc.constantFrom(Infinity, 1), fc.nat({ max: 20 }), (steps, bound, after) => {
        const whole = explore(steps, new ExplorationTree(bound));
        let tree = new ExplorationTree(bound);
        let executions = 0;
        const interrupted = explore(steps, {
          next: () => {
            if (executions++ === after)
              tree = new ExplorationTree(bound, JSON.parse(JSON.stringify(tree.state)) as TreeState);
            return tree.next();
          },
          take: (transitions) => tree.take(transitions),
        });
        expect(interrupted).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });

  it.each([1, 2, 3, 4])('says when execution %i did not go as directed, and leaves out what follows it', (lost) => {
    const tree = new ExplorationTree();
    let count = 0;
    const classes: string[] = [];
    const chooses: Step = { ...write(0), options: 3 };
    for (let direction = tree.next(); direction !== undefined; direction = tree.next()) {
      const { transitions } = execute([[chooses], [write(0)], [write(0)]], direction);
      const taken = tree.take(++count === lost ? undefined : transitions);
      expect(taken).toBe(count === lost ? 'lost' : 'explored');
      if (taken === 'explored') classes.push(classOf(transitions));
      expect(count).toBeLessThan(30);
    }
    expect(new Set(classes).size).toBe(classes.length);
    expect(classes.length).toBeLessThan(18);
  });

  it('notices that an execution does not begin as one before it did', () => {
    const tree = new ExplorationTree();
    const direction = tree.next()!;
    tree.take(execute(times(2, [write(0)]), direction).transitions);
    const { transitions } = execute(times(2, [write(0)]), tree.next()!);
    expect(tree.take(transitions.map((one) => ({ ...one, candidates: 0 })))).toBe('lost');
  });

  it('knows how much is done', () => {
    fc.assert(
      fc.property(smallProgram, (steps) => {
        const tree = new ExplorationTree();
        let before = 0;
        explore(steps, {
          next: () => tree.next(),
          take: (transitions) => {
            const taken = tree.take(transitions);
            expect(tree.fractionDone).toBeGreaterThanOrEqual(0);
            expect(tree.fractionDone).toBeLessThanOrEqual(1 + 1e-9);
            before = tree.fractionDone;
            return taken;
          },
        });
        expect(before).toBe(1);
      }),
      { numRuns: 200 },
    );
  });

  it.each<[string, SimulatedProgram, number]>([
    ['4 writers to one word', times(4, [write(0)]), 24],
    ['1 writer and 4 readers', [[write(0)], ...times(4, [read(0)])], 16],
    ['2 writers, three times each', times(2, [write(0), write(0), write(0)]), 20],
  ])('estimates the part that is done from the first execution on: %s', (_, steps, traces) => {
    const tree = new ExplorationTree();
    let done = 0;
    explore(steps, {
      next: () => tree.next(),
      take: (transitions) => {
        const taken = tree.take(transitions);
        done++;
        // Subtrees of several sizes are taken for alike.
        expect(tree.fractionDone).toBeLessThan((4 * done) / traces);
        expect(tree.fractionDone).toBeGreaterThan(done / traces / 4);
        return taken;
      },
    });
    expect(done).toBe(traces);
  });

  it('does not take what it has hardly begun for nearly done', () => {
    const tree = new ExplorationTree();
    const program = times(
      4,
      Array.from({ length: 20 }, () => write(0)),
    );
    for (let execution = 0; execution < 500; execution++) tree.take(execute(program, tree.next()!).transitions);
    expect(tree.fractionDone).toBeLessThan(1e-6);
  });
});
