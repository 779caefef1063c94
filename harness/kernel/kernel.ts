import { usualSlice, type Schedule } from '../schedule/schedule.js';
import { VirtualTime } from './virtual-time.js';
import { allSleep, Director, type Direction } from './director.js';
import { executionEnded } from './execution-ended.js';
import * as at from './layout.js';
import {
  afterStates,
  agentStates,
  endings,
  endReasons,
  livelockCauses,
  turnReasons,
  wakeResults,
  type KernelMemory,
} from './layout.js';
import type { Turnstile } from './turnstile.js';
import { Walker } from './walker.js';

/** What `chooseNext` returns when no agent can run and no timeout is pending. */
export const nobody = -1;

const mainAgent = 0;

/** Repetitions of exactly the same operation without progress that count as spinning, unless the schedule says otherwise. */
export const spinRepetitions = 3;

/** Operations of the longest loop that counts as spinning, all spinning agents together. */
const longestSpinLoop = 64;

/** Steps after which the next timeout becomes due while the running agents only loop. */
const hurriedSteps = 64;

/** Every loop without progress must have run for this part of `waitsWithoutProgress`, however many loops there are. */
const leastShareOfWaits = 8;

/** How many swallowed unwinding throws one execution tolerates. */
export const maximumUnwindThrows = 10_000;

/** The bounds the kernel itself enforces. */
export interface KernelLimits {
  readonly steps: number;
  readonly stepsWithoutProgress: number;
  readonly waitsWithoutProgress: number;
  readonly hangTimeoutMs: number;
  readonly historyEvents: number;
  readonly queuedMessages: number;
  readonly stallMs: number;
}

/**
 * One agent's view of the state machine that decides who may run, who is blocked on what, and what time it is.
 *
 * All of its state is in shared memory, so the agent that holds the turn decides alone. The methods of an instance are only
 * called by its own agent, and only while that agent holds the turn.
 */
export class Kernel extends VirtualTime {
  /** The number of this agent. A thread that serves workers is another agent in each execution, and may be several in one. */
  agent: number;
  readonly #turnstile: Turnstile;
  readonly #walker: Walker;
  readonly #director: Director;
  readonly #options = new Int32Array(at.maximumAgents);
  /** The virtual time at which the first of the options could continue. */
  #firstMs = 0;
  #unwindThrows = 0;
  #execution = 0;
  /** Asked to end, this agent may go on until it next gives the turn away. */
  #mayGoOn = false;
  /** Handles code that keeps swallowing the unwinding; does not return. */
  onStuck: (() => never) | undefined;
  /** Measures the memory in use when the watchdog asks for it. */
  onMeasure: (() => void) | undefined;

  constructor(memory: KernelMemory, agent: number, turnstile: Turnstile) {
    super(memory);
    this.agent = agent;
    this.#turnstile = turnstile;
    this.#walker = new Walker(memory);
    this.#director = new Director(memory.words);
  }

