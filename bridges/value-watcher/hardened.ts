import { requireSize, requireTimeout } from '../primitives/limit-errors.js';
import { holdLoop } from '../primitives/loop-hold.js';
import { transitionOf, waitUntil, type Consumer, type ConsumerRegistry } from './consumers.js';
import { areEqualAsData, equalTo } from './equality.js';
import { Follower } from './follower.js';
import { newestIn, TransitionLog, type LoggedValue } from './transition-log.js';
import { ValueWaits, type ValueWaitOptions } from './waits.js';
import { decodeValue, encodeValue, type WatchedValue } from './watched-value.js';
import { WatcherClosed, WatcherLagging } from './watcher-errors.js';

/**
 * A copy of the current value. Use it if you only read: it takes none of the `handles`.
 *
 * @example
 * const shared = createWatchedValue('disconnected');
 * assert.equal(readWatchedValue(shared), 'disconnected');
 */
export function readWatchedValue<T>(shared: WatchedValue<T>): T {
  return decodeValue(newestIn(shared).bytes) as T;
}

/** Options of a watcher. */
export interface ValueWatcherOptions {
  /** Receives what callbacks throw or reject with. Default: a process warning. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** How long a setter may wait for watching agents that are behind. */
export interface SetOptions {
  readonly timeoutMs?: number | undefined;
}

/**
 * One agent's handle on a watched value: reads it, sets it, and waits for its changes.
 *
 * Every consumer sees every transition after it began, once, in the one order in which they were made, whichever agent made
 * them. All transitions go through a log in shared memory, which each watching agent follows from its event loop. There is
 * no lock: reading and setting never wait for another agent, on a thread or on a loop. An agent that dies during `set`
 * holds up no other agent.
 *
 * The trade-offs:
 *
 * - The log is bounded (`capacity`). An agent that watches but does not return to its event loop is not left behind: when it is a
 *   whole log behind, `set` throws `WatcherLagging` and changes nothing. A worker may wait for it (`timeoutMs`); a loop must
 *   not block and has `setAsync`.
 * - The predicate of `setIf` may be called several times, as often as another agent was faster. It must have no side effects.
 * - A value is copied, as by `postMessage`, whenever it is set or seen. So an object that was changed and set again is a
 *   different value and is announced, and no consumer can change what others see.
 * - Setting a value that is equal as data to the present one (`Object.is` for primitives, content for objects, in any order of
 *   fields) changes nothing and is not announced.
 * - Waits keep the process alive; callbacks do not.
 *
 * @example
 * const watcher = new ValueWatcher(createWatchedValue<'open' | 'closing' | 'closed'>('open'));
 * const draining = watcher.waitFor('closing', { timeoutMs: 1_000 });
 * watcher.set('closing');
 * watcher.setIf('closed', (state) => state === 'closing');
 * assert.equal(await draining, 'closing');
 * assert.equal(watcher.value, 'closed');
 * watcher.close();
 */
export class ValueWatcher<T> extends ValueWaits<T> {
  readonly #shared: WatchedValue<T>;
  readonly #log: TransitionLog;
  readonly #onError: (error: unknown) => void;
  readonly #consumers = new Set<Consumer>();
  readonly #registry: ConsumerRegistry = {
    newest: () => this.#newest(),
    begin: () => this.#begin(),
    add: (consumer) => this.#add(consumer),
    remove: (consumer) => this.#remove(consumer),
  };
  /** The value at the log's cursor, while there are consumers. */
  #latest: LoggedValue | undefined;
  #isFollowing = false;
  #isClosed = false;

  /**
   * @param shared what `createWatchedValue` made, on this agent or another
   * @throws RangeError if all `handles` of the watched value are open
   */
  constructor(shared: WatchedValue<T>, { onError = warn }: ValueWatcherOptions = {}) {
    super();
    this.#shared = shared;
    this.#log = new TransitionLog(shared);
    this.#onError = onError;
  }

  /** This watcher's number among the open ones. `recover` takes it on another agent when this one has died. */
  get place(): number {
    return this.#log.place;
  }

