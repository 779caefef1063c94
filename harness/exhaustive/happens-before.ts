import { conflict, type Access } from '../kernel/access.js';
import { maximumDirectedAgents } from '../kernel/layout.js';
import type { Transition } from '../kernel/transitions.js';

/** Two transitions of different agents that could change places, and that nothing else orders. By their places. */
export interface Race {
  readonly first: number;
  readonly second: number;
}

interface Known {
  readonly transition: Transition;
  /** How many transitions of its agent came before. */
  readonly number: number;
  /** By agent: how many of its transitions happen before this one, or are this one (Mattern's vector clocks). */
  readonly clock: readonly number[];
}

/** Which transitions of an execution happen before which: kept up to date while executions share their beginnings. */
export class HappensBefore {
  readonly #known: Known[] = [];
  /** By agent: the places of its transitions. */
  readonly #places = Array.from({ length: maximumDirectedAgents }, (): number[] => []);

  /** Forgets all but the first transitions. */
  cutTo(length: number): void {
    for (const { transition } of this.#known.splice(length)) this.#places[transition.agent]?.pop();
  }

  get length(): number {
    return this.#known.length;
  }

  /** Adds the next transition, and tells which races it ends, the last first. */
  add(transition: Transition): Race[] {
    const { agent } = transition;
    const place = this.#known.length;
    const own = this.#places[agent]!;
    const clock = this.#clockAfter(transition, own.at(-1));
    // Its agent could have gone on without what has enabled this one, and done something else.
    const races = transition.enabledBy
      .filter((enabling) => has(this.#known[enabling]!.transition.candidates, agent))
      .map((enabling): Race => ({ first: enabling, second: place }));
    let unordered = 0;
    for (const [other, places] of this.#places.entries())
      if (other !== agent) unordered += Math.max(0, places.length - (clock[other] ?? 0));
    for (let earlier = place - 1; earlier >= 0 && unordered > 0; earlier--) {
      const before = this.#known[earlier]!;
      if (before.transition.agent === agent || happenedBefore(before, clock)) continue;
      if (!meet(before.transition, transition)) {
        unordered--;
        continue;
      }
      races.push({ first: earlier, second: place });
      unordered = this.#join(clock, before, agent, unordered, earlier);
    }
    clock[agent] = own.length + 1;
    own.push(place);
    this.#known.push({ transition, number: own.length - 1, clock });
    return races;
  }

  #clockAfter({ enabledBy }: Transition, last: number | undefined): number[] {
    const clock = last === undefined ? [] : [...this.#known[last]!.clock];
    for (const place of enabledBy) joinInto(clock, this.#known[place]!.clock);
    return clock;
  }

  /** Joins the clock of a transition, and returns how many before it are still not ordered. */
  #join(clock: number[], { clock: joined }: Known, agent: number, unordered: number, before: number): number {
    joinInto(clock, joined);
    if (unordered === 0) return 0;
    let left = 0;
    for (const [other, places] of this.#places.entries()) {
      if (other === agent) continue;
      let number = places.length;
      while (number > 0 && places[number - 1]! >= before) number--;
      left += Math.max(0, number - (clock[other] ?? 0));
    }
    return left;
  }

  /**
   * The agents that could go first if the second transition of a race came before the first: those whose next transition, of the
   * second one and all between that do not depend on the first, needs none of the others (the initials of Abdulla, Aronsson, Jonsson,
   * Sagonas, "Optimal Dynamic Partial Order Reduction", POPL 2014, section 3). One bit each.
   */
  initialsOf({ first, second }: Race): number {
    const from = this.#known[first]!;
    const firsts: Known[] = [];
    let seen = 0;
    let initials = 0;
    for (let place = first + 1; place <= second; place++) {
      const known = this.#known[place]!;
      const { agent } = known.transition;
      if (place < second && happenedBefore(from, known.clock)) continue;
      if (((seen >>> agent) & 1) === 1) continue;
      if (!firsts.some((one) => happenedBefore(one, known.clock))) initials |= 1 << agent;
      seen |= 1 << agent;
      firsts.push(known);
    }
    return initials;
  }
}

/** Whether an agent is among those that have a bit. */
export const has = (agents: number, agent: number): boolean => ((agents >>> agent) & 1) === 1;

/** Whether a transition happens before the one with this clock. */
function happenedBefore({ transition, number }: Known, clock: readonly number[]): boolean {
  return (clock[transition.agent] ?? 0) > number;
}

function joinInto(clock: number[], other: readonly number[]): void {
  for (let agent = 0; agent < other.length; agent++) clock[agent] = Math.max(clock[agent] ?? 0, other[agent] ?? 0);
}

function meet(one: Transition, other: Transition): boolean {
  return accessesMeet(one.accesses, other.accesses);
}

/** Whether some of what one agent does conflicts with some of what another does. */
export function accessesMeet(some: readonly Access[], others: readonly Access[]): boolean {
  return some.some((access) => others.some((other) => conflict(access, other)));
}
