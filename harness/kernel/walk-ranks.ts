import { maximumChangePoints, maximumWalkPlaces, type WalkPriorities } from '../schedule/schedule.js';
import * as at from './layout.js';

/** Below all that are drawn there is room for those of agents that were put last. */
const lowestDrawn = 2 ** 20;
const drawnPriorities = 2 ** 30;

/** The priorities of a walk. All state is in shared memory; only the agent that holds the turn calls it. */
export class WalkRanks {
  readonly #words: Int32Array;
  readonly #placeOf: (site: number) => number | undefined;
  readonly #below: (bound: number) => number;

  /**
   * @param placeOf which of the walk's places a site is; undefined if none
   * @param below draws a number from 0 to less than a bound
   */
  constructor(words: Int32Array, placeOf: (site: number) => number | undefined, below: (bound: number) => number) {
    this.#words = words;
    this.#placeOf = placeOf;
    this.#below = below;
  }

  begin({ changes, uses }: WalkPriorities): void {
    const words = this.#words;
    words.fill(0, at.WALK_LEFT, at.WALK_LEFT + at.maximumAgents);
    words[at.WALK_RANKED_COUNT] = 0;
    words[at.WALK_CHANGE_CURSOR] = 0;
    words[at.WALK_LOWEST] = lowestDrawn;
    words[at.WALK_RANKS_OPERATIONS] = uses.length === 0 ? 0 : 1;
    for (let index = 0; index < Math.min(uses.length, maximumWalkPlaces); index++)
      words[at.WALK_USES + index] = uses[index]!;
    const count = Math.min(changes.length, maximumChangePoints);
    words[at.WALK_CHANGE_COUNT] = count;
    for (let index = 0; index < count; index++) words[at.WALK_CHANGES + index] = changes[index]!;
  }

  #priorityOf(agent: number): number {
    const word = at.WALK_LEFT + agent;
    if (this.#words[word] === 0) this.#words[word] = lowestDrawn + this.#below(drawnPriorities);
    return this.#words[word]!;
  }

  /** Decides who performs the next operation: the running agent, at this site, or a rival, by its index. */
  rivalOf(agent: number, site: number, rivals: Int32Array, count: number): number | undefined {
    const unknown = this.#firstUnknown(rivals, count);
    if (unknown !== undefined) return unknown;
    let best = this.#highest(agent, rivals, count);
    if (this.#isChangePoint()) {
      this.#drop(best === undefined ? agent : rivals[best]!);
      best = this.#highest(agent, rivals, count);
    }
    if (best === undefined) this.#perform(agent, site, agent, site);
    else this.#perform(rivals[best]!, this.#siteOf(rivals[best]!), agent, site);
    return best;
  }

  /** The rival that goes before an agent: the one with the highest priority, unless that is the agent itself. */
  #highest(agent: number, rivals: Int32Array, count: number): number | undefined {
    let highest = this.#priorityOf(agent);
    let best: number | undefined;
    for (let index = 0; index < count; index++) {
      const priority = this.#priorityOf(rivals[index]!);
      if (priority <= highest) continue;
      highest = priority;
      best = index;
    }
    return best;
  }

  /**
   * Operations can only be compared if they are known: if they have priorities, agents that are not at a place go on to one first. Once:
   * one that does not come to a place has a priority like the others.
   */
  #firstUnknown(agents: Int32Array, count: number): number | undefined {
    if (this.#words[at.WALK_RANKS_OPERATIONS] === 0) return undefined;
    for (let index = 0; index < count; index++) {
      const agent = agents[index]!;
      if (this.#words[at.WALK_LEFT + agent] !== 0 || this.#usesAt(this.#siteOf(agent)) !== undefined) continue;
      this.#priorityOf(agent);
      return index;
    }
    return undefined;
  }

  /** The index of the one with the highest priority of the first `count`, which is at least 1. */
  highestOf(options: Int32Array, count: number): number {
    const unknown = this.#firstUnknown(options, count);
    if (unknown !== undefined) return unknown;
    let best = 0;
    for (let index = 1; index < count; index++)
      if (this.#priorityOf(options[index]!) > this.#priorityOf(options[best]!)) best = index;
    this.#perform(options[best]!, this.#siteOf(options[best]!));
    return best;
  }

  /** An agent that spins, or has gone on for long, must not be preferred for that: others could wait for ever. */
  yields(agent: number): void {
    const words = this.#words;
    if (words[at.WALK_RANKS_OPERATIONS] === 1) {
      words[at.WALK_LEFT + agent] = 0;
      return;
    }
    this.#putLast(agent);
  }

  /** Below all others; if that has happened very often, beside those that were put last before. */
  #putLast(agent: number): void {
    const words = this.#words;
    words[at.WALK_LOWEST] = Math.max(1, words[at.WALK_LOWEST]! - 1);
    words[at.WALK_LEFT + agent] = words[at.WALK_LOWEST];
  }

  #isChangePoint(): boolean {
    const words = this.#words;
    const cursor = words[at.WALK_CHANGE_CURSOR]!;
    return cursor < words[at.WALK_CHANGE_COUNT]! && words[at.WALK_CHANGES + cursor]! <= words[at.WALK_RANKED_COUNT]!;
  }

  /** Below all others, at this change point and those of the same operation. */
  #drop(agent: number): void {
    const words = this.#words;
    do words[at.WALK_CHANGE_CURSOR] = words[at.WALK_CHANGE_CURSOR]! + 1;
    while (this.#isChangePoint());
    this.#putLast(agent);
  }

  #siteOf(agent: number): number {
    return this.#words[at.AGENT_TABLE + agent * at.agentWords + at.AGENT_PREEMPTED_AT]!;
  }

  /** What the operation at a site uses; undefined if that is not known yet. */
  #usesAt(site: number): number | undefined {
    const place = site === 0 ? undefined : this.#placeOf(site);
    return place === undefined ? undefined : this.#words[at.WALK_USES + place]!;
  }

  /**
   * An agent is about to perform the operation at a site. Those that wait with an operation on the same draw again, so that it is
   * not the order of what came first that decides who is next.
   *
   * @param running the agent that is at `runningSite` now, if there is one
   */
  #perform(agent: number, site: number, running?: number, runningSite = 0): void {
    const words = this.#words;
    // One that has not been preempted comes to a point before its next operation.
    if (site === 0) return;
    const place = this.#placeOf(site);
    if (place === undefined && words[at.WALK_PLACE_COUNT] !== 0) return;
    words[at.WALK_RANKED_COUNT] = words[at.WALK_RANKED_COUNT]! + 1;
    if (place === undefined || words[at.WALK_RANKS_OPERATIONS] === 0) return;
    const uses = words[at.WALK_USES + place]!;
    words[at.WALK_LEFT + agent] = 0;
    for (let other = 0; other < words[at.AGENT_COUNT]!; other++) {
      const theirs = this.#usesAt(other === running ? runningSite : this.#siteOf(other));
      if (theirs !== undefined && (theirs & uses) !== 0) words[at.WALK_LEFT + other] = 0;
    }
  }
}
