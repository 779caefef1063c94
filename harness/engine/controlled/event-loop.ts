import { HarnessError } from '../../errors.js';
import type { Kernel } from '../../kernel/kernel.js';
import * as at from '../../kernel/layout.js';
import { afterStates, agentStates } from '../../kernel/layout.js';
import { operationCodes } from '../../kernel/operations.js';
import type { AgentPoints, AsyncWaits } from './agent-points.js';
import { noTask } from './describe-task.js';
import { roundsSince, type Rounds } from './rounds.js';
import { TimerQueue, type Timer } from './timer-queue.js';

/** A callback with the site it was scheduled from. */
export interface ReadyTask {
  readonly site: number;
  /** Its number in the trace: that of the immediate, coroutine or promise. */
  readonly resource: number;
  /** The operation that the trace records when it runs; by default `resume`, for coroutines. */
  readonly operation?: number;
  /** How often the tasks that led to it had looped. */
  readonly rounds: Rounds;
  readonly run: () => void;
}

/** Something at which messages arrive. */
export interface MessageSource {
  /** The row of the port in the kernel's table. */
  readonly port: number;
  readonly site: number;
  /** Delivers one message, or the closing. */
  deliver(): void;
}

/**
 * Something that does not wait forever, such as a runner for a test. Its time is only that in which nothing else could happen: a
 * slow machine alone never exhausts it, and it never keeps an execution from ending.
 */
export interface Patience {
  /** Called when it is exhausted, at most once. */
  readonly run: () => void;
}

interface Settlement {
  readonly site: number;
  readonly buffer: number;
  readonly byteIndex: number;
  readonly rounds: Rounds;
  readonly settle: (result: 'ok' | 'timed-out') => void;
}

/** Drains process.nextTick and the microtasks, in Node's own order, and reports unhandled rejections. */
export type DrainMicrotasks = () => void;

/** How many phases can be visited in vain before a task is found. */
const maximumPhases = 3 * (at.maximumChoices + 2);

type Phase = 'timers' | 'poll' | 'check';

/** Time may have passed before the first timers are checked, as between any two rounds. */
const firstPhase: Phase = 'check';

/**
 * The event loop of one agent, modelled on libuv and Node: timers that are due, by deadline; then a poll, which handles
 * everything that had arrived when it began; then the immediates that existed by then; microtasks after each callback. The
 * schedule decides what Node leaves open: the order among ports, promises and coroutines; how much time passes; whether a poll
 * still sees what arrives while it runs.
 */
export class EventLoop implements AsyncWaits {
  readonly timers: TimerQueue;
  readonly #kernel: Kernel;
  readonly #points: AgentPoints;
  readonly #drainMicrotasks: DrainMicrotasks;
  #phase: Phase = firstPhase;
  #coroutines: ReadyTask[] = [];
  #immediates: ReadyTask[] = [];
  /** Immediates of the current check phase: nothing runs between them. */
  #checkBatch: ReadyTask[] = [];
  /** Per port: messages that had arrived when the poll began and must be delivered before it ends. */
  #pollMust = new Map<number, number>();
  #settlementsMust = 0;
  /** How many callbacks were ready when the poll began. */
  #pollBudget = 0;
  #sources = new Map<number, MessageSource>();
  #settlements = new Map<number, Settlement>();
  #nextAsyncId = 1;
  #taskOperation = noTask;
  #taskSite = 0;
  #taskResource = 0;
  #afterwards: ReadyTask | undefined;
  readonly #patiences = new Map<Patience, number>();

  /** Whether something keeps a worker's loop from ending although no task is ready; without it, a loop never ends by itself. */
  staysAlive: (() => boolean) | undefined;

  /** Called when messages are in transit, before the sources are checked: sources that are still unknown can be added. */
  onFirstMessage: (() => void) | undefined;

  constructor(kernel: Kernel, points: AgentPoints, drainMicrotasks: DrainMicrotasks) {
    this.#kernel = kernel;
    this.#points = points;
    this.#drainMicrotasks = drainMicrotasks;
    this.timers = new TimerQueue();
  }

