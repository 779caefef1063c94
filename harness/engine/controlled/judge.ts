import type { HistoryEvent } from '../../scenario/history.js';
import type { Invariant, InvariantChecker, Violation } from '../../scenario/invariant.js';
import { violationThrown } from '../failed-in-invariant.js';
import type { HistoryLog } from './history-log.js';

/** An invariant that does not hold, and the event that showed it. */
export interface Finding extends Violation {
  readonly invariant: string;
  /** Absent when only the end of the execution showed it. */
  readonly event: HistoryEvent | undefined;
}

/**
 * Runs the invariants over the history on behalf of one agent. Every agent judges at its own events, having first shown
 * its checkers what the others recorded since, so a violation ends the execution at the very step that shows it.
 */
export class Judge {
  readonly #log: HistoryLog;
  readonly #store: unknown;
  readonly #checkers: readonly { readonly name: string; readonly checker: InvariantChecker<unknown> }[];
  readonly #agent: number;
  #observed = 0;
  /** Who is asked, about what. */
  #asking = '';
  #event: HistoryEvent | undefined;

  constructor(invariants: readonly Invariant<unknown>[], log: HistoryLog, store: unknown, agent: number) {
    this.#agent = agent;
    this.#log = log;
    this.#store = store;
    this.#checkers = invariants.map((invariant) => ({ name: invariant.name, checker: invariant.begin() }));
  }

  /** Judges every event not seen yet. */
  observe(): Finding | undefined {
    try {
      return this.#observe();
    } catch (thrown) {
      return { invariant: this.#asking, event: this.#event, ...violationThrown(thrown) };
    }
  }

  /** The final judgement. */
  finish(): Finding | undefined {
    try {
      return this.#observe() ?? this.#finish();
    } catch (thrown) {
      return { invariant: this.#asking, event: this.#event, ...violationThrown(thrown) };
    }
  }

  #observe(): Finding | undefined {
    if (this.#checkers.length === 0) return undefined;
    const history = this.#log.events;
    for (; this.#observed < history.length; this.#observed++) {
      const event = history[this.#observed];
      if (event === undefined) continue;
      this.#event = event;
      const moment = { store: this.#store, history };
      // By number: the program may have changed how arrays are iterated.
      let next = 0;
      while (next < this.#checkers.length) {
        const { name, checker } = this.#checkers[next++]!;
        this.#asking = name;
        if (event.agent !== this.#agent && checker.learn !== undefined) {
          checker.learn(event);
          continue;
        }
        const violation = checker.observe?.(event, moment);
        if (violation !== undefined) return { invariant: name, event, ...violation };
      }
    }
    return undefined;
  }

  #finish(): Finding | undefined {
    this.#event = undefined;
    let next = 0;
    while (next < this.#checkers.length) {
      const { name, checker } = this.#checkers[next++]!;
      this.#asking = name;
      const violation = checker.finish?.({ store: this.#store, history: this.#log.events });
      if (violation !== undefined) return { invariant: name, event: undefined, ...violation };
    }
    return undefined;
  }
}
