import * as layout from './log-layout.js';
import type { WatchedValue } from './watched-value.js';

/** A value at one version, as bytes. */
export interface LoggedValue {
  readonly version: bigint;
  readonly bytes: Uint8Array;
}

export type Outcome = 'changed' | 'unchanged' | 'lagging';

/**
 * One agent's access to the log of transitions of a watched value: appends to it, reads its end, follows it.
 *
 * Nothing here ever waits for another agent, and no agent can hold up others by stopping at any point: there is no lock. An
 * agent that dies keeps its place until an agent calls `recover`.
 */
export class TransitionLog {
  /** Which of the `handles` places this one has. */
  readonly place: number;
  /** Up to where transitions have been taken out of the log, while this place follows it. */
  cursor = layout.notFollowing;
  readonly #shared: WatchedValue<unknown>;
  readonly #words: BigInt64Array;
  readonly #capacity: bigint;
  readonly #placeAt: number;
  #spare: number;
  /** Every follower is known to be this far. This stays true: cursors only rise, and begin at the end of the log. */
  #consumed = 0n;
  /** The place that was last found to be behind. */
  #laggard = 0;

  /** @throws RangeError if all places are taken */
  constructor(shared: WatchedValue<unknown>) {
    this.#shared = shared;
    this.#words = shared.words;
    this.#capacity = BigInt(shared.capacity);
    this.place = takePlace(shared);
    this.#placeAt = layout.placeStart(shared, this.place);
    this.#spare = Number(Atomics.load(this.#words, this.#placeAt + layout.spareOffset));
  }

