import { isMainThread, threadId } from 'node:worker_threads';
import { AsyncLock } from '../primitives/async-lock.js';
import { callPlace } from './call-place.js';
import { HeldLocks } from './held-locks.js';
import { AccessRecorder, unrecordedAccesses, type Access, type BoundaryDiagnosisState } from './state.js';
import { boundaryTable, formatBoundaryTable, type BoundaryRow } from './table.js';
import { watchedLock } from './watched-lock.js';
import { watchedStore } from './watched-store.js';

/** Who an agent is in the table. */
export interface BoundaryAgent {
  /** Default `main`, or `worker` and the number of its thread. */
  readonly agent?: string | undefined;
}

/** What is known of a function that is watched. */
export interface WatchOptions {
  /** Whether it changes the subject or only looks at it. Default `write`. */
  readonly access?: Access | undefined;
  /** What the table calls it. Default the name of the function. */
  readonly site?: string | undefined;
}

/** What is watched of a store. */
export interface WatchStoreOptions {
  /** Whether looking at it is recorded too. Default false. */
  readonly reads?: boolean | undefined;
}

/** Whom a lock keeps out. */
export interface WatchLockOptions {
  /**
   * `agents` if it keeps other agents out, `agent` if only other coroutines of the same agent, so that a lock of the same name is
   * another one on each. Default `agent` for an AsyncLock, else `agents`.
   */
  readonly scope?: 'agents' | 'agent' | undefined;
}

/**
 * Finds out where threads and coroutines meet: which agents reach each place that changes something, on the event loop or off it,
 * how often, and under which locks. The verdict on what is changed does not depend on luck: it is `crosses the boundary unguarded` as
 * soon as two agents have been there without a lock in common, whether that did any harm this time or not.
 *
 * Every agent makes its own handle, wraps functions, stores and locks with it, and uses what it gets in their stead. Any of them can
 * show the table at any time; what other agents have done before they posted a message, or ended, is in it.
 *
 * - **On the loop** is what happens on the agent that made the diagnosis, whose event loop the coroutines share; **off** it is what
 *   happens on any other.
 * - **The verdict** is on a subject, that is on all sites with that name together. It takes the locks that were held at every access
 *   (the lockset of Eraser: Savage et al., 1997). So wrap what is shared after it has been filled, or filling it without a lock
 *   counts too; and a subject that is handed over by messages, without a lock, is taken for one that is not guarded.
 * - **Places** are where a function was wrapped, or where a store was used. In a scenario they are those in the compiled scenario, so
 *   say what a `site` is called.
 * - **Locks** are known by their names. What is held for a function that awaits is followed through its awaits.
 * - **Recording** takes some microseconds an access, and adds no scheduling point to a scenario but for the first access of each kind.
 *   There is room for `agents` handles, and on each for `kinds` kinds of access; what finds no room is counted as `unrecorded`.
 *
 * @example
 * const state = createBoundaryDiagnosis();
 * const diagnosis = new BoundaryDiagnosis(state);
 * const cache = new Map<string, number>();
 * const updateCache = diagnosis.watch('cache', (key: string, value: number) => cache.set(key, value), { site: 'updateCache' });
 * updateCache('visits', 1);
 * new BoundaryDiagnosis(state, { agent: 'worker 1' }).watch('cache', () => undefined, { site: 'dropCache' })();
 * const [row] = diagnosis.table();
 * assert.equal(row?.verdict, 'crosses the boundary unguarded');
 */
export class BoundaryDiagnosis {
  readonly #state: BoundaryDiagnosisState;
  readonly #agent: string;
  readonly #recorder: AccessRecorder;
  readonly #held = new HeldLocks();

  /**
   * @param state what `createBoundaryDiagnosis` returned, on this agent or another
   * @throws RangeError if there are as many handles as the diagnosis was made for
   */
  constructor(state: BoundaryDiagnosisState, options: BoundaryAgent = {}) {
    this.#state = state;
    this.#agent = options.agent ?? (isMainThread ? 'main' : `worker ${threadId}`);
    this.#recorder = new AccessRecorder(state, this.#agent);
  }

  /**
   * A function to be called in the stead of another one: each call is an access to the subject, and then does what the other one does.
   * A call that awaits is one access, at its beginning. Its place in the table is where it was wrapped.
   *
   * @param subject what the function changes, or looks at: the same name for everything that concerns the same data
   */
  watch<This, Args extends unknown[], Result>(
    subject: string,
    call: (this: This, ...args: Args) => Result,
    options: WatchOptions = {},
  ): (this: This, ...args: Args) => Result {
    const { access = 'write', site = call.name === '' ? 'a function without a name' : call.name } = options;
    // Who calls it may be a lock that was given it: where it was wrapped says more.
    const place = callPlace(1);
    const record = (): void => this.#record(subject, access, site, place);
    return function watched(this: This, ...args: Args): Result {
      record();
      return Reflect.apply(call, this, args);
    };
  }

  /**
   * An object to be used in the stead of another one: each assignment, deletion and call of a method that changes it is an access to the
   * subject. It is for objects, arrays, typed arrays, DataViews, Maps and Sets; of what is within it nothing is seen. Elements of
   * shared memory stay scheduling points in a scenario. `Atomics` takes typed arrays only, and private members work on
   * their own objects only: watch the functions that use them instead.
   *
   * A plain object is not shared between agents, each has a copy: watching it on several finds out who believes otherwise.
   */
  watchStore<Store extends object>(subject: string, store: Store, options: WatchStoreOptions = {}): Store {
    return watchedStore(store, (access, site) => {
      if (access === 'write' || options.reads === true) this.#record(subject, access, site, callPlace(2));
    });
  }

  /**
   * A lock to be used in the stead of another one, so that it is known when it is held: `mutex`, `ownedLock`, `StateLock`,
   * `AsyncLock`, or one with methods of the same names.
   *
   * What is taken and given back by two calls counts as held by the whole agent in between, also by other coroutines if there is an
   * `await`. `withLock` and `holding` count for their sections alone.
   */
  watchLock<Lock extends object>(name: string, lock: Lock, options: WatchLockOptions = {}): Lock {
    const scope = options.scope ?? (lock instanceof AsyncLock ? 'agent' : 'agents');
    return watchedLock(lock, this.#lockName(name, scope), this.#held);
  }

  /** Runs a section that is under a lock, and returns what it returns. It may await: what it calls is under the lock until its end. */
  holding<Result>(name: string, section: () => Result, options: WatchLockOptions = {}): Result {
    return this.#held.during(this.#lockName(name, options.scope ?? 'agents'), section);
  }

  /** What all agents have recorded so far. */
  table(): BoundaryRow[] {
    return boundaryTable(this.#state);
  }

  /** How many accesses of all agents found no room: verdicts may be too mild if there are any. */
  get unrecorded(): number {
    return unrecordedAccesses(this.#state);
  }

  /** The table in aligned columns, for people. */
  format(): string {
    return formatBoundaryTable(this.#state);
  }

  #record(subject: string, access: Access, site: string, place: string): void {
    this.#recorder.record({ subject, site, place, access, locks: this.#held.names() });
  }

  #lockName(name: string, scope: 'agents' | 'agent'): string {
    return scope === 'agents' ? name : `${name} (of ${this.#agent})`;
  }
}
