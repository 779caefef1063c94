import { acts, conflict, type Access } from '../../kernel/access.js';
import type { Direction } from '../../kernel/director.js';
import type { Transition } from '../../kernel/transitions.js';
import type { ExplorationTree } from '../exploration-tree.js';

/** One step of an agent: what it does, and between how many options it chooses. */
export interface Step {
  readonly access: Access;
  readonly options?: number;
}

/** What each agent does, step by step. */
export type SimulatedProgram = readonly (readonly Step[])[];

export const write = (offset: number): Step => ({ access: { acts: acts.write, resource: 1, offset, size: 1 } });
export const read = (offset: number): Step => ({ access: { acts: acts.read, resource: 1, offset, size: 1 } });

/** Performs an execution as the kernel does: agents go on while they can, but for those that sleep. */
export function execute(
  program: SimulatedProgram,
  direction: Direction,
): { transitions: Transition[]; isRedundant: boolean } {
  const { agents, choices } = direction;
  let sleepers = direction.sleepers;
  const positions = program.map(() => 0);
  const transitions: Transition[] = [];
  let current = 0;
  let offered = 0;
  for (;;) {
    const step = transitions.length;
    const able = program.flatMap((steps, agent) => (positions[agent]! < steps.length ? [agent] : []));
    if (able.length === 0) return { transitions, isRedundant: false };
    if (able.includes(current)) able.unshift(...able.splice(able.indexOf(current), 1));
    const agent =
      step < agents.length ? agents[step]! : able.find((one) => !sleepers.some((sleeper) => sleeper.agent === one));
    if (agent === undefined) return { transitions, isRedundant: true };
    const { access, options = 1 } = program[agent]![positions[agent]!++]!;
    if (step >= agents.length - 1)
      sleepers = sleepers.filter(
        (one) => one.agent !== agent && !one.accesses.some((other) => conflict(access, other)),
      );
    const offers = options === 1 ? [] : [{ count: options, chosen: choices[offered++] ?? 0 }];
    const candidates = able.reduce((all, one) => all | (1 << one), 0);
    transitions.push({ agent, start: step, candidates, accesses: [access], offers, enabledBy: [] });
    current = agent;
  }
}

/** What an exploration came to. */
export interface Exploration {
  /** The classes of its complete executions, by the order of what conflicts: one entry for each execution. */
  readonly classes: readonly string[];
  readonly redundant: number;
}

/** Explores a program to the end. Throws if there is no end of it. */
export function explore(
  program: SimulatedProgram,
  tree: Pick<ExplorationTree, 'next' | 'take'>,
  limit = 100_000,
): Exploration {
  const classes: string[] = [];
  let redundant = 0;
  for (let direction = tree.next(); direction !== undefined; direction = tree.next()) {
    if (classes.length + redundant >= limit) throw new Error(`more than ${limit} executions`);
    const { transitions, isRedundant } = execute(program, direction);
    if (tree.take(transitions) === 'lost') throw new Error('an execution did not go as directed');
    if (isRedundant) redundant++;
    else classes.push(classOf(transitions));
  }
  return { classes, redundant };
}

/** Names the order of all pairs of steps that conflict, and what was chosen. */
export function classOf(transitions: readonly Transition[]): string {
  const numbers: number[] = [];
  const names = transitions.map(({ agent, offers }) => {
    numbers[agent] = (numbers[agent] ?? 0) + 1;
    return `${agent}.${numbers[agent]}${offers.map(({ chosen }) => `=${chosen}`).join('')}`;
  });
  const pairs: string[] = [...names];
  for (const [later, second] of transitions.entries())
    for (const [earlier, first] of transitions.slice(0, later).entries())
      if (first.agent !== second.agent && conflict(first.accesses[0]!, second.accesses[0]!))
        pairs.push(`${names[earlier]}<${names[later]}`);
  return pairs.sort().join(' ');
}

/**
 * All classes of a program, found by performing every interleaving of it.
 *
 * @param maximumPreemptions only those in which so many agents at most are kept from going on
 */
export function everyClass(program: SimulatedProgram, maximumPreemptions = Infinity): Set<string> {
  const classes = new Set<string>();
  const go = (positions: readonly number[], transitions: readonly Transition[], preemptions: number): void => {
    if (preemptions > maximumPreemptions) return;
    const last = transitions.at(-1)?.agent;
    const canLastGoOn = last !== undefined && positions[last]! < program[last]!.length;
    let isOver = true;
    for (const [agent, steps] of program.entries()) {
      const next = steps[positions[agent]!];
      if (next === undefined) continue;
      isOver = false;
      for (let chosen = 0; chosen < (next.options ?? 1); chosen++) {
        const offers = next.options === undefined ? [] : [{ count: next.options, chosen }];
        const transition = { agent, start: 0, candidates: 0, accesses: [next.access], offers, enabledBy: [] };
        const more = canLastGoOn && agent !== last ? 1 : 0;
        go(positions.with(agent, positions[agent]! + 1), [...transitions, transition], preemptions + more);
      }
    }
    if (isOver) classes.add(classOf(transitions));
  };
  go(
    program.map(() => 0),
    [],
    0,
  );
  return classes;
}
