import type { Direction } from '../kernel/director.js';
import type { Transition } from '../kernel/transitions.js';
import { nodeAfter, type Node, type TreeState } from './exploration-tree.js';

/** Decisions after which nothing is divided any further. */
const deepest = 64;

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
 * @returns where the explorations of the parts begin; undefined if they cannot be divided
 */
export function splitTree(
  perform: (direction: Direction) => readonly Transition[] | undefined,
  wanted: number,
): TreeState[] | undefined {
  let beginnings: readonly Beginning[] = [{ path: [], canGrow: true }];
  while (beginnings.length < wanted) {
    const growing = shallowestOf(beginnings);
    if (growing === undefined) break;
    const grown = grow(growing.path, perform);
    if (grown === undefined) return undefined;
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

/** What a beginning is divided into by the decision after it; itself if there is none, or if more is decided there than who goes on. */
function grow(
  path: readonly Node[],
  perform: (direction: Direction) => readonly Transition[] | undefined,
): Beginning[] | undefined {
  const goesOn = (agents: readonly number[]): readonly Transition[] | undefined =>
    perform({ agents, choices: [], sleepers: [] });
  const transitions = goesOn(agentsUpTo(path, 0));
  if (transitions === undefined) return undefined;
  const whole = [{ path, canGrow: false }];
  const first = transitions[path.length];
  if (first === undefined) return whole;
  const grown: Beginning[] = [];
  let { sleepers } = nodeAfter(path.at(-1), first);
  for (let left = first.candidates; left !== 0; left &= left - 1) {
    const agent = 31 - Math.clz32(left & -left);
    if (sleepers.some((one) => one.agent === agent)) continue;
    const transition = agent === first.agent ? first : goesOn([...agentsUpTo(path, first.start), agent])?.[path.length];
    if (transition === undefined) return undefined;
    // One that has nothing more to do is no beginning of anything.
    if (transition.agent !== agent || transition.start !== first.start) continue;
    if (transition.offers.length > 0) return whole;
    grown.push({ path: [...path, { ...nodeAfter(path.at(-1), transition), sleepers }], canGrow: true });
    sleepers = [...sleepers, { agent, accesses: transition.accesses }];
  }
  return grown;
}