  /** Releases the place, and wakes setters that wait for room, even through this handle. */
  leave(): void {
    this.unfollow();
    if (Atomics.load(this.#words, layout.waitingForRoomWord) > 0n) wakeForRoom(this.#words);
    Atomics.store(this.#words, this.#placeAt + layout.stateOffset, layout.placeFree);
  }

  /** The place that kept `append` from appending. */
  get laggard(): number {
    return this.#laggard;
  }

  /** The newest value. */
  newest(): LoggedValue {
    return newestIn(this.#shared);
  }

  /** The value of a version that this place's cursor keeps in the log: one above it, up to the newest. */
  followed(version: bigint): LoggedValue {
    const entry = Atomics.load(this.#words, this.#entryAt(version));
    return { version, bytes: layout.readSlot(this.#shared, layout.slotOf(entry)) };
  }

  /**
   * Appends a value, unless `allowed` rejects the present one. `allowed` is called again whenever another agent
   * was faster, and may throw.
   */
  append(bytes: Uint8Array, allowed: (current: LoggedValue) => boolean): Outcome {
    const words = this.#words;
    const content = layout.inWords(bytes);
    while (true) {
      const current = this.newest();
      if (!allowed(current)) return 'unchanged';
      const version = current.version + 1n;
      const at = this.#entryAt(version);
      const lapAgo = Atomics.load(words, at);
      if (layout.versionOf(lapAgo) !== version - this.#capacity) {
        // Another agent was faster. It may have stopped before announcing it.
        if (layout.versionOf(lapAgo) === version) this.#announce(version);
        continue;
      }
      if (!this.#isConsumed(version - this.#capacity, current.version)) return 'lagging';
      // Every time: `allowed` may itself have appended something, so that another slot is the spare one.
      layout.writeSlot(this.#shared, this.#spare, content);
      Atomics.store(words, this.#placeAt + layout.spareOffset, layout.spareUncertain);
      const won = Atomics.compareExchange(words, at, lapAgo, layout.entryOf(version, this.#spare)) === lapAgo;
      if (won) this.#spare = layout.slotOf(lapAgo);
      Atomics.store(words, this.#placeAt + layout.spareOffset, BigInt(this.#spare));
      if (!won) continue;
      this.#announce(version);
      return 'changed';
    }
  }

  /**
   * Begins to follow: from here on no transition leaves the log before `moveTo` marks it as seen. Returns
   * the value to begin with.
   */
  follow(): LoggedValue {
    while (true) {
      const start = this.newest();
      this.moveTo(start.version);
      // Only if nothing was appended since is it certain that the next append sees the cursor.
      if (this.head === start.version) return start;
    }
  }

  unfollow(): void {
    if (this.cursor === layout.notFollowing) return;
    this.moveTo(layout.notFollowing);
  }

  /** Marks all transitions up to this version as taken out of the log. */
  moveTo(version: bigint): void {
    this.cursor = version;
    Atomics.store(this.#words, this.#placeAt + layout.cursorOffset, version);
    if (Atomics.load(this.#words, layout.waitingForRoomWord) > 0n) wakeForRoom(this.#words);
  }

  /** Waits, without blocking, until there is a transition after this version, or `wake` is called. */
  async waitForNews(version: bigint): Promise<void> {
    const waiting = Atomics.waitAsync(this.#words, layout.headWord, version);
    if (waiting.async) await waiting.value;
  }

  /** The version of the newest transition. */
  get head(): bigint {
    return Atomics.load(this.#words, layout.headWord);
  }

  /** Wakes all that wait for transitions, so that they look again. */
  wake(): void {
    Atomics.notify(this.#words, layout.headWord);
  }

  /** What to pass to `waitForRoom`. Between the two, try again to append. */
  get room(): bigint {
    return Atomics.load(this.#words, layout.roomWord);
  }

  /** Registers a setter that waits for room; returns the function that removes it. */
  expectRoom(): () => void {
    Atomics.add(this.#words, layout.waitingForRoomWord, 1n);
    return () => void Atomics.sub(this.#words, layout.waitingForRoomWord, 1n);
  }

  /** Blocks the agent until the room differs from this one, or until the timeout. */
  waitForRoom(room: bigint, timeoutMs: number): void {
    Atomics.wait(this.#words, layout.roomWord, room, timeoutMs);
  }

  /** As `waitForRoom`, but never blocks the event loop. */
  async waitForRoomAsync(room: bigint, timeoutMs: number): Promise<void> {
    const waiting = Atomics.waitAsync(this.#words, layout.roomWord, room, timeoutMs);
    await (waiting.async ? waiting.value : new Promise((resolve) => setImmediate(resolve)));
  }

  /** Frees what the owner of a place had, if it has died. Returns whether the place was taken. */
  recover(place: number): boolean {
    const words = this.#words;
    const at = layout.placeStart(this.#shared, place);
    if (Atomics.load(words, at + layout.stateOffset) !== layout.placeTaken) return false;
    Atomics.store(words, at + layout.cursorOffset, layout.notFollowing);
    const isCertain = Atomics.load(words, at + layout.spareOffset) !== layout.spareUncertain;
    Atomics.store(words, at + layout.stateOffset, isCertain ? layout.placeFree : layout.placeRetired);
    // It may have appended without announcing it or waking others.
    const next = Atomics.load(words, layout.headWord) + 1n;
    if (layout.versionOf(Atomics.load(words, this.#entryAt(next))) === next) this.#announce(next);
    this.wake();
    wakeForRoom(words);
    return true;
  }

  #announce(version: bigint): void {
    Atomics.compareExchange(this.#words, layout.headWord, version - 1n, version);
    this.wake();
  }

  /** Whether all followers have taken this version out of the log. */
  #isConsumed(version: bigint, head: bigint): boolean {
    if (version <= this.#consumed) return true;
    let least = head;
    const places = Number(Atomics.load(this.#words, layout.placesWord));
    for (let place = 0; place < places; place++) {
      const cursor = Atomics.load(this.#words, layout.placeStart(this.#shared, place) + layout.cursorOffset);
      if (cursor === layout.notFollowing || cursor >= least) continue;
      least = cursor;
      this.#laggard = place;
    }
    this.#consumed = least;
    return version <= least;
  }

  #entryAt(version: bigint): number {
    return layout.logStart + Number(version % this.#capacity);
  }
}

/** The newest value. Reading it needs no place. */
export function newestIn(shared: WatchedValue<unknown>): LoggedValue {
  const { words } = shared;
  while (true) {
    const version = Atomics.load(words, layout.headWord);
    const at = layout.logStart + Number(version % BigInt(shared.capacity));
    const entry = Atomics.load(words, at);
    if (layout.versionOf(entry) !== version) continue;
    const bytes = layout.readSlot(shared, layout.slotOf(entry));
    // A load is not enough: nothing would order it after the reads before it. An agent that takes the entry out of the log to
    // write to its slot reads what is written back here, and so comes after them.
    if (Atomics.compareExchange(words, at, entry, entry) === entry) return { version, bytes };
  }
}

function takePlace(shared: WatchedValue<unknown>): number {
  const { words, handles } = shared;
  for (let place = 0; place < handles; place++) {
    const at = layout.placeStart(shared, place) + layout.stateOffset;
    if (Atomics.compareExchange(words, at, layout.placeFree, layout.placeTaken) !== layout.placeFree) continue;
    // A search for followers must reach this place before this one follows.
    let places = Atomics.load(words, layout.placesWord);
    while (places <= BigInt(place)) {
      const found = Atomics.compareExchange(words, layout.placesWord, places, BigInt(place) + 1n);
      if (found === places) break;
      places = found;
    }
    return place;
  }
  throw new RangeError(
    `All ${handles} handles are taken: close() watchers that you no longer need, recover() those of agents that have ended, or raise handles.`,
  );
}

function wakeForRoom(words: BigInt64Array): void {
  Atomics.add(words, layout.roomWord, 1n);
  Atomics.notify(words, layout.roomWord);
}