  /**
   * Prepares everything for an execution of `agentCount` agents. The caller, the main agent, holds the turn.
   *
   * @param direction decides in place of the schedule, as far as it goes
   */
  begin(schedule: Schedule, agentCount: number, limits: KernelLimits, direction?: Direction): void {
    const { words, numbers } = this;
    words[at.EXECUTION] = words[at.EXECUTION]! + 1;
    this.#execution = words[at.EXECUTION]!;
    words.fill(0, at.STEP, at.INVOCATION);
    words[at.AGENT_COUNT] = agentCount;
    words[at.NEXT_BUFFER] = 1;
    words[at.STEP_LIMIT] = limits.steps;
    words[at.STEPS_WITHOUT_PROGRESS_LIMIT] = limits.stepsWithoutProgress;
    words[at.WAITS_WITHOUT_PROGRESS_LIMIT] = limits.waitsWithoutProgress;
    words[at.HANG_TIMEOUT_MS] = limits.hangTimeoutMs;
    words[at.HISTORY_LIMIT] = limits.historyEvents;
    words[at.QUEUED_MESSAGES_LIMIT] = limits.queuedMessages;
    words[at.RANDOM_SEED] = schedule.randomSeed | 0;
    words[at.PATIENCE] = schedule.patience ?? spinRepetitions;
    words[at.SLICE_STEPS] = schedule.slice ?? usualSlice;
    words[at.SLICE_END] = words[at.SLICE_STEPS];
    words[at.NEXT_TIME_STEP] = words[at.SLICE_STEPS];
    words[at.RECURRENCES] = 0;
    words[at.NEWS] = 1;
    words[at.NEWS_STEP] = 0;
    words[at.WAITS] = 0;
    words[at.DRAWN_STEP] = 0;
    words[at.WAIT_STEP] = 0;
    words[at.LIVELOCK_CAUSE] = livelockCauses.steps;
    words[at.AFTER] = afterStates.none;
    words[at.HAD_CHOICE] = 0;
    words[at.ENVIRONMENT_SHARED] = 0;
    words[at.DATA_VIEWS] = 0;
    words[at.WAITS_ASYNC] = 0;
    words[at.HAS_SPUN] = 0;
    words[at.OPENS_BROADCAST] = 0;
    words[at.DIRECTION_LOST] = 0;
    words.fill(0, at.AGENT_TABLE, at.AGENT_TABLE + agentCount * at.agentWords);
    numbers[at.NOW_MS] = 0;
    numbers[at.WAITED_MS] = 0;
    numbers[at.STALLED_MS] = 0;
    numbers[at.STALL_LIMIT_MS] = limits.stallMs;
    for (let agent = 0; agent < agentCount; agent++) {
      words[at.AGENT_TABLE + agent * at.agentWords + at.AGENT_STATE] = agentStates.runnable;
      words[at.AGENT_TABLE + agent * at.agentWords + at.AGENT_THREAD] = agent;
      numbers[at.WAIT_DEADLINES + agent] = Infinity;
      numbers[at.TIMER_DEADLINES + agent] = Infinity;
      numbers[at.KEEP_ALIVE_DEADLINES + agent] = Infinity;
    }
    this.#writeSchedule(schedule, agentCount);
    this.#walker.begin(schedule.walk);
    this.#director.begin(direction);
    // What is directed is decided at every step, as in a walk.
    if (direction !== undefined) words[at.WALKS] = 1;
    this.#planNextStop();
    words[at.ACTIVE] = 1;
  }

  /**
   * Adds an agent that the caller's program starts, able to run at once. By default it is the least preferred one; the schedule's
   * order may rank it before others. Throws a RangeError if there are `maximumAgents`.
   *
   * @param thread the one that it runs on, from `freeThread`
   * @returns its number
   */
  addAgent(thread: number): number {
    const { words, numbers } = this;
    const agent = words[at.AGENT_COUNT]!;
    if (agent >= at.maximumAgents) throw new RangeError(`an execution has at most ${at.maximumAgents} agents`);
    words[at.AGENT_COUNT] = agent + 1;
    const row = at.AGENT_TABLE + agent * at.agentWords;
    words.fill(0, row, row + at.agentWords);
    words[row + at.AGENT_STATE] = agentStates.runnable;
    words[row + at.AGENT_PARENT] = this.agent + 1;
    words[row + at.AGENT_THREAD] = thread;
    numbers[at.WAIT_DEADLINES + agent] = Infinity;
    numbers[at.TIMER_DEADLINES + agent] = Infinity;
    numbers[at.KEEP_ALIVE_DEADLINES + agent] = Infinity;
    const back = agent < words[at.GIVEN_ORDER_COUNT]! ? words[at.GIVEN_ORDER + agent]! % (agent + 1) : 0;
    const place = at.ORDER + agent - back;
    words.copyWithin(place + 1, place, at.ORDER + agent);
    words[place] = agent;
    words[at.HAD_CHOICE] = 1;
    this.noteProgress();
    this.noteNews();
    return agent;
  }

  /** Asks an agent to end: it does at one of its next points, which the schedule chooses, or where it waits. */
  askToEnd(agent: number, exitCode: number): void {
    if (this.read(agent, at.AGENT_ENDING) !== endings.none) return;
    this.write(agent, at.AGENT_ENDING, endings.asked);
    this.write(agent, at.AGENT_EXIT_CODE, exitCode);
    this.noteProgress();
    this.noteNews();
  }

  /** Begins the end of the calling agent: from here on it only unwinds. */
  beginEnding(exitCode: number): void {
    this.write(this.agent, at.AGENT_ENDING, endings.ending);
    this.write(this.agent, at.AGENT_EXIT_CODE, exitCode);
    this.#stopAt(-1);
  }

  /** Whether the calling agent ends although the execution continues. */
  get isEnding(): boolean {
    return !this.isOver && this.read(this.agent, at.AGENT_ENDING) === endings.ending;
  }

