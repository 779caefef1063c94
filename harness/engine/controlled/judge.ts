import type { HistoryEvent } from '../../scenario/history.js';
import type { Invariant, InvariantChecker } from '../../scenario/invariant.js';
import { violationThrown, type Finding } from '../finding.js';
import type { HistoryLog } from './history-log.js';

/**
 * Runs the invariants over the history for one agent. Every agent judges at its own events, after showing its checkers what the
 * others have recorded since, so a violation ends the execution at the step that shows it.
 */
export class Judge {
  readonly #log: HistoryLog;
  readonly store: unknown;
  readonly #checkers: readonly { readonly name: string; readonly checker: InvariantChecker<unknown> }[];
  readonly #agent: number;
  #observed = 0;
  /** A checker, and the events to judge. */
  #asking = '';
  #event: HistoryEvent | undefined;

  constructor(invariants: readonly Invariant<unknown>[], log: HistoryLog, store: unknown, agent: number) {
    this.#agent = agent;
    this.#log = log;
    this.store = store;
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
      const moment = { store: this.store, history };
      // By index: the program may have changed how arrays are iterated.
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
      const violation = checker.finish?.({ store: this.store, history: this.#log.events });
      if (violation !== undefined) return { invariant: name, event: undefined, ...violation };
    }
    return undefined;
  }
}
