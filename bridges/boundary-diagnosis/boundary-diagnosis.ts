import { isMainThread, threadId } from 'node:worker_threads';
import { AsyncLock } from '../primitives/async-lock.js';
import { callPlace } from './call-place.js';
import { HeldLocks } from './held-locks.js';
import { AccessRecorder, unrecordedAccesses, type Access, type BoundaryDiagnosisState } from './state.js';
import { boundaryTable, formatBoundaryTable, type BoundaryRow } from './table.js';
import { watchedLock } from './watched-lock.js';
import { watchedStore } from './watched-store.js';

/** How an agent is named in the table. */
export interface BoundaryAgent {
  /** Default `main`, or `worker` and the number of its thread. */
  readonly agent?: string | undefined;
}

/** Options of a watched function. */
export interface WatchOptions {
  /** Whether it changes the subject or only reads it. Default `write`. */
  readonly access?: Access | undefined;
  /** Its name in the table. Default the name of the function. */
  readonly site?: string | undefined;
}

/** Options of a watched store. */
export interface WatchStoreOptions {
  /** Whether to record reads too. Default false. */
  readonly reads?: boolean | undefined;
}

/** Options of a watched lock. */
export interface WatchLockOptions {
  /**
   * `agents` if it excludes other agents, `agent` if it excludes only other coroutines of the same agent: then locks of the
   * same name on two agents are different locks. Default `agent` for an AsyncLock, else `agents`.
   */
  readonly scope?: 'agents' | 'agent' | undefined;
}

/**
 * Finds out where threads and coroutines meet: which agents reach each place that changes something, on the event loop or off
 * it, how often, and under which locks. The verdict on what is changed does not depend on luck: it is `crosses the boundary
 * unguarded` as soon as two agents have been there without a lock in common, whether or not that did any harm this time.
 *
 * Every agent makes its own handle, wraps functions, stores and locks with it, and uses the wrapped ones instead. Any agent can
 * show the table at any time. The table includes what other agents did before they posted a message or ended.
 *
 * - **On the loop** is what happens on the agent that made the diagnosis, whose event loop the coroutines share. **Off** it is
 *   what happens on any other agent.
 * - **The verdict** is on a subject: all sites with that name together. It takes the locks that were held at every access (the
 *   lockset of Eraser: Savage et al., 1997). So wrap shared data after you have filled it, or filling it without a lock counts
 *   too. A subject that is handed over by messages, without a lock, counts as unguarded.
 * - **Places** are where a function was wrapped, or where a store was used. In a scenario they are places in the compiled
 *   scenario, so name each `site`.
 * - **Locks** are identified by name. A lock held for a function that awaits is followed through its awaits.
 * - **Recording** takes some microseconds an access; only the first access of each kind adds a scheduling point to a scenario.
 *   There is room for `agents` handles, and for `kinds` kinds of access on each. Further accesses count as `unrecorded`.
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
   * Wraps a function: each call is recorded as an access to the subject, and then performed. A call that awaits is one access,
   * at its beginning. Its place in the table is where it was wrapped.
   *
   * @param subject what the function changes or reads: use the same name everywhere for the same data
   */
  watch<This, Args extends unknown[], Result>(
    subject: string,
    call: (this: This, ...args: Args) => Result,
    options: WatchOptions = {},
  ): (this: This, ...args: Args) => Result {
    const { access = 'write', site = call.name === '' ? 'an unnamed function' : call.name } = options;
    // The caller may be a lock that it was passed to. The place where it was wrapped says more.
    const place = callPlace(1);
    const record = (): void => this.#record(subject, access, site, place);
    return function watched(this: This, ...args: Args): Result {
      record();
      return Reflect.apply(call, this, args);
    };
  }

  /**
   * Wraps an object: each assignment, deletion and call of a method that changes it is recorded as an access to the subject.
   * Works with objects, arrays, typed arrays, DataViews, Maps and Sets. Objects nested in it are not watched. Elements of
   * shared memory stay scheduling points in a scenario. `Atomics` takes only real typed arrays, and private members work only
   * on their own objects: for those, watch the functions that use them instead.
   *
   * A plain object is not shared between agents; each has a copy. Watch it on several agents to find code that assumes otherwise.
   */
  watchStore<Store extends object>(subject: string, store: Store, options: WatchStoreOptions = {}): Store {
    return watchedStore(store, (access, site) => {
      if (access === 'write' || options.reads === true) this.#record(subject, access, site, callPlace(2));
    });
  }

  /**
   * Wraps a lock to record when it is held: `mutex`, `ownedLock`, `StateLock`, `AsyncLock`, or any lock with methods
   * of the same names.
   *
   * A lock taken and released by two calls counts as held by the whole agent in between, including other coroutines if there is
   * an `await`. `withLock` and `holding` count only for their sections.
   */
  watchLock<Lock extends object>(name: string, lock: Lock, options: WatchLockOptions = {}): Lock {
    const scope = options.scope ?? (lock instanceof AsyncLock ? 'agent' : 'agents');
    return watchedLock(lock, this.#lockName(name, scope), this.#held);
  }

  /** Runs a section under a lock, and returns what it returns. It may await: everything it calls is under the lock until its end. */
  holding<Result>(name: string, section: () => Result, options: WatchLockOptions = {}): Result {
    return this.#held.during(this.#lockName(name, options.scope ?? 'agents'), section);
  }

  /** What all agents have recorded so far. */
  table(): BoundaryRow[] {
    return boundaryTable(this.#state);
  }

  /** How many accesses of all agents found no room. If there are any, verdicts may be too mild. */
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
