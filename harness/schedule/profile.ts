import { maximumWalkPlaces } from './schedule.js';

/** An operation of an execution, as far as a profile needs it. */
export interface ProfiledOperation {
  readonly agent: number;
  /** A hash of its place in the sources; 0 if it has none. */
  readonly place: number;
  /** What it uses: a word of memory, a port, or the like; undefined if nothing that others could use. */
  readonly used: string | undefined;
  /** Whether it leaves that as it was. */
  readonly onlyReads: boolean;
}

/** Places that belong together, and about how many operations each agent performs there in one execution. */
export interface Region {
  readonly places: readonly number[];
  readonly weights: readonly number[];
}

/** All places at which a switch can matter to what several agents use. */
export interface ConflictingPlaces {
  readonly places: readonly number[];
  /** For each of them, the regions that it is part of, one bit each. */
  readonly uses: readonly number[];
  /** About how many operations all agents together perform there in one execution. */
  readonly operations: number;
}

/** What some executions had in common. */
export interface Profile {
  /** The most visible operations of an execution. At least 1. */
  readonly estimatedSteps: number;
  /** The most workers that the program of one execution started. */
  readonly startedWorkers: number;
  /** About how many operations each agent performs, by its number. */
  readonly weights: readonly number[];
  /** For each part of memory, or other resource, that several agents use and one changes: the places that use it. */
  readonly regions: readonly Region[];
  /** The places of all these parts; null if there are none, or more than `maximumWalkPlaces`. */
  readonly conflicts: ConflictingPlaces | null;
}

const maximumRegions = 32;
const maximumUses = 32;

interface Use {
  readonly agents: Set<number>;
  readonly places: Set<number>;
  isChanged: boolean;
}

/** Learns from executions what schedules are drawn for. */
export class ProfileBuilder {
  #estimatedSteps = 1;
  #startedWorkers = 0;
  /** By agent: for each execution in which it took part, how many operations it performed at each place. */
  readonly #counts: (Map<number, number>[] | undefined)[] = [];
  readonly #uses = new Map<string, Use>();

  /**
   * @param steps visible operations of the execution, which may be more than `operations`
   * @param startedWorkers agents that are neither the main agent nor writers
   */
  add(operations: readonly ProfiledOperation[], steps: number, startedWorkers: number): void {
    this.#estimatedSteps = Math.max(this.#estimatedSteps, steps);
    this.#startedWorkers = Math.max(this.#startedWorkers, startedWorkers);
    const performed: (Map<number, number> | undefined)[] = [];
    for (const { agent, place, used, onlyReads } of operations) {
      const counts = (performed[agent] ??= new Map<number, number>());
      counts.set(place, (counts.get(place) ?? 0) + 1);
      if (place === 0 || used === undefined) continue;
      const use = this.#uses.get(used) ?? { agents: new Set(), places: new Set(), isChanged: false };
      this.#uses.set(used, use);
      use.agents.add(agent);
      use.places.add(place);
      if (!onlyReads) use.isChanged = true;
    }
    for (const [agent, counts] of performed.entries())
      if (counts !== undefined) (this.#counts[agent] ??= []).push(counts);
  }

  /** The most visible operations of an execution so far. */
  get estimatedSteps(): number {
    return this.#estimatedSteps;
  }

  profile(): Profile {
    const places = new Map<string, readonly number[]>();
    for (const { agents, places: used, isChanged } of this.#uses.values()) {
      if (agents.size < 2 || !isChanged) continue;
      const sorted = [...used].sort((one, other) => one - other);
      places.set(sorted.join(), sorted);
    }
    const found = [...places.values()];
    return {
      estimatedSteps: this.#estimatedSteps,
      startedWorkers: this.#startedWorkers,
      weights: this.#weights(),
      regions: found
        .filter((of) => of.length <= maximumWalkPlaces)
        .slice(0, maximumRegions)
        .map((of) => ({ places: of, weights: this.#weights(new Set(of)) })),
      conflicts: this.#conflicts(found),
    };
  }

  #conflicts(regions: readonly (readonly number[])[]): ConflictingPlaces | null {
    const uses = new Map<number, number>();
    for (const [index, places] of regions.entries())
      for (const place of places) uses.set(place, (uses.get(place) ?? 0) | (1 << (index % maximumUses)));
    if (uses.size === 0 || uses.size > maximumWalkPlaces) return null;
    const operations = this.#weights(new Set(uses.keys())).reduce((sum, weight) => sum + weight, 0);
    return { places: [...uses.keys()], uses: [...uses.values()], operations };
  }

  /** The mean of the executions in which the agent did anything there: others say nothing of how much there is to do. */
  #weights(places?: ReadonlySet<number>): number[] {
    return Array.from(this.#counts, (executions) => {
      let sum = 0;
      let active = 0;
      for (const counts of executions ?? []) {
        let count = 0;
        for (const [place, times] of counts) if (places?.has(place) ?? true) count += times;
        sum += count;
        if (count > 0) active++;
      }
      return active === 0 ? 0 : Math.ceil(sum / active);
    });
  }
}
