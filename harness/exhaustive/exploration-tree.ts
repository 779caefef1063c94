import type { Access } from '../kernel/access.js';
import type { Direction, Sleeper } from '../kernel/director.js';
import type { Offer, Transition } from '../kernel/transitions.js';
import { accessesMeet, HappensBefore, has, type Race } from './happens-before.js';

/** A decision in the execution that is being looked at: who goes on. Plain data, as it is saved. */
export interface Node {
  /** The place of the operation before which it is made. */
  readonly start: number;
  /** The agents that can go on here, one bit each. */
  readonly candidates: number;
  /** Who does now, and those that were or are to be tried. */
  agent: number;
  tried: number;
  toTry: number;
  /** Those that need not go on here. */
  sleepers: Sleeper[];
  /** The choices of the current agent, what it did after them, and all that it did here. */
  offers: readonly Offer[];
  doing: readonly Access[];
  did: Access[];
  /** How many agents were kept from going on, until it does. */
  preemptions: number;
}

/** Where an exploration is. Plain data: it survives JSON. */
export interface TreeState {
  readonly path: readonly Node[];
  readonly chosen: readonly number[];
  readonly isDone: boolean;
  /** How many of the first decisions are made elsewhere: only what follows them is explored. Default 0 */
  readonly root?: number;
}

/** Parts of the tree that are smaller do not matter for an estimate. */
const leastShare = 1e-9;
/** How far ahead an estimate looks for what may have come before. */
const farthestRace = 500;

const freshTree: TreeState = { path: [], chosen: [], isDone: false };

/** What came of an execution. */
type Taken = 'explored' | 'lost';

const bit = (agent: number): number => 1 << agent;

/**
 * Goes through all executions of a program that differ in the order of operations that depend on each other, each once: dynamic
 * partial-order reduction with source sets and sleep sets (Abdulla, Aronsson, Jonsson, Sagonas, "Optimal Dynamic Partial Order
 * Reduction", POPL 2014, algorithm 1), in which every choice of an event loop is a branch too.
 *
 * With a bound on preemptions, executions with more are left out; then an order may be seen more than once, since sleep sets could
 * leave out the only execution within the bound (Coons, Musuvathi, McKinley, "Bounded Partial-Order Reduction", OOPSLA 2013).
 *
 * It performs nothing: `next` says how the next execution begins, and `take` is told what came of it.
 */
export class ExplorationTree {
  readonly #path: Node[];
  readonly #order = new HappensBefore();
  readonly #maximumPreemptions: number;
  /** The choices of the last node's agent that are decided. */
  #chosen: readonly number[];
  #isDone: boolean;
  readonly #root: number;

  /**
   * @param maximumPreemptions how often an agent that could go on may be kept from it. Default: without a bound
   * @param state where to go on. Default: at the beginning
   */
  constructor(maximumPreemptions = Infinity, { path, chosen, isDone, root = 0 }: TreeState = freshTree) {
    this.#maximumPreemptions = maximumPreemptions;
    this.#path = structuredClone(path) as Node[];
    this.#chosen = chosen;
    this.#isDone = isDone;
    this.#root = root;
  }

