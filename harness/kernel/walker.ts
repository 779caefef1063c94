import { maximumWalkPlaces, type Schedule, type Walk } from '../schedule/schedule.js';
import * as at from './layout.js';
import type { KernelMemory } from './layout.js';
import { WalkRanks } from './walk-ranks.js';

/** Weights are whole numbers; an agent that has more left than was estimated keeps this one. One that has nothing to do there has 0. */
const leastWeight = 1;
/** Agents that only time can wake have together this part of the weight of those that can continue. */
const shareOfTime = 8;

/**
 * Makes the decisions of a schedule's walk, and adds each to the schedule in memory: so an execution with a walk ends with the plain
 * schedule that gives the same execution without it.
 *
 * All state is in shared memory; like the kernel, only the agent that holds the turn calls it.
 */
export class Walker {
  readonly #words: Int32Array;
  readonly #siteHashes: Int32Array;
  readonly #ranks: WalkRanks;

  constructor({ words, siteHashes }: KernelMemory) {
    this.#words = words;
    this.#siteHashes = siteHashes;
    this.#ranks = new WalkRanks(
      words,
      (site) => this.#placeOf(site),
      (bound) => this.below(bound),
    );
  }

  /** Prepares for an execution. @param walk undefined: the schedule decides everything beforehand */
  begin(walk: Walk | undefined): void {
    const words = this.#words;
    words[at.WALKS] = walk === undefined ? 0 : 1;
    if (walk === undefined) return;
    // The generator never leaves the state 0.
    words[at.WALK_STATE] = walk.seed === 0 ? 1 : walk.seed;
    words[at.WALK_GAP] = walk.gap;
    words[at.WALK_INTENDED] = 0;
    words[at.WALK_STAYED_AT] = -1;
    words[at.WALK_WEIGHTED] = walk.weights.length === 0 ? 0 : 1;
    words[at.WALK_RANKED] = walk.priorities === undefined ? 0 : 1;
    if (walk.priorities === undefined) {
      for (let agent = 0; agent < at.maximumAgents; agent++)
        words[at.WALK_LEFT + agent] = walk.weights[agent] ?? leastWeight;
    } else this.#ranks.begin(walk.priorities);
    const places = Math.min(walk.places.length, maximumWalkPlaces);
    words[at.WALK_PLACE_COUNT] = places;
    for (let index = 0; index < places; index++) words[at.WALK_PLACES + index] = walk.places[index]!;
  }

  /** A number from 0 to `bound` - 1, all equally likely (Marsaglia, "Xorshift RNGs", Journal of Statistical Software 2003). */
  below(bound: number): number {
    const words = this.#words;
    let state = words[at.WALK_STATE]!;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[at.WALK_STATE] = state;
    return Math.floor(((state >>> 0) / 2 ** 32) * bound);
  }

  /** Whether something is drawn at this point. */
  drawsAt(site: number): boolean {
    const gap = this.#words[at.WALK_GAP]!;
    if (this.#words[at.WALK_PLACE_COUNT] !== 0 && this.#isPlace(site)) return true;
    return gap === 1 || (gap > 1 && this.below(gap) === 0);
  }

  /** The running agent goes on at this point, where nothing is drawn: if it was meant to perform this operation, it does. */
  passes(agent: number, site: number): void {
    if (this.#words[at.WALK_INTENDED] !== agent + 1 || !this.#isPlace(site)) return;
    this.#words[at.WALK_INTENDED] = 0;
    this.#spend(agent);
  }

  /** Whether it is one of the walk's places; all are if it names none. */
  #isPlace(site: number): boolean {
    const words = this.#words;
    return words[at.WALK_PLACE_COUNT] === 0 || this.#placeOf(site) !== undefined;
  }

  /** Which of the walk's places it is; undefined if none. */
  #placeOf(site: number): number | undefined {
    const words = this.#words;
    const hash = this.#siteHashes[site]!;
    const count = words[at.WALK_PLACE_COUNT]!;
    for (let index = 0; index < count; index++) if (words[at.WALK_PLACES + index] === hash) return index;
    return undefined;
  }

  /** Whether an agent was preempted at one of the walk's places, and waits there. */
  #waitsAtPlace(agent: number): boolean {
    const site = this.#words[at.AGENT_TABLE + agent * at.agentWords + at.AGENT_PREEMPTED_AT]!;
    return site !== 0 && this.#isPlace(site);
  }

  /**
   * Draws who goes on: the running agent, which is at this point, or a rival.
   *
   * @param rivals the first `count` of them could run instead
   * @returns the index of the rival; undefined if the running agent goes on
   */
  rivalOf(agent: number, site: number, rivals: Int32Array, count: number): number | undefined {
    if (this.#words[at.WALK_RANKED] === 1) return this.#ranks.rivalOf(agent, site, rivals, count);
    if (!this.#isPlace(site)) return this.#nextElsewhere(rivals, count);
    const words = this.#words;
    const isIntended = words[at.WALK_INTENDED] === agent + 1;
    words[at.WALK_INTENDED] = 0;
    const to = isIntended || count === 0 ? undefined : this.#draw(agent, rivals, count);
    const drawn = to === undefined ? agent : rivals[to]!;
    // An agent that is not yet at one of the places goes on to one.
    if (to === undefined || this.#waitsAtPlace(drawn)) this.#spend(drawn);
    else if (words[at.WALK_PLACE_COUNT] !== 0) words[at.WALK_INTENDED] = drawn + 1;
    return to;
  }

  /** Agents that wait at one of the places stay there. */
  #nextElsewhere(rivals: Int32Array, count: number): number | undefined {
    let free = 0;
    for (let index = 0; index < count; index++) if (!this.#waitsAtPlace(rivals[index]!)) free++;
    let drawn = free === 0 ? 0 : this.below(free + 1);
    if (drawn === 0) return undefined;
    for (let index = 0; ; index++) if (!this.#waitsAtPlace(rivals[index]!) && --drawn === 0) return index;
  }

  /** An agent lets the others go first. */
  yields(agent: number): void {
    if (this.#words[at.WALK_RANKED] === 1) this.#ranks.yields(agent);
  }

  #draw(agent: number, rivals: Int32Array, count: number): number | undefined {
    const own = this.#weightOf(agent);
    const others = this.#sumOf(rivals, count);
    if (own + others === 0) {
      const drawn = this.below(count + 1);
      return drawn === count ? undefined : drawn;
    }
    const drawn = this.below(own + others);
    return drawn < own ? undefined : this.#indexOf(rivals, drawn - own);
  }

  /** The weights of the first `count` agents together. */
  #sumOf(agents: Int32Array, count: number): number {
    let sum = 0;
    for (let index = 0; index < count; index++) sum += this.#weightOf(agents[index]!);
    return sum;
  }

  /** The index of the agent that has a number below the sum of all weights. */
  #indexOf(agents: Int32Array, drawn: number): number {
    let left = drawn;
    for (let index = 0; ; index++) {
      left -= this.#weightOf(agents[index]!);
      if (left < 0) return index;
    }
  }

  #weightOf(agent: number): number {
    return this.#words[at.WALK_WEIGHTED] === 0 ? leastWeight : this.#words[at.WALK_LEFT + agent]!;
  }

  #spend(agent: number): void {
    const left = this.#words[at.WALK_LEFT + agent]!;
    if (left > leastWeight) this.#words[at.WALK_LEFT + agent] = left - 1;
  }

  /**
   * Draws who follows an agent that cannot continue.
   *
   * @param options `count` agents, of which the first `ready` can continue
   */
  optionOf(options: Int32Array, ready: number, count: number): number {
    const words = this.#words;
    if (words[at.WALK_RANKED] === 1) {
      const timed = ready === count || (ready > 0 && this.below(shareOfTime + 1) > 0) ? 0 : count - ready;
      return timed > 0 ? ready + this.below(timed) : this.#ranks.highestOf(options, ready);
    }
    const intended = words[at.WALK_INTENDED]! - 1;
    for (let index = 0; index < ready; index++) if (options[index] === intended) return index;
    if (ready === 0) return this.below(count);
    const total = this.#sumOf(options, ready);
    const rest = ready === count ? 0 : Math.max(1, Math.floor(total / shareOfTime));
    const drawn = this.below(Math.max(1, total) + rest);
    if (drawn >= Math.max(1, total)) return ready + this.below(count - ready);
    return total === 0 ? this.below(ready) : this.#indexOf(options, drawn);
  }

  /** Adds a preemption at this step. Returns whether there was room for it. */
  addPreemption(to: number): boolean {
    const words = this.#words;
    const count = words[at.PREEMPTION_COUNT]!;
    if (count >= at.maximumPreemptions) return false;
    words[at.PREEMPTIONS + 2 * count] = words[at.STEP]!;
    words[at.PREEMPTIONS + 2 * count + 1] = to;
    words[at.PREEMPTION_COUNT] = count + 1;
    return true;
  }

  /** Adds a choice, and returns it; 0 if there is no room. */
  addChoice(choice: number): number {
    const words = this.#words;
    const count = words[at.CHOICE_COUNT]!;
    if (count >= at.maximumChoices) {
      words[at.DIRECTION_LOST] = 1;
      return 0;
    }
    words[at.CHOICES + count] = choice;
    words[at.CHOICE_COUNT] = count + 1;
    words[at.CHOICE_CURSOR] = count + 1;
    return choice;
  }
}

/** What was decided in the last execution, as a schedule without a walk. The random seed and the like are those of `schedule`. */
export function decided({ words }: KernelMemory, { walk, ...schedule }: Schedule): Schedule {
  if (walk === undefined && words[at.DIRECTED] === 0) return schedule;
  const preemptions = Array.from({ length: words[at.PREEMPTION_COUNT]! }, (_, index) => ({
    step: words[at.PREEMPTIONS + 2 * index]!,
    to: words[at.PREEMPTIONS + 2 * index + 1]!,
  }));
  const choices = Array.from(words.subarray(at.CHOICES, at.CHOICES + words[at.CHOICE_COUNT]!));
  return { ...schedule, preemptions, choices: choices.slice(0, choices.findLastIndex((choice) => choice !== 0) + 1) };
}