  /** Forgets everything of the last execution. */
  reset(): void {
    this.timers.reset();
    this.#phase = firstPhase;
    this.#coroutines.length = 0;
    this.#immediates.length = 0;
    this.#checkBatch.length = 0;
    this.#settlementsMust = 0;
    // Clearing a map allocates a new table even if the map is empty, and it nearly always is.
    if (this.#pollMust.size > 0) this.#pollMust.clear();
    if (this.#sources.size > 0) this.#sources.clear();
    if (this.#settlements.size > 0) this.#settlements.clear();
    this.#nextAsyncId = 1;
    this.#afterwards = undefined;
    if (this.#patiences.size > 0) this.#patiences.clear();
    this.beginTask(noTask, 0, 0);
  }

  /** Calls `patience.run` once this much time has passed in which nothing else could happen. */
  addPatience(patience: Patience, ms: number): void {
    this.#patiences.set(patience, this.#kernel.numbers[at.WAITED_MS]! + ms);
  }

  removePatience(patience: Patience): void {
    this.#patiences.delete(patience);
  }

  /** Remembers the callback about to run, for reports about it. */
  beginTask(operation: number, site: number, resource: number): void {
    this.#taskOperation = operation;
    this.#taskSite = site;
    this.#taskResource = resource;
  }

  /** The current callback, or the last one; its operation is `noTask` before the first. */
  get task(): { readonly operation: number; readonly site: number; readonly resource: number } {
    return { operation: this.#taskOperation, site: this.#taskSite, resource: this.#taskResource };
  }

  /** A coroutine that can continue: at any time, in any order among coroutines. */
  addCoroutine(task: ReadyTask): void {
    this.#coroutines.push(task);
  }

  /** What the main agent must do when every writer and reader has finished, and no agent has anything left to do. */
  addAfterwards(task: ReadyTask): void {
    this.#afterwards = task;
    this.#kernel.words[at.AFTER] = afterStates.pending;
  }

  addImmediate(task: ReadyTask): void {
    this.#immediates.push(task);
  }

  /** Cancels an immediate, unless it has run. */
  removeImmediate(task: ReadyTask): void {
    this.#immediates = this.#immediates.filter((other) => other !== task);
    this.#checkBatch = this.#checkBatch.filter((other) => other !== task);
  }

  addSource(source: MessageSource): void {
    this.#sources.set(source.port, source);
  }

  removeSource(port: number): void {
    this.#sources.delete(port);
    this.#pollMust.delete(port);
  }

  /** Registers a promise that a notify or its timeout will settle. */
  expectSettlement(
    site: number,
    buffer: number,
    byteIndex: number,
  ): { readonly promise: Promise<'ok' | 'timed-out'>; readonly asyncId: number } {
    const asyncId = this.#nextAsyncId++;
    const promise = new Promise<'ok' | 'timed-out'>((settle) => {
      this.#settlements.set(asyncId, { site, buffer, byteIndex, rounds: this.#points.watch.current, settle });
    });
    return { promise, asyncId };
  }

  /** Whether a task can run now. */
  get hasWork(): boolean {
    return this.#hasWork();
  }

  /** Runs tasks until the execution has ended, or nothing keeps the loop alive. Throws what a task threw, such as the unwinding signal. */
  run(): void {
    while (!this.#kernel.ended) {
      if (this.#patiences.size > 0 && this.#losePatience()) continue;
      if (!this.#runNext() && !this.#idle()) return;
    }
  }

  /** Returns whether there was one that is exhausted. */
  #losePatience(): boolean {
    let soonestMs = this.#kernel.numbers[at.WAITED_MS]!;
    let first: Patience | undefined;
    for (const [patience, deadlineMs] of this.#patiences) {
      if (deadlineMs > soonestMs || (deadlineMs === soonestMs && first !== undefined)) continue;
      soonestMs = deadlineMs;
      first = patience;
    }
    if (first === undefined) return false;
    this.#patiences.delete(first);
    first.run();
    this.#drainMicrotasks();
    return true;
  }

  /** Waits for something to do. Returns false if the execution is over, or nothing keeps the loop alive. */
  #idle(): boolean {
    if (this.staysAlive?.() === false) return false;
    const kernel = this.#kernel;
    kernel.write(kernel.agent, at.AGENT_STATE, agentStates.idle);
    kernel.write(kernel.agent, at.AGENT_READY_TASKS, 0);
    kernel.numbers[at.TIMER_DEADLINES + kernel.agent] = this.timers.nextDeadline();
    kernel.numbers[at.KEEP_ALIVE_DEADLINES + kernel.agent] = this.timers.nextKeepAliveDeadline();
    this.#points.publishPosition();
    if (!kernel.rest()) return false;
    kernel.write(kernel.agent, at.AGENT_STATE, agentStates.runnable);
    if (this.#afterwards !== undefined && kernel.words[at.AFTER] === afterStates.begun) {
      this.addCoroutine(this.#afterwards);
      this.#afterwards = undefined;
    }
    return true;
  }

  #deliverable(port: number): number {
    const { words } = this.#kernel;
    const row = at.PORTS + port * at.portWords;
    const listening = words[row + at.PORT_LISTENING];
    if (listening === at.listening.no) return 0;
    const pending = words[row + at.PORT_PENDING]!;
    if (listening === at.listening.toClosing && pending > 0) return 0;
    return pending + (words[row + at.PORT_CLOSED] === 1 ? 1 : 0);
  }

  #hasWork(): boolean {
    const kernel = this.#kernel;
    if (this.#coroutines.length > 0 || this.#immediates.length > 0 || this.#checkBatch.length > 0) return true;
    if (this.timers.nextDeadline() <= kernel.nowMs) return true;
    return this.#hasArrivals();
  }

  #hasArrivals(): boolean {
    const kernel = this.#kernel;
    if (this.#settlements.size > 0) {
      if (kernel.waiters.hasSettled(kernel.agent)) return true;
      if (kernel.waiters.asyncDeadlineOf(kernel.agent) <= kernel.nowMs) return true;
    }
    if (kernel.words[at.QUEUED_MESSAGES] === 0) return false;
    this.onFirstMessage?.();
    for (const port of this.#sources.keys()) if (this.#deliverable(port) > 0) return true;
    return false;
  }

  /** Runs one task and the microtasks after it. Returns false if no task can run now. */
  #runNext(): boolean {
    if (!this.#hasWork()) return false;
    // Other agents may go first here, and may add to the tasks that can be chosen.
    this.#kernel.numbers[at.TIMER_DEADLINES + this.#kernel.agent] = this.timers.nextDeadline();
    this.#points.point(0);
    // The schedule may leave a poll as often as it has choices; after that, whatever is ready runs.
    for (let visited = 0; visited < maximumPhases; visited++) {
      if (this.#runInPhase()) return true;
      this.#enterNextPhase();
      if (this.#phase === 'timers' && !this.#hasWork()) return false;
    }
    throw new HarnessError('an event loop has work that none of its phases performs');
  }

  /** Before an execution: runs the next immediate or timer as if its time had come. Returns false if there is none. */
  readonly runEarly = (): boolean => {
    const task = this.#immediates.shift();
    if (task !== undefined) {
      task.run();
      return true;
    }
    const deadline = this.timers.nextDeadline();
    const timer = this.timers.takeDue(deadline);
    if (timer === undefined) return false;
    this.#kernel.advanceTo(deadline);
    this.#fire(timer);
    return true;
  };

  #enterNextPhase(): void {
    if (this.#phase === 'timers') {
      this.#phase = 'poll';
      this.#beginPoll();
    } else if (this.#phase === 'poll') {
      this.#phase = 'check';
      [this.#checkBatch, this.#immediates] = [this.#immediates, this.#checkBatch];
    } else {
      this.#phase = 'timers';
      this.#letTimePass();
    }
  }

  #beginPoll(): void {
    if (this.#kernel.words[at.QUEUED_MESSAGES]! > 0) this.#requireArrived();
    const kernel = this.#kernel;
    this.#settlementsMust = this.#settlements.size > 0 && kernel.waiters.hasSettled(kernel.agent) ? 1 : 0;
    this.#pollBudget = this.#coroutines.length + this.#settlementsMust;
    for (const count of this.#pollMust.values()) this.#pollBudget += Math.max(0, count);
  }

  #requireArrived(): void {
    for (const port of this.#sources.keys()) this.#pollMust.set(port, this.#deliverable(port));
  }

  /** A slow machine may take any amount of time: timers that are not due may become due, if the schedule says so. */
  #letTimePass(): void {
    const kernel = this.#kernel;
    const deadline = Math.min(this.timers.nextDeadline(), kernel.waiters.asyncDeadlineOf(kernel.agent));
    if (deadline === Infinity || deadline <= kernel.nowMs) return;
    const otherWork = this.#coroutines.length > 0 || this.#immediates.length > 0 || this.#hasArrivals();
    if (!otherWork || deadline > kernel.nowMs + kernel.stallLeftMs) return;
    if (kernel.choose(2) === 1) kernel.stallTo(deadline, kernel.nowMs);
  }

  /** How often the least busy chain of tasks that will continue here has looped since some news. */
  readonly #leastRounds = (news: number): number => {
    let least = this.timers.leastRounds(news);
    for (const task of this.#coroutines) least = Math.min(least, roundsSince(task.rounds, news));
    for (const task of this.#immediates) least = Math.min(least, roundsSince(task.rounds, news));
    for (const task of this.#checkBatch) least = Math.min(least, roundsSince(task.rounds, news));
    for (const [asyncId, { rounds }] of this.#settlements) {
      // A wait that is never notified and never times out does not continue.
      if (this.#kernel.waiters.isTimed(this.#kernel.agent, asyncId)) least = Math.min(least, roundsSince(rounds, news));
    }
    return least;
  };

  #runInPhase(): boolean {
    if (this.#phase === 'timers') return this.#runDueTimer();
    if (this.#phase === 'poll') return this.#runPolled();
    const task = this.#checkBatch.shift();
    if (task === undefined) return false;
    this.#perform(operationCodes.immediate, task.site, task.resource, 0, task.rounds, task.run);
    return true;
  }

  #runDueTimer(): boolean {
    const kernel = this.#kernel;
    const dueWait = this.#settlements.size > 0 ? kernel.waiters.takeDue(kernel.agent, kernel.nowMs) : 0;
    if (dueWait !== 0) {
      this.#settle(dueWait, 'timed-out');
      return true;
    }
    const timer = this.timers.takeDue(kernel.nowMs);
    if (timer === undefined) return false;
    this.#perform(operationCodes.timer, timer.site, timer.number, 0, timer.rounds, () => {
      this.#fire(timer);
    });
    return true;
  }

  #fire(timer: Timer): void {
    try {
      timer.callback();
    } finally {
      // As in Node: after what the callback set for the same time, and even if it threw.
      if (timer.intervalMs !== undefined && !timer.cleared) {
        timer.rounds = this.#points.watch.current;
        this.timers.reschedule(timer, this.#kernel.nowMs + timer.intervalMs);
      }
    }
  }

  /** One of the arrivals, chosen by the schedule; or the next phase, if nothing must be handled first. */
  #runPolled(): boolean {
    const kernel = this.#kernel;
    const sources: MessageSource[] = [];
    let mustHandle = this.#settlementsMust > 0;
    for (const source of kernel.words[at.QUEUED_MESSAGES] === 0 ? [] : this.#sources.values()) {
      if (this.#deliverable(source.port) === 0) continue;
      sources.push(source);
      if ((this.#pollMust.get(source.port) ?? 0) > 0) mustHandle = true;
    }
    const settled = this.#settlements.size > 0 && kernel.waiters.hasSettled(kernel.agent) ? 1 : 0;
    const tasks = sources.length + settled + this.#coroutines.length;
    if (tasks === 0) return false;
    // A poll does not continue forever with what its own callbacks make ready: the other phases get their turn.
    const othersWait =
      this.#immediates.length > 0 ||
      this.timers.nextDeadline() <= kernel.nowMs ||
      (this.#settlements.size > 0 && kernel.waiters.asyncDeadlineOf(kernel.agent) <= kernel.nowMs);
    if (this.#pollBudget-- <= 0 && !mustHandle && othersWait) return false;
    const mayMoveOn = !mustHandle && (this.#immediates.length > 0 || this.timers.nextDeadline() < Infinity);
    let choice = kernel.choose(tasks + (mayMoveOn ? 1 : 0));
    if (choice === tasks) return false;
    const source = sources[choice];
    if (source !== undefined) {
      this.#pollMust.set(source.port, (this.#pollMust.get(source.port) ?? 0) - 1);
      this.#deliver(source);
      return true;
    }
    choice -= sources.length;
    if (choice < settled) {
      this.#settlementsMust = 0;
      this.#settle(kernel.waiters.takeSettled(kernel.agent), 'ok');
      return true;
    }
    const coroutine = this.#coroutines.splice(choice - settled, 1)[0];
    if (coroutine !== undefined) {
      const { operation = operationCodes.resume, site, resource, rounds, run } = coroutine;
      this.#perform(operation, site, resource, 0, rounds, run);
    }
    return true;
  }

  #settle(asyncId: number, result: 'ok' | 'timed-out'): void {
    const settlement = this.#settlements.get(asyncId);
    if (settlement === undefined) return;
    this.#settlements.delete(asyncId);
    const { site, buffer, byteIndex, rounds, settle } = settlement;
    this.#perform(operationCodes['Atomics.waitAsync settles'], site, buffer, byteIndex, rounds, () => {
      settle(result);
    });
  }

  #perform(operation: number, site: number, resource: number, offset: number, rounds: Rounds, run: () => void): void {
    this.#points.watch.task(rounds, this.#leastRounds);
    if (this.#kernel.ended) return;
    this.beginTask(operation, site, resource);
    this.#points.note(operation, site, resource, offset, 0, false);
    run();
    this.#drainMicrotasks();
  }

  #deliver(source: MessageSource): void {
    this.#points.watch.task(this.#points.watch.postedTo(source.port), this.#leastRounds);
    if (this.#kernel.ended) return;
    source.deliver();
    this.#drainMicrotasks();
  }
}