  /** Where it is. */
  get state(): TreeState {
    return structuredClone({ path: this.#path, chosen: this.#chosen, isDone: this.#isDone, root: this.#root });
  }

  /** How the next execution begins; undefined if there is none. */
  next(): Direction | undefined {
    if (this.#isDone) return undefined;
    const last = this.#path.at(-1);
    if (last === undefined) return { agents: [], choices: [], sleepers: [] };
    const agents: number[] = [];
    for (const { start, agent } of this.#path) {
      while (agents.length < start) agents.push(agents.at(-1) ?? agent);
      agents.push(agent);
    }
    const choices = [...this.#path.slice(0, -1).flatMap(({ offers }) => offers.map(({ chosen }) => chosen))];
    return { agents, choices: [...choices, ...this.#chosen], sleepers: this.#isBounded ? [] : last.sleepers };
  }

  get #isBounded(): boolean {
    return this.#maximumPreemptions !== Infinity;
  }

  /**
   * The part of the tree that is done, by estimate, from 0 to 1: as if what follows each decision were as large whichever agent goes on
   * (Knuth, "Estimating the Efficiency of Backtrack Programs", Mathematics of Computation 1975).
   */
  get fractionDone(): number {
    if (this.#isDone) return 1;
    let done = 0;
    let share = 1;
    for (const [place, { tried }] of this.#path.entries()) {
      if (share < leastShare) break;
      if (place < this.#root) continue;
      const all = count(tried | this.#branchesAt(place));
      done += (share * count(tried)) / all;
      share /= all;
    }
    return done;
  }

  /**
   * The agents that will be tried at a decision, as far as this path shows: those that are to be, and those whose next transition meets
   * something that came before it.
   */
  #branchesAt(place: number): number {
    const { candidates, agent, toTry, tried, sleepers } = this.#path[place]!;
    let unseen = candidates & ~bit(agent);
    let branches = toTry | bit(agent);
    const before: Node[] = [];
    for (let next = place; next < this.#path.length && before.length < farthestRace && unseen !== 0; next++) {
      const node = this.#path[next]!;
      if (has(unseen, node.agent)) {
        unseen &= ~bit(node.agent);
        if (before.some((one) => accessesMeet(one.doing, node.doing))) branches |= bit(node.agent);
      }
      before.push(node);
    }
    for (const { agent: asleep } of sleepers) if (!has(tried, asleep)) branches &= ~bit(asleep);
    return branches | bit(agent);
  }

  /**
   * Learns what came of the execution that began as `next` said.
   *
   * @param transitions undefined if it did not begin so, or cannot be directed
   * @returns `lost` if it did not: then nothing is known of what would have followed
   */
  take(transitions: readonly Transition[] | undefined): Taken {
    const known = this.#path.length;
    if (transitions === undefined || !this.#isAsBefore(transitions)) {
      this.#giveUp();
      return 'lost';
    }
    const last = this.#path.at(-1);
    const again = transitions[known - 1];
    if (last !== undefined && again !== undefined) {
      last.offers = again.offers;
      last.doing = again.accesses;
      last.did.push(...again.accesses);
    }
    for (const transition of transitions.slice(known)) this.#path.push(nodeAfter(this.#path.at(-1), transition));
    this.#order.cutTo(Math.max(0, known - 1));
    for (const transition of transitions.slice(this.#order.length))
      for (const race of this.#order.add(transition)) this.#plan(race, transitions);
    this.#advance();
    return 'explored';
  }

  /** Whether an execution began as it was directed, and as those before it did. */
  #isAsBefore(transitions: readonly Transition[]): boolean {
    const isLast = (place: number): boolean => place === this.#path.length - 1;
    return this.#path.every((node, place) => {
      const again = transitions[place];
      if (again?.start !== node.start || again.agent !== node.agent) return false;
      // Without a direction, agents that have nothing more to do may have gone on, and ended, before.
      if ((node.candidates & ~again.candidates) !== 0) return false;
      return isLast(place) || isAlike(again.offers, node.offers);
    });
  }

  /** What follows the last decision is left out: its agent is not tried again with these choices. */
  #giveUp(): void {
    const last = this.#path.at(-1);
    if (last !== undefined)
      last.offers = this.#chosen.map((chosen, place) => ({ count: last.offers[place]?.count ?? chosen + 1, chosen }));
    this.#advance();
  }

  /** The second transition of a race is to come first, in an execution that is not yet planned. */
  #plan(race: Race, transitions: readonly Transition[]): void {
    // What goes first there is tried elsewhere.
    if (race.first < this.#root) return;
    const node = this.#path[race.first]!;
    const second = transitions[race.second]!;
    const initials = this.#order.initialsOf(race) & node.candidates;
    if (this.#isBounded) this.#planWithinBound(race.first, second.agent);
    if (initials === 0 || (initials & node.toTry) !== 0) return;
    node.toTry |= has(initials, second.agent) ? bit(second.agent) : initials & -initials;
  }

  /** Also where the first agent got its turn, since going on there instead may need no preemption. */
  #planWithinBound(place: number, agent: number): void {
    const first = this.#path[place]!.agent;
    let start = place;
    while (start > 0 && this.#path[start - 1]!.agent === first) start--;
    for (const node of [this.#path[place]!, this.#path[start]!])
      node.toTry |= has(node.candidates, agent) ? bit(agent) : node.candidates;
  }

  /** Goes to the next execution: the last decision that has another one left. */
  #advance(): void {
    for (let last = this.#path.at(-1); last !== undefined; last = this.#path.at(-1)) {
      const open = last.offers.findLastIndex(({ count: options, chosen }) => chosen + 1 < options);
      if (open !== -1) {
        this.#chosen = last.offers
          .slice(0, open + 1)
          .map(({ chosen }, place) => (place === open ? chosen + 1 : chosen));
        return;
      }
      if (this.#path.length <= this.#root) break;
      last.tried |= bit(last.agent);
      last.sleepers = [...last.sleepers, { agent: last.agent, accesses: last.did }];
      const next = this.#nextToTry(last);
      if (next !== undefined) {
        last.agent = next;
        const before = this.#path.at(-2);
        if (before !== undefined) last.preemptions = preemptionsAfter(before, next, last.candidates);
        last.offers = [];
        last.did = [];
        this.#chosen = [];
        return;
      }
      this.#path.pop();
    }
    this.#isDone = true;
  }

  #nextToTry({ toTry, tried, sleepers, candidates }: Node): number | undefined {
    const before = this.#path.at(-2);
    for (let left = toTry & candidates & ~tried; left !== 0; left &= left - 1) {
      const agent = 31 - Math.clz32(left & -left);
      if (!this.#isBounded) {
        if (!sleepers.some((one) => one.agent === agent)) return agent;
      } else if (before === undefined || preemptionsAfter(before, agent, candidates) <= this.#maximumPreemptions) {
        return agent;
      }
    }
    return undefined;
  }
}

/** The decision that a transition is the first to follow. @param before the decision before; undefined if it is the first */
export function nodeAfter(before: Node | undefined, transition: Transition): Node {
  const { start, agent, candidates, offers, accesses } = transition;
  return {
    start,
    candidates,
    agent,
    tried: 0,
    toTry: bit(agent),
    sleepers: before === undefined ? [] : before.sleepers.filter((one) => staysAsleep(one, before)),
    offers,
    doing: accesses,
    did: [...accesses],
    preemptions: before === undefined ? 0 : preemptionsAfter(before, agent, candidates),
  };
}

/** How many preemptions there were once `agent` goes on after a node. */
function preemptionsAfter(before: Node, agent: number, candidates: number): number {
  return before.preemptions + (agent !== before.agent && has(candidates, before.agent) ? 1 : 0);
}

/** Whether an agent still need not go on after what was done at a node where it need not. */
function staysAsleep(sleeper: Sleeper, { agent, doing }: Node): boolean {
  return sleeper.agent !== agent && !accessesMeet(sleeper.accesses, doing);
}

function isAlike(some: readonly Offer[], others: readonly Offer[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ count, chosen }, place) => others[place]?.count === count && others[place].chosen === chosen)
  );
}

function count(agents: number): number {
  let left = agents;
  let found = 0;
  for (; left !== 0; left &= left - 1) found++;
  return found;
}
