import { accessOf, conflict, type Access } from './access.js';
import * as at from './layout.js';

/** An agent that need not go next, since what follows was explored, until another does something that meets what it would do. */
export interface Sleeper {
  readonly agent: number;
  /** Everything that it was seen to do next. */
  readonly accesses: readonly Access[];
}

/** How an execution begins. From then on, agents that can continue do, but for those that sleep. */
export interface Direction {
  /** Who performs each of the first operations. */
  readonly agents: readonly number[];
  /** The first choices of event loops and the like, one after another. Later ones are 0. */
  readonly choices: readonly number[];
  /** The agents that sleep when the last of these is performed. */
  readonly sleepers: readonly Sleeper[];
}

const nothing: Access = { acts: 0, resource: 0, offset: 0, size: 0 };

/** Nobody may go on without repeating what was explored. */
export const allSleep = -1;

/**
 * Makes the decisions of a directed execution, and notes what else could have been decided. All state is in shared memory; like the
 * kernel, only the agent that holds the turn calls it.
 */
export class Director {
  readonly #words: Int32Array;

  constructor(words: Int32Array) {
    this.#words = words;
  }

  /** Prepares for an execution. @param direction undefined: it is not directed */
  begin(direction: Direction | undefined): void {
    const words = this.#words;
    words[at.DIRECTED] = direction === undefined ? 0 : 1;
    if (direction === undefined) return;
    const { agents, choices, sleepers } = direction;
    words[at.DIRECTION_LOST] = agents.length > at.maximumDirected || choices.length > at.maximumChoices ? 1 : 0;
    const count = Math.min(agents.length, at.maximumDirected);
    words[at.DIRECTED_COUNT] = count;
    for (let place = 0; place < count; place++) words[at.DIRECTED_AGENTS + place] = agents[place]!;
    words[at.DIRECTED_CHOICE_COUNT] = Math.min(choices.length, at.maximumChoices);
    for (let index = 0; index < words[at.DIRECTED_CHOICE_COUNT]; index++)
      words[at.DIRECTED_CHOICES + index] = choices[index]!;
    words[at.OFFERED_CHOICES] = 0;
    words[at.WALK_STAYED_AT] = -1;
    words.fill(0, at.CANDIDATES, at.CANDIDATES + at.maximumDirected);
    words[at.SLEEPER_COUNT] = 0;
    for (const sleeper of sleepers) this.#addSleeper(sleeper);
  }

  #addSleeper({ agent, accesses }: Sleeper): void {
    const words = this.#words;
    let count = words[at.SLEEPER_COUNT]!;
    const remembered = accesses.length === 0 ? [nothing] : accesses;
    // One that is not remembered is only explored again. One that was remembered in part might sleep for too long.
    if (count + remembered.length > at.maximumSleepers) return;
    for (const { acts, resource, offset, size } of remembered)
      words.set([agent, acts, resource, offset, size], at.SLEEPERS + count++ * at.sleeperWords);
    words[at.SLEEPER_COUNT] = count;
  }

  /** Whether the agent sleeps now. */
  #sleeps(agent: number): boolean {
    const words = this.#words;
    // Who is directed is not asleep.
    if (words[at.TRACE_POSITION]! < words[at.DIRECTED_COUNT]!) return false;
    const end = at.SLEEPERS + words[at.SLEEPER_COUNT]! * at.sleeperWords;
    for (let row = at.SLEEPERS; row < end; row += at.sleeperWords) if (words[row] === agent) return true;
    return false;
  }

  /**
   * Decides who performs the next operation.
   *
   * @param agents those that could, the one that goes on without a direction first
   * @param count how many of them count
   * @returns the place in `agents` of the one that does; `allSleep` if all could, but need not
   */
  choose(agents: Int32Array, count: number): number {
    const words = this.#words;
    const next = words[at.TRACE_POSITION]!;
    if (next >= at.maximumDirected || words[at.TRACE_LAPS] !== 0) {
      words[at.DIRECTION_LOST] = 1;
      return 0;
    }
    let candidates = 0;
    for (let place = 0; place < count; place++) {
      if (agents[place]! >= at.maximumDirectedAgents) words[at.DIRECTION_LOST] = 1;
      candidates |= 1 << agents[place]!;
    }
    words[at.CANDIDATES + next] = candidates;
    if (next < words[at.DIRECTED_COUNT]!) {
      for (let place = 0; place < count; place++) if (agents[place] === words[at.DIRECTED_AGENTS + next]) return place;
      // It may be able to once another has gone on without performing anything.
      return 0;
    }
    for (let place = 0; place < count; place++) if (!this.#sleeps(agents[place]!)) return place;
    return allSleep;
  }

  /** Decides among the options of an event loop or the like. */
  chooseOption(count: number): number {
    const words = this.#words;
    const offered = words[at.OFFERED_CHOICES]!;
    if (offered === at.maximumChoices) {
      words[at.DIRECTION_LOST] = 1;
      return 0;
    }
    const directed = offered < words[at.DIRECTED_CHOICE_COUNT]! ? words[at.DIRECTED_CHOICES + offered]! : 0;
    if (directed >= count) words[at.DIRECTION_LOST] = 1;
    const chosen = Math.min(count - 1, directed);
    words.set([words[at.TRACE_POSITION]!, count, chosen], at.OFFERS + offered * at.offerWords);
    words[at.OFFERED_CHOICES] = offered + 1;
    return chosen;
  }

  /** An operation was performed: those that sleep and would meet it wake up. */
  performed(agent: number, operation: number, resource: number, offset: number): void {
    const words = this.#words;
    const done = words[at.TRACE_POSITION]!;
    if (done > at.maximumDirected) return;
    const access = accessOf(words, agent, operation, resource, offset);
    const row = at.ACCESSES + (done - 1) * at.accessWords;
    words[row] = access.acts;
    words[row + 1] = access.resource;
    words[row + 2] = access.offset;
    words[row + 3] = access.size;
    const directed = words[at.DIRECTED_COUNT]!;
    if (done <= directed && words[at.DIRECTED_AGENTS + done - 1] !== agent) words[at.DIRECTION_LOST] = 1;
    if (done >= directed && words[at.SLEEPER_COUNT] !== 0) this.#wake(agent, access);
  }

  #wake(agent: number, access: Access): void {
    const words = this.#words;
    let awake = 0;
    for (let index = 0; index < words[at.SLEEPER_COUNT]!; index++) {
      const row = at.SLEEPERS + index * at.sleeperWords;
      const sleeper = words[row]!;
      const one = {
        acts: words[row + 1]!,
        resource: words[row + 2]!,
        offset: words[row + 3]!,
        size: words[row + 4]!,
      };
      if (sleeper === agent || conflict(access, one)) awake |= 1 << sleeper;
    }
    if (awake === 0) return;
    let kept = 0;
    for (let index = 0; index < words[at.SLEEPER_COUNT]!; index++) {
      const row = at.SLEEPERS + index * at.sleeperWords;
      if (((awake >>> words[row]!) & 1) === 1) continue;
      words.copyWithin(at.SLEEPERS + kept * at.sleeperWords, row, row + at.sleeperWords);
      kept++;
    }
    words[at.SLEEPER_COUNT] = kept;
  }
}