  /** A copy of the current value. */
  get value(): T {
    return decodeValue(this.#log.newest().bytes) as T;
  }

  /** The waits, followers and callbacks of this watcher. */
  get consumers(): number {
    return this.#consumers.size;
  }

  /**
   * Changes the value. Returns whether it changed: it does not if the new value equals the present one. Every
   * consumer will see the change.
   *
   * @param options `timeoutMs`: how long to wait if the log is full. Default 0. It blocks the agent: for worker threads only
   * @throws WatcherLagging if the log is full; nothing was changed
   * @throws UncloneablePayload, WatchedValueTooLarge, WatcherClosed
   * @throws RangeError if `timeoutMs` is negative
   */
  set(next: T, options: SetOptions = {}): boolean {
    return this.#set(next, undefined, options);
  }

  /**
   * As `set`, but changes the value only if the present one satisfies the predicate, atomically. What the predicate throws is
   * passed on, and nothing is changed.
   *
   * @param predicate may be called several times, and gets its own copy each time
   */
  setIf(next: T, predicate: (current: T) => boolean, options: SetOptions = {}): boolean {
    return this.#set(next, predicate, options);
  }

  /** As `set`, but waits without blocking, for event loops, and rejects instead of throwing. No `timeoutMs` by default. */
  async setAsync(next: T, options: SetOptions = {}): Promise<boolean> {
    return this.#setAsync(next, undefined, options);
  }

  /** As `setIf`, but waits without blocking, for event loops, and rejects instead of throwing. No `timeoutMs` by default. */
  async setIfAsync(next: T, predicate: (current: T) => boolean, options: SetOptions = {}): Promise<boolean> {
    return this.#setAsync(next, predicate, options);
  }

  override async waitUntil(predicate: (value: T) => boolean, options: ValueWaitOptions = {}): Promise<T> {
    return waitUntil(this.#registry, predicate, options, true);
  }

  /**
   * Begins to follow: the follower keeps every transition from here on until it is taken.
   *
   * @param options `capacity`: how many transitions may wait before the follower is left behind with `FollowerOverrun`, so that
   *   it holds up no other agent: 1 to 1,000,000. Default 1,024
   * @throws WatcherClosed, RangeError
   */
  follow(options: { readonly capacity?: number | undefined } = {}): Follower<T> {
    const capacity = requireSize('The capacity of a follower', options.capacity ?? 1_024, 1, 1_000_000);
    return new Follower<T>(this.#registry, capacity);
  }

  /**
   * Calls back for every transition from now on, on this agent, never within `set`. What the callback throws, or rejects with,
   * goes to `onError`, and everything else continues. Returns a function that stops it.
   *
   * @throws WatcherClosed
   */
  onChange(callback: (from: T, to: T, version: number) => unknown): () => void {
    const consumer: Consumer = {
      since: this.#begin().version,
      see: (before, after) => {
        const { from, to, version } = transitionOf<T>(before, after);
        this.#call(() => callback(from, to, version));
      },
      end: () => undefined,
    };
    this.#add(consumer);
    return () => this.#remove(consumer);
  }

  /**
   * Calls back once, when the value equals `target`: soon, if it already does. Otherwise as `onChange`.
   *
   * @throws UncloneablePayload if `target` is not a value that can be set
   */
  onValue(target: T, callback: () => unknown): () => void {
    this.#requireOpen();
    const stopped = new AbortController();
    const isTarget = equalTo(target);
    waitUntil<T>(this.#registry, isTarget, { signal: stopped.signal }, false).then(
      () => {
        if (!stopped.signal.aborted) this.#call(callback);
      },
      // Closed, or stopped: the answer is not wanted.
      () => undefined,
    );
    return () => stopped.abort();
  }

  /**
   * Frees what the watcher at `place` had. Call it when that watcher's agent has ended without closing it, for example a
   * terminated worker: otherwise its consumers hold up all setters as soon as the log is full. Never call it for a live agent.
   * What the dead agent had set stays set. Returns whether there was anything to free.
   *
   * @throws RangeError if there is no such place, or if it is this watcher's own
   */
  recover(place: number): boolean {
    requireSize('place', place, 0, this.#shared.handles - 1);
    if (place === this.place) throw new RangeError(`Place ${place} is this watcher's own: close() it instead.`);
    return this.#log.recover(place);
  }

  /**
   * Ends this watcher; others continue. Pending waits are rejected with `WatcherClosed`, callbacks are called no more, `set`
   * throws. `value` can still be read. A second call does nothing.
   */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const consumer of [...this.#consumers]) consumer.end(new WatcherClosed('The watcher has been closed.'));
    this.#consumers.clear();
    this.#latest = undefined;
    this.#log.leave();
    // This agent's own wait for news must not stay behind.
    if (this.#isFollowing) this.#log.wake();
  }

  #set(next: T, predicate: ((current: T) => boolean) | undefined, { timeoutMs = 0 }: SetOptions): boolean {
    const limitMs = requireTimeout(timeoutMs);
    const attempt = this.#attempt(next, predicate);
    let outcome = attempt();
    if (outcome !== undefined) return outcome;
    if (limitMs === 0) throw this.#lagging(limitMs);
    const deadlineMs = performance.now() + limitMs;
    const expectNoMore = this.#log.expectRoom();
    try {
      while (true) {
        const room = this.#log.room;
        outcome = attempt();
        if (outcome !== undefined) return outcome;
        const leftMs = deadlineMs - performance.now();
        // This agent's own consumers will see nothing as long as it is blocked.
        if (leftMs <= 0 || this.#log.laggard === this.place) throw this.#lagging(limitMs);
        this.#log.waitForRoom(room, leftMs);
      }
    } finally {
      expectNoMore();
    }
  }

  async #setAsync(
    next: T,
    predicate: ((current: T) => boolean) | undefined,
    { timeoutMs }: SetOptions,
  ): Promise<boolean> {
    const limitMs = requireTimeout(timeoutMs);
    const attempt = this.#attempt(next, predicate);
    let outcome = attempt();
    if (outcome !== undefined) return outcome;
    const deadlineMs = performance.now() + limitMs;
    const expectNoMore = this.#log.expectRoom();
    const letGo = holdLoop();
    try {
      while (true) {
        const room = this.#log.room;
        outcome = attempt();
        if (outcome !== undefined) return outcome;
        const leftMs = deadlineMs - performance.now();
        if (leftMs <= 0) throw this.#lagging(limitMs);
        await this.#log.waitForRoomAsync(room, leftMs);
      }
    } finally {
      letGo();
      expectNoMore();
    }
  }

  /** One attempt to set. It returns whether the value was changed, or `undefined` if there is no room. */
  #attempt(next: T, predicate: ((current: T) => boolean) | undefined): () => boolean | undefined {
    this.#requireOpen();
    const bytes = encodeValue(next, this.#shared.valueBytes);
    const copy = decodeValue(bytes) as T;
    const isAllowed = (current: LoggedValue): boolean => {
      if (predicate !== undefined && !predicate(decodeValue(current.bytes) as T)) return false;
      // The predicate may have closed the watcher, and the place may belong to another.
      this.#requireOpen();
      return !areEqualAsData(decodeValue(current.bytes), copy);
    };
    return () => {
      this.#requireOpen();
      const outcome = this.#log.append(bytes, isAllowed);
      return outcome === 'lagging' ? undefined : outcome === 'changed';
    };
  }

  #lagging(limitMs: number): WatcherLagging {
    const { laggard } = this.#log;
    const who = laggard === this.place ? 'this watcher' : `the watcher at place ${laggard}`;
    const patience = limitMs === 0 ? 'now' : `within ${limitMs} ms`;
    return new WatcherLagging(
      `No room ${patience}: ${who} has not seen the last ${this.#shared.capacity} transitions. Its agent has to return to its event loop.`,
    );
  }

  #requireOpen(): void {
    if (this.#isClosed) throw new WatcherClosed('The watcher has been closed.');
  }

  #newest(): LoggedValue {
    this.#requireOpen();
    return this.#log.newest();
  }

  #begin(): LoggedValue {
    this.#requireOpen();
    if (this.#latest === undefined) return (this.#latest = this.#log.follow());
    // It may be newer than what this agent has taken out of the log so far. The consumer is not shown what came before.
    return this.#log.newest();
  }

  #add(consumer: Consumer): void {
    this.#consumers.add(consumer);
    if (this.#isFollowing) return;
    this.#isFollowing = true;
    void this.#follow();
  }

  #remove(consumer: Consumer): void {
    if (!this.#consumers.delete(consumer) || this.#consumers.size > 0 || this.#isClosed) return;
    this.#latest = undefined;
    this.#log.unfollow();
  }

  /** Shows new entries of the log to the consumers, as long as there are any. */
  async #follow(): Promise<void> {
    while (this.#consumers.size > 0) {
      await this.#log.waitForNews(this.#log.cursor);
      // In the meantime the last consumer may have left and others may have arrived.
      const latest = this.#latest;
      if (latest === undefined) continue;
      const head = this.#log.head;
      if (head === latest.version) continue;
      this.#show(head, latest);
      // Everything else on this agent gets a turn, however fast the log grows.
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#isFollowing = false;
  }

  #show(head: bigint, latest: LoggedValue): void {
    const values = [latest];
    for (let version = latest.version + 1n; version <= head; version++) values.push(this.#log.followed(version));
    this.#latest = values.at(-1)!;
    this.#log.moveTo(head);
    for (const [index, to] of values.entries()) {
      const from = values[index - 1];
      if (from === undefined) continue;
      // A consumer may leave, or come, while others are shown something.
      for (const consumer of [...this.#consumers]) {
        if (to.version > consumer.since && this.#consumers.has(consumer)) consumer.see(from, to);
      }
    }
  }

  #call(callback: () => unknown): void {
    const report = (error: unknown): void => {
      try {
        this.#onError(error);
      } catch (worse) {
        warn(worse);
      }
    };
    try {
      const answer = callback();
      if (answer instanceof Promise) answer.catch(report);
    } catch (error) {
      report(error);
    }
  }
}

function warn(error: unknown): void {
  process.emitWarning(new Error('A callback of a ValueWatcher failed.', { cause: error }));
}
