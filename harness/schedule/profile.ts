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
}

const maximumRegions = 32;

interface Use {
  readonly agents: Set<number>;
  readonly places: Set<number>;
  isChanged: boolean;
}

/** Learns from executions what schedules are drawn for. */
export class ProfileBuilder {
  #executions = 0;
  #estimatedSteps = 1;
  #startedWorkers = 0;
  /** By agent, by place. */
  readonly #counts: (Map<number, number> | undefined)[] = [];
  readonly #uses = new Map<string, Use>();

  /**
   * @param steps visible operations of the execution, which may be more than `operations`
   * @param startedWorkers agents that are neither the main agent nor writers
   */
  add(operations: readonly ProfiledOperation[], steps: number, startedWorkers: number): void {
    this.#executions++;
    this.#estimatedSteps = Math.max(this.#estimatedSteps, steps);
    this.#startedWorkers = Math.max(this.#startedWorkers, startedWorkers);
    for (const { agent, place, used, onlyReads } of operations) {
      const counts = (this.#counts[agent] ??= new Map<number, number>());
      counts.set(place, (counts.get(place) ?? 0) + 1);
      if (place === 0 || used === undefined) continue;
      const use = this.#uses.get(used) ?? { agents: new Set(), places: new Set(), isChanged: false };
      this.#uses.set(used, use);
      use.agents.add(agent);
      use.places.add(place);
      if (!onlyReads) use.isChanged = true;
    }
  }

  /** The most visible operations of an execution so far. */
  get estimatedSteps(): number {
    return this.#estimatedSteps;
  }

  profile(): Profile {
    const places = new Map<string, readonly number[]>();
    for (const { agents, places: used, isChanged } of this.#uses.values()) {
      if (agents.size < 2 || !isChanged || used.size > maximumWalkPlaces) continue;
      const sorted = [...used].sort((one, other) => one - other);
      places.set(sorted.join(), sorted);
    }
    return {
      estimatedSteps: this.#estimatedSteps,
      startedWorkers: this.#startedWorkers,
      weights: this.#weights(),
      regions: [...places.values()]
        .slice(0, maximumRegions)
        .map((found) => ({ places: found, weights: this.#weights(found) })),
    };
  }

  #weights(places?: readonly number[]): number[] {
    return Array.from(this.#counts, (counts) => {
      let sum = 0;
      for (const [place, count] of counts ?? []) if (places?.includes(place) ?? true) sum += count;
      return Math.ceil(sum / this.#executions);
    });
  }
}