  /** The calling agent has ended: nothing can wake it any more. */
  die(): void {
    this.write(this.agent, at.AGENT_STATE, agentStates.ended);
    this.waiters.removeAll(this.agent);
    this.noteProgress();
    this.noteNews();
  }

  /** Gives the turn away for good, after `die`, with an empty stack. */
  leaveForGood(): void {
    const next = this.#nextOrEnd();
    this.leaveTo(next === nobody ? mainAgent : next, turnReasons.blocked);
  }

  #writeSchedule(schedule: Schedule, agentCount: number): void {
    const { words } = this;
    const unranked: number[] = [];
    for (let agent = 0; agent < agentCount; agent++) unranked.push(agent);
    for (let rank = 0; rank < agentCount; rank++) {
      const pick = (schedule.order[rank] ?? 0) % unranked.length;
      words[at.ORDER + rank] = unranked[pick]!;
      unranked.splice(pick, 1);
    }
    const given = Math.min(schedule.order.length, at.maximumAgents);
    words[at.GIVEN_ORDER_COUNT] = given;
    for (let rank = 0; rank < given; rank++) words[at.GIVEN_ORDER + rank] = schedule.order[rank]!;
    const preemptionCount = Math.min(schedule.preemptions.length, at.maximumPreemptions);
    words[at.PREEMPTION_COUNT] = preemptionCount;
    for (let index = 0; index < preemptionCount; index++) {
      const preemption = schedule.preemptions[index]!;
      words[at.PREEMPTIONS + 2 * index] = preemption.step;
      words[at.PREEMPTIONS + 2 * index + 1] = preemption.to;
    }
    const choiceCount = Math.min(schedule.choices.length, at.maximumChoices);
    words[at.CHOICE_COUNT] = choiceCount;
    for (let index = 0; index < choiceCount; index++) words[at.CHOICES + index] = schedule.choices[index]!;
  }

  /** Binds this agent to the current execution: when another one begins, what is left of this one unwinds. */
  joinExecution(): void {
    this.#execution = this.words[at.EXECUTION]!;
    this.#unwindThrows = 0;
    this.#mayGoOn = false;
    this.write(this.agent, at.AGENT_STARTED, 1);
  }

  /** Whether the execution this agent joined is over. */
  get isOver(): boolean {
    return this.words[at.END_REASON] !== endReasons.none || this.words[at.EXECUTION] !== this.#execution;
  }

  /** Whether this agent must unwind: the execution is over, or the agent itself ends. */
  get ended(): boolean {
    return this.isOver || this.read(this.agent, at.AGENT_ENDING) === endings.ending;
  }

  /** Whether an execution is running that this agent has not joined. */
  get hasNewExecution(): boolean {
    return this.words[at.EXECUTION] !== this.#execution;
  }

  /** The most preferred agent, which starts. */
  get firstAgent(): number {
    return this.words[at.ORDER]!;
  }

  /** Takes the schedule's next choice between `count` options. */
  choose(count: number): number {
    if (count <= 1) return 0;
    this.words[at.HAD_CHOICE] = 1;
    if (this.words[at.WALKS] === 1) {
      const isDirected = this.words[at.DIRECTED] === 1;
      return this.#walker.addChoice(isDirected ? this.#director.chooseOption(count) : this.#walker.below(count));
    }
    const cursor = this.words[at.CHOICE_CURSOR]!;
    if (cursor >= this.words[at.CHOICE_COUNT]!) return 0;
    this.words[at.CHOICE_CURSOR] = cursor + 1;
    return this.words[at.CHOICES + cursor]! % count;
  }

  /**
   * Lists the agents that could run instead of `except`: first those that can continue, in order of preference; then those
   * that time would wake, soonest first, unless that would keep others from running for too long; last those that were seen
   * spinning on a value that has not changed since.
   *
   * @param canContinue whether `except` itself could
   */
  #collectOptions(except: number, canContinue = false): number {
    const options = this.#options;
    const agentCount = this.words[at.AGENT_COUNT]!;
    let count = 0;
    for (let rank = 0; rank < agentCount; rank++) {
      const agent = this.words[at.ORDER + rank]!;
      if (agent !== except && this.isEnabled(agent) && !this.isSpinning(agent)) options[count++] = agent;
    }
    const firstTimed = count;
    for (let rank = 0; rank < agentCount; rank++) {
      const agent = this.words[at.ORDER + rank]!;
      if (agent === except || this.isEnabled(agent)) continue;
      const deadline = this.deadlineOf(agent);
      if (deadline === Infinity) continue;
      let place = count++;
      while (place > firstTimed && this.deadlineOf(options[place - 1]!) > deadline) {
        options[place] = options[place - 1]!;
        place--;
      }
      options[place] = agent;
    }
    if (count > firstTimed) {
      this.#firstMs = canContinue || firstTimed > 0 ? this.nowMs : this.deadlineOf(options[firstTimed]!);
      const lastMs = this.#firstMs + this.stallLeftMs;
      while (count > firstTimed && this.deadlineOf(options[count - 1]!) > lastMs) count--;
    }
    for (let rank = 0; rank < agentCount; rank++) {
      const agent = this.words[at.ORDER + rank]!;
      if (agent !== except && this.isEnabled(agent) && this.isSpinning(agent)) options[count++] = agent;
    }
    return count;
  }

  /** Makes the agent able to run, letting time pass if necessary. */
  #rouse(agent: number): void {
    if (this.read(agent, at.AGENT_ENDING) === endings.asked) return;
    if (this.read(agent, at.AGENT_STATE) === agentStates.waiting) {
      this.advanceTo(this.deadlineOf(agent));
      this.waiters.remove(agent, 0);
      this.wake(agent, wakeResults.timedOut);
    } else if (!this.isEnabled(agent)) {
      this.advanceTo(this.deadlineOf(agent));
    }
  }

  /** Makes the chosen option able to run. */
  #rouseOption(agent: number): void {
    if (!this.isEnabled(agent)) this.stallTo(this.deadlineOf(agent), this.#firstMs);
    this.#rouse(agent);
  }

  /** Makes an agent that was in Atomics.wait runnable again. */
  wake(agent: number, result: number): void {
    this.write(agent, at.AGENT_STATE, agentStates.runnable);
    this.write(agent, at.AGENT_WAKE_RESULT, result);
    this.numbers[at.WAIT_DEADLINES + agent] = Infinity;
  }

  /**
   * Decides who runs when the caller cannot. Returns `nobody` if no agent can run now or later.
   * The agent returned is able to run: its timeout has fired if necessary.
   */
  chooseNext(): number {
    const count = this.#collectOptions(nobody);
    if (count === 0) return nobody;
    // Those that can continue come first.
    const mustWait = !this.isEnabled(this.#options[0]!);
    const chosen = this.words[at.DIRECTED] === 1 ? this.#chooseDirected(count) : this.#chooseAgent(count);
    if (chosen === allSleep) return nobody;
    const next = this.#options[chosen]!;
    const { numbers, nowMs } = this;
    this.#rouseOption(next);
    if (mustWait) numbers[at.WAITED_MS] = numbers[at.WAITED_MS]! + this.nowMs - nowMs;
    return next;
  }

  /** Chooses among the first options: in a random walk, those that can continue with the weights that they have there. */
  #chooseAgent(count: number): number {
    if (count <= 1 || this.words[at.WALKS] === 0) return this.choose(count);
    this.words[at.HAD_CHOICE] = 1;
    let ready = 0;
    while (ready < count && this.isEnabled(this.#options[ready]!) && !this.isSpinning(this.#options[ready]!)) ready++;
    return this.#walker.addChoice(this.#walker.optionOf(this.#options, ready, count));
  }

  /** The same in a directed execution, which ends here if only what was explored could follow. */
  #chooseDirected(count: number): number {
    const chosen = this.#director.choose(this.#options, Math.max(1, this.#withoutSpinning(count)));
    if (chosen === allSleep) this.end(endReasons.redundant);
    else if (count > 1) this.#walker.addChoice(chosen);
    return chosen;
  }

  /** How many of the options there are without those that spin, which come last. */
  #withoutSpinning(count: number): number {
    let left = count;
    while (left > 0 && this.isEnabled(this.#options[left - 1]!) && this.isSpinning(this.#options[left - 1]!)) left--;
    return left;
  }

  /** Moves an agent to the end of the order of preference. */
  #demote(agent: number): void {
    const { words } = this;
    const last = at.ORDER + words[at.AGENT_COUNT]! - 1;
    let place = at.ORDER;
    while (words[place] !== agent) place++;
    words.copyWithin(place, place + 1, last + 1);
    words[last] = agent;
  }

  /** @param agent the one that has the turn next */
  #planNextStop(agent = this.agent): void {
    const { words } = this;
    const ending = this.read(agent, at.AGENT_ENDING);
    const goesOn = ending === endings.none || (ending === endings.asked && agent === this.agent && this.#mayGoOn);
    if (this.isOver || !goesOn) {
      this.#stopAt(-1);
      return;
    }
    const cursor = words[at.PREEMPTION_CURSOR]!;
    let stop = Math.min(words[at.SLICE_END]!, words[at.NEXT_TIME_STEP]!, words[at.STEP_LIMIT]!);
    if (cursor < words[at.PREEMPTION_COUNT]!) stop = Math.min(stop, words[at.PREEMPTIONS + 2 * cursor]!);
    this.#stopAt(stop);
  }

  /** Makes the slow path of scheduling points begin at this step; in a random walk, at every step. */
  #stopAt(step: number): void {
    const { words } = this;
    words[at.DUE_STEP] = step;
    words[at.NEXT_STOP] = words[at.WALKS] === 1 ? Math.min(step, words[at.STEP]!) : step;
  }

  /**
   * In a random walk: whether the running agent goes on at this point. If not, something is due: the preemption that the walk
   * has just added to the schedule, or what would be due without it.
   */
  walksOn(site: number): boolean {
    const { words } = this;
    if (words[at.WALKS] === 0) return false;
    if (words[at.DIRECTED] === 1) return this.#isDirectedOn();
    const step = words[at.STEP]!;
    const hasStayed = words[at.WALK_STAYED_AT] === step;
    words[at.WALK_STAYED_AT] = step;
    if (step >= words[at.DUE_STEP]!) return false;
    words[at.NEXT_STOP] = step + 1;
    // A step may have several points, and a schedule's preemption takes place at the first.
    if (hasStayed) this.#walker.passes(this.agent, site);
    if (hasStayed || !this.#walker.drawsAt(site)) return true;
    const rivals = this.#options;
    let count = 0;
    for (let rank = 0; rank < words[at.AGENT_COUNT]!; rank++) {
      const agent = words[at.ORDER + rank]!;
      if (agent !== this.agent && this.isEnabled(agent) && !this.isSpinning(agent)) rivals[count++] = agent;
    }
    const to = this.#walker.rivalOf(this.agent, site, rivals, count);
    if (to === undefined || !this.#walker.addPreemption(to)) return true;
    words[at.WALK_STAYED_AT] = -1;
    this.#planNextStop();
    return false;
  }

  /** In a directed execution: whether the running agent goes on at this point. */
  #isDirectedOn(): boolean {
    const { words } = this;
    const step = words[at.STEP]!;
    const hasStayed = words[at.WALK_STAYED_AT] === step;
    words[at.WALK_STAYED_AT] = step;
    const isDue = step >= words[at.DUE_STEP]!;
    const mustYield = words[at.SPIN_REQUEST] === 1;
    if (this.ended || (isDue && !mustYield)) return false;
    if (!isDue) words[at.NEXT_STOP] = step + 1;
    if (hasStayed && !isDue) return true;
    let count = this.#withoutSpinning(this.#collectOptions(this.agent, !mustYield));
    // If time must pass for anybody to go on, it passes to where the first can.
    if (mustYield && count > 1 && !this.isEnabled(this.#options[0]!)) count = 1;
    // Who spins lets others go first, if there are any.
    const candidates = mustYield && count > 0 ? [] : [this.agent];
    const ownPlaces = candidates.length;
    for (let place = 0; place < count; place++) candidates.push(this.#options[place]!);
    const chosen = this.#director.choose(Int32Array.from(candidates), candidates.length);
    if (chosen === allSleep) {
      this.end(endReasons.redundant);
      return false;
    }
    if (chosen < ownPlaces) return !mustYield;
    const to = chosen - ownPlaces;
    if (mustYield && to === 0) return false;
    if (!this.#walker.addPreemption(to)) {
      words[at.DIRECTION_LOST] = 1;
      return !mustYield;
    }
    words[at.WALK_STAYED_AT] = -1;
    this.#planNextStop();
    return false;
  }

  /** In a directed execution, this agent has performed an operation. */
  performed(operation: number, resource: number, offset: number): void {
    this.#director.performed(this.agent, operation, resource, offset);
  }

  /** The slow path of a scheduling point, where something is due. */
  stop(): void {
    const { words } = this;
    while (words[at.STEP]! >= words[at.DUE_STEP]! || words[at.NEXT_STOP] === at.stopToMeasure) {
      this.throwIfEnded();
      if (words[at.NEXT_STOP] === at.stopToMeasure) {
        this.measure();
        continue;
      }
      if (this.read(this.agent, at.AGENT_ENDING) === endings.asked) {
        this.#considerEnding();
        this.#planNextStop();
        if (words[at.STEP]! < words[at.DUE_STEP]!) return;
      }
      const step = words[at.STEP]!;
      if (step >= words[at.STEP_LIMIT]!) this.#endAndThrow(endReasons.livelock);
      const cursor = words[at.PREEMPTION_CURSOR]!;
      if (cursor < words[at.PREEMPTION_COUNT]! && words[at.PREEMPTIONS + 2 * cursor]! <= step) {
        words[at.PREEMPTION_CURSOR] = cursor + 1;
        this.#planNextStop();
        this.#preempt(words[at.PREEMPTIONS + 2 * cursor + 1]!);
      } else {
        if (step >= words[at.NEXT_TIME_STEP]!) this.#passTime();
        this.#yieldTurn(words[at.SPIN_REQUEST] === 1);
      }
    }
  }

  /** This agent was asked to end: the schedule decides whether it does so here. Unwinds if so. */
  #considerEnding(): void {
    if (this.choose(2) === 0) {
      this.beginEnding(this.read(this.agent, at.AGENT_EXIT_CODE));
      this.throwIfEnded();
    }
    this.#mayGoOn = true;
  }

  /** The same for an agent that gave the turn away because it could not continue: if it still cannot, it ends. */
  endIfAsked(): void {
    if (this.read(this.agent, at.AGENT_ENDING) !== endings.asked) return;
    const state = this.read(this.agent, at.AGENT_STATE);
    const canContinue =
      state === agentStates.runnable || (state === agentStates.idle && this.read(this.agent, at.AGENT_READY_TASKS) > 0);
    if (!canContinue || this.choose(2) === 0) this.beginEnding(this.read(this.agent, at.AGENT_EXIT_CODE));
    else this.#mayGoOn = true;
    this.#planNextStop();
  }

  /** Does what the watchdog requests with `stopToMeasure`, and restores the next stop. */
  measure(): void {
    this.#planNextStop();
    if (this.words[at.SPIN_REQUEST] === 1) this.#stopAt(0);
    if (!this.isOver) this.onMeasure?.();
  }

  #preempt(to: number): void {
    this.#demote(this.agent);
    const count = this.#collectOptions(this.agent, true);
    if (count === 0) return;
    const next = this.#options[to % count]!;
    this.words[at.PREEMPTIONS_TAKEN] = this.words[at.PREEMPTIONS_TAKEN]! + 1;
    this.#rouseOption(next);
    this.#switchTo(next, turnReasons.preemption);
  }

  /**
   * Lets the earliest timeout become due. Steps take time: without this, agents that keep each other busy would prevent
   * every timer from firing, forever.
   */
  #passTime(): void {
    const { words } = this;
    words[at.NEXT_TIME_STEP] = words[at.STEP]! + words[at.SLICE_STEPS]!;
    const soonestMs = this.soonestTimeoutMs;
    if (soonestMs !== Infinity) this.advanceTo(soonestMs);
  }

  #couldOthersContinue(): boolean {
    for (let agent = 0; agent < this.words[at.AGENT_COUNT]!; agent++)
      if (agent !== this.agent && this.isEnabled(agent) && !this.isSpinning(agent)) return true;
    return false;
  }

  /**
   * Lets the earliest timeout become due soon: the running agent only loops, and may be waiting for that timeout. If it is the schedule
   * that keeps others from what it may be waiting for, time only passes as far as it may for a stall.
   */
  hurryTime(): void {
    const { words } = this;
    if (this.#couldOthersContinue() && this.soonestTimeoutMs > this.nowMs + this.stallLeftMs) {
      words[at.NEXT_TIME_STEP] = words[at.STEP]! + words[at.SLICE_STEPS]!;
      this.#planNextStop();
      if (words[at.SPIN_REQUEST] === 1) this.#stopAt(0);
      return;
    }
    const due = words[at.STEP]! + hurriedSteps;
    if (words[at.NEXT_TIME_STEP]! <= due) return;
    words[at.NEXT_TIME_STEP] = due;
    this.#stopAt(Math.min(words[at.DUE_STEP]!, due));
  }

  /** Whether all agents that could continue only re-read unchanged values, and no timeout is pending. */
  #everybodySpins(): boolean {
    for (let agent = 0; agent < this.words[at.AGENT_COUNT]!; agent++) {
      if (this.isEnabled(agent) ? !this.isSpinning(agent) : this.deadlineOf(agent) !== Infinity) return false;
    }
    return true;
  }

  /** The running agent spins, or has used its slice: the others go first, without counting a preemption. */
  #yieldTurn(spinning: boolean): void {
    const { words } = this;
    // Who goes on after a slice is decided by nobody.
    if (!spinning) words[at.DIRECTION_LOST] = 1;
    words[at.SPIN_REQUEST] = 0;
    words[at.SLICE_END] = words[at.STEP]! + words[at.SLICE_STEPS]!;
    this.#planNextStop();
    if (spinning) {
      this.write(this.agent, at.AGENT_SPUN_AT, words[at.PROGRESS]! + 1);
      const fruitless =
        words[at.STEP]! - Math.max(words[at.PROGRESS_STEP]!, words[at.DRAWN_STEP]!, words[at.WAIT_STEP]!);
      // A long loop that reads much may end by itself; a short one that has run thousands of times will not.
      const isShortLoop = words[at.RECURRENCES]! * longestSpinLoop >= fruitless;
      if (fruitless >= words[at.STEPS_WITHOUT_PROGRESS_LIMIT]! && isShortLoop && this.#everybodySpins()) {
        words[at.LIVELOCK_CAUSE] = livelockCauses.stepsWithoutProgress;
        this.#endAndThrow(endReasons.livelock);
      }
    }
    this.#demote(this.agent);
    if (words[at.WALKS] === 1) this.#walker.yields(this.agent);
    const count = this.#collectOptions(this.agent);
    if (count === 0) return;
    const next = this.#options[0]!;
    this.#rouse(next);
    this.#switchTo(next, turnReasons.yield);
  }

  /** Asks for a yield at the next point: the running agent was seen to spin. */
  requestYield(): void {
    this.words[at.HAS_SPUN] = 1;
    this.words[at.SPIN_REQUEST] = 1;
    this.#stopAt(0);
  }

  /** Notes that something changed which another agent could be waiting for. */
  noteProgress(): void {
    this.words[at.PROGRESS] = this.words[at.PROGRESS]! + 1;
    this.words[at.PROGRESS_STEP] = this.words[at.STEP]!;
    this.words[at.RECURRENCES] = 0;
  }

  /** Notes that an agent repeated exactly what it had done before, without progress in between. */
  noteRecurrence(): void {
    this.words[at.RECURRENCES] = this.words[at.RECURRENCES]! + 1;
  }

  /** Notes that an agent did something new: what any agent does afterwards may be new as well. */
  noteNews(): void {
    const { words } = this;
    words[at.NEWS] = words[at.NEWS]! + 1;
    words[at.NEWS_STEP] = words[at.STEP]!;
    words[at.WAITS] = 0;
  }

  /** Notes that a clock was read or a random number drawn. */
  noteDraw(): void {
    this.noteNews();
    this.words[at.DRAWN_STEP] = this.words[at.STEP]!;
  }

  /** Whether a loop that has run this often counts as endless, if no other agent makes progress. */
  isManyRounds(rounds: number): boolean {
    return rounds * leastShareOfWaits >= this.words[at.WAITS_WITHOUT_PROGRESS_LIMIT]!;
  }

  /** Ends the execution if every agent that could ever continue has been waiting in vain, again and again. */
  endIfNobodyGetsOn(): void {
    const { words } = this;
    const limit = words[at.WAITS_WITHOUT_PROGRESS_LIMIT]!;
    if (words[at.WAITS]! < limit || this.ended) return;
    let somebodyOnlyLooks = false;
    for (let agent = 0; agent < words[at.AGENT_COUNT]!; agent++) {
      if (!this.isEnabled(agent) && this.deadlineOf(agent) === Infinity) continue;
      if (this.read(agent, at.AGENT_ROUNDS_NEWS) !== words[at.NEWS]) return;
      if (!this.isManyRounds(this.read(agent, at.AGENT_ROUNDS))) return;
      if (this.read(agent, at.AGENT_LOOKED_NEWS) === words[at.NEWS]) somebodyOnlyLooks = true;
    }
    const steps = words[at.STEP]! - words[at.NEWS_STEP]!;
    if (somebodyOnlyLooks && steps < words[at.STEPS_WITHOUT_PROGRESS_LIMIT]!) return;
    words[at.LIVELOCK_CAUSE] = livelockCauses.waitsWithoutProgress;
    this.end(endReasons.livelock);
  }

  /**
   * Gives the turn away because the caller, deep in user code, cannot continue; its state already says why. Returns once it
   * can. Throws the unwinding signal if the execution has ended meanwhile.
   */
  block(): void {
    if (!this.rest()) this.throwIfEnded();
  }

  /**
   * The same for a caller whose stack is empty: returns whether the execution continues. Every agent of every execution
   * ends this way, so no exception is thrown: one costs as much as a dozen switches.
   */
  rest(): boolean {
    const next = this.#nextOrEnd();
    if (next === nobody) return false;
    if (next !== this.agent) {
      this.leaveTo(next, turnReasons.blocked);
      this.park();
    }
    if (!this.isOver) this.endIfAsked();
    return !this.ended;
  }

  /** The agent that continues, or `nobody` if none can: then the execution has ended. */
  #nextOrEnd(): number {
    const next = this.chooseNext();
    if (next !== nobody) return next;
    const isFinished = this.#isFinished();
    if (!isFinished || this.words[at.AFTER] !== afterStates.pending) {
      this.end(isFinished ? endReasons.done : endReasons.deadlock);
      return nobody;
    }
    this.#beginAfter();
    return mainAgent;
  }

  /** Makes the main agent, which is idle like all others, do what it has to do when all have finished. */
  #beginAfter(): void {
    this.words[at.AFTER] = afterStates.begun;
    this.words[at.UNSETTLED] = 1;
    this.write(mainAgent, at.AGENT_UNSETTLED, 1);
    this.noteProgress();
    this.noteNews();
  }

  /**
   * Whether every writer and reader has finished, and no thread of theirs is left in Atomics.wait. Workers that the program
   * started may wait for work that never comes.
   */
  #isFinished(): boolean {
    if (this.words[at.UNSETTLED] !== 0) return false;
    for (let agent = 0; agent < this.words[at.AGENT_COUNT]!; agent++) {
      if (this.read(agent, at.AGENT_PARENT) !== 0) continue;
      if (this.read(agent, at.AGENT_STATE) === agentStates.waiting) return false;
    }
    return true;
  }

  #switchTo(next: number, reason: number): void {
    this.write(this.agent, at.AGENT_PREEMPTED_AT, this.read(this.agent, at.AGENT_LAST_SITE));
    this.leaveTo(next, reason);
    this.park();
    this.write(this.agent, at.AGENT_PREEMPTED_AT, 0);
    // A preemption at this step would take place here.
    if (this.words[at.WALKS] === 1) this.words[at.WALK_STAYED_AT] = this.words[at.STEP]!;
    this.throwIfEnded();
    if (this.read(this.agent, at.AGENT_ENDING) === endings.asked) {
      this.#considerEnding();
      this.#planNextStop();
    }
  }

  /** Gives the turn to `next` without waiting for it to come back. */
  leaveTo(next: number, reason: number): void {
    const { words } = this;
    words[at.SWITCHES] = words[at.SWITCHES]! + 1;
    words[at.TURN_REASON] = reason;
    words[at.SPIN_REQUEST] = 0;
    words[at.SLICE_END] = words[at.STEP]! + words[at.SLICE_STEPS]!;
    this.#planNextStop(next);
    words[at.TURN] = next;
    this.#turnstile.pass(this.read(next, at.AGENT_THREAD));
  }

  /** Waits until this agent has the turn. */
  park(): void {
    this.#mayGoOn = false;
    this.#turnstile.park();
  }

  /** Ends the execution; the first reason given stands. */
  end(reason: number): void {
    if (this.isOver) return;
    this.words[at.END_REASON] = reason;
    this.words[at.ENDED_BY] = this.agent;
    this.#stopAt(-1);
    for (let agent = 0; agent < this.words[at.AGENT_COUNT]!; agent++) {
      this.write(agent, at.AGENT_STATE_AT_END, this.read(agent, at.AGENT_STATE));
    }
  }

  #endAndThrow(reason: number): never {
    this.end(reason);
    throw executionEnded;
  }

  /** Unwinds the caller if the execution is over. */
  throwIfEnded(): void {
    if (!this.ended) return;
    if (++this.#unwindThrows > maximumUnwindThrows) this.onStuck?.();
    throw executionEnded;
  }
}
