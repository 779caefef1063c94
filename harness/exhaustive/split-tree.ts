import type { Direction } from '../kernel/director.js';
import type { Transition } from '../kernel/transitions.js';
import { nodeAfter, type Node, type TreeState } from './exploration-tree.js';

/** Decisions after which nothing is divided any further. */
const deepest = 64;

/** Executions after which it is not divided any further: where agents first do much that concerns nobody else, it gains little. */
const mostExecutions = 500;

/** Some first decisions of executions. */
interface Beginning {
  readonly path: readonly Node[];
  readonly canGrow: boolean;
}

/**
 * Divides all executions of a program by how they begin, so that they can be explored by several processes that know nothing of each
 * other. After every agent that can go on at one of the first decisions there is a part of its own; sleep sets keep the same
 * interleaving from being in two of them (Godefroid, "Partial-Order Methods for the Verification of Concurrent Systems", LNCS 1032,
 * 1996, chapter 5). The parts are always the same.
 *
 * @param perform performs an execution; returns undefined if it did not begin as it was directed
 * @param wanted how many parts there should be at least, if there are so many
 * @returns where the explorations of the parts begin
 */
export function splitTree(
  perform: (direction: Direction) => readonly Transition[] | undefined,
  wanted: number,
): TreeState[] {
  let executions = 0;
  const counted = (direction: Direction): readonly Transition[] | undefined => {
    executions++;
    return perform(direction);
  };
  let beginnings: readonly Beginning[] = [{ path: [], canGrow: true }];
  while (beginnings.length < wanted && executions < mostExecutions) {
    const growing = shallowestOf(beginnings);
    if (growing === undefined) break;
    const grown = grow(growing.path, counted);
    beginnings = beginnings.flatMap((one) => (one === growing ? grown : [one]));
  }
  return beginnings.map(({ path }) => ({ path, chosen: [], isDone: false, root: path.length }));
}

function shallowestOf(beginnings: readonly Beginning[]): Beginning | undefined {
  let shallowest: Beginning | undefined;
  for (const one of beginnings)
    if (one.canGrow && one.path.length < (shallowest?.path.length ?? deepest)) shallowest = one;
  return shallowest;
}

/** Who performs the first operations, up to the one with the number `start`. */
function agentsUpTo(path: readonly Node[], start: number): number[] {
  const agents: number[] = [];
  const fill = (end: number): void => {
    while (agents.length < end) agents.push(agents.at(-1) ?? path[0]!.agent);
  };
  for (const node of path) {
    fill(node.start);
    agents.push(node.agent);
  }
  fill(start);
  return agents;
}

/** Whether an execution began with these decisions. */
const beginsWith = (transitions: readonly Transition[], path: readonly Node[]): boolean =>
  path.every(({ agent, start, candidates }, place) => {
    const made = transitions[place];
    return made?.agent === agent && made.start === start && (candidates & ~made.candidates) === 0;
  });

/**
 * What a beginning is divided into by the decision after it; itself if there is none, if more is decided there than who goes on, or if
 * an execution does not go as directed.
 */
function grow(
  path: readonly Node[],
  perform: (direction: Direction) => readonly Transition[] | undefined,
): readonly Beginning[] {
  const goesOn = (agents: readonly number[]): readonly Transition[] | undefined => {
    const transitions = perform({ agents, choices: [], sleepers: [] });
    return transitions !== undefined && beginsWith(transitions, path) ? transitions : undefined;
  };
  const whole = [{ path, canGrow: false }];
  const first = goesOn(agentsUpTo(path, 0))?.[path.length];
  if (first === undefined) return whole;
  const grown: Beginning[] = [];
  let { sleepers } = nodeAfter(path.at(-1), first);
  for (let left = first.candidates; left !== 0; left &= left - 1) {
    const agent = 31 - Math.clz32(left & -left);
    if (sleepers.some((one) => one.agent === agent)) continue;
    const isFirst = agent === first.agent;
    const transition = isFirst ? first : goesOn([...agentsUpTo(path, first.start), agent])?.[path.length];
    const isAsDirected = transition?.agent === agent && transition.start === first.start;
    if (!isAsDirected || transition.offers.length > 0) return whole;
    grown.push({ path: [...path, { ...nodeAfter(path.at(-1), transition), sleepers }], canGrow: true });
    sleepers = [...sleepers, { agent, accesses: transition.accesses }];
  }
  return grown;
}
