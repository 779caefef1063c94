/** A switch away from an agent that could have continued. */
export interface Preemption {
  /** The visible operation before which it happens, counted from 0 over all agents. */
  readonly step: number;
  /** Which of the other agents that can run takes over: an index into them in the order of preference, modulo their number. */
  readonly to: number;
}

/** The most places of one walk: more would take long to compare at every operation. */
export const maximumWalkPlaces = 64;

/** The most change points of one walk. */
export const maximumChangePoints = 8;

/** Priorities of a walk, random ones: the agent with the highest goes on. */
export interface WalkPriorities {
  /**
   * Change points: which of the operations at the walk's places, counted from 0 over all agents, in ascending order. The agent that
   * was about to perform it becomes the least preferred (Burckhardt, Kothari, Musuvathi, Nagarakatte: "A Randomized Scheduler with
   * Probabilistic Guarantees of Finding Bugs", ASPLOS 2010).
   */
  readonly changes: readonly number[];
  /**
   * For each of the walk's places, what its operations use, one bit each. Every operation has a priority of its own then, drawn
   * again when another one on the same comes first (Yuan, Yang, Gu: "Partial Order Aware Concurrency Sampling", CAV 2018). Empty: an
   * agent keeps its priority.
   */
  readonly uses: readonly number[];
}

/**
 * Random decisions that are made during an execution, since they depend on who can run: at some places, who goes on. Plain data
 * like the rest of the schedule; what it decides is another schedule, without a walk.
 */
export interface Walk {
  /** Of its random numbers, a 32-bit integer. */
  readonly seed: number;
  /**
   * About how many operations each agent performs at the places, by its number: agents are drawn in proportion to what they have
   * left (Zhao, Wolff, Mathur, Roychoudhury: "Selectively Uniform Concurrency Testing", ASPLOS 2025). Empty: all the same.
   */
  readonly weights: readonly number[];
  /** Hashes of the places at which something is drawn. Empty: at all. */
  readonly places: readonly number[];
  /** At other operations, or at all if no places are given, something is drawn at one of so many on average. 0: never */
  readonly gap: number;
  /** Instead of drawing agents. */
  readonly priorities?: WalkPriorities | undefined;
}

/** After how many operations in a row an agent lets the others go first, unless the schedule says otherwise. */
export const usualSlice = 5_000;

/**
 * Decides every choice of one execution. Plain data: it survives JSON, and the same schedule with the same scenario
 * and parameters gives the same trace.
 */
export interface Schedule {
  /**
   * The order in which agents are preferred, as a Lehmer code: entry `i` picks one of the agents not yet ranked, modulo
   * their number. Missing entries are 0, so `[]` is the main agent, then the workers in order.
   */
  readonly order: readonly number[];
  /** In ascending order of `step`. A preempted agent becomes the least preferred one. */
  readonly preemptions: readonly Preemption[];
  /**
   * Used one after another whenever an agent blocks or ends and several could follow, or an event loop has several
   * tasks to choose from; modulo the number of options. After the end of the list, every choice is 0.
   */
  readonly choices: readonly number[];
  /** Seeds Math.random and everything else that is random in the program under test. */
  readonly randomSeed: number;
  /** How often an agent repeats a read that gives the same, before the others go first. Default 3 */
  readonly patience?: number | undefined;
  /** After how many operations of one agent in a row the others go first, and time passes by itself. Default 5,000 */
  readonly slice?: number | undefined;
  /** Adds to `preemptions` and `choices`, which are then empty at first. Default: nothing is added. */
  readonly walk?: Walk | undefined;
}

/** What one execution is given: everything that is not in the scenario file itself. */
export interface Plan {
  readonly writers: number;
  readonly readers: number;
  readonly params: Readonly<Record<string, unknown>>;
  readonly schedule: Schedule;
}
