import type { HistoryEvent } from './history.js';

/** Why an invariant does not hold, in words that readers of the report understand without the code. */
export interface Violation {
  readonly expected: string;
  readonly found: string;
  /** What the check threw, if that is how it failed: of a failed assertion, the report shows expected and actual values. */
  readonly thrown?: unknown;
}

/** What an invariant may look at. Reading the store here is never a scheduling point. */
export interface Moment<Store> {
  readonly store: Store;
  /** Every event so far, in the order of recording. */
  readonly history: readonly HistoryEvent[];
}

/** The memory of an invariant for one execution. */
export interface InvariantChecker<Store> {
  /** Called after each event, in order. Returns the violation if this event shows one. */
  observe?(event: HistoryEvent, moment: Moment<Store>): Violation | undefined;
  /**
   * Called instead of `observe` for the events of other agents, which those agents judged when they happened: the store may
   * have changed since. Default: `observe`.
   */
  learn?(event: HistoryEvent): void;
  /**
   * Called instead of `observe` for all events of an execution whose threads ran at once, after it has ended: the store's
   * content at the event is unknown. Default: `learn` or, without one, `observe`.
   */
  review?(event: HistoryEvent, past: Pick<Moment<Store>, 'history'>): Violation | undefined;
  /** Called once, when every writer and reader has finished. */
  finish?(moment: Moment<Store>): Violation | undefined;
}

/** Something that must be true in every execution. `begin` is called once for each execution. */
export interface Invariant<Store> {
  readonly name: string;
  begin(): InvariantChecker<Store>;
}

/** What your own check receives: the moment, the newest event, and whether the execution has ended. */
export interface Inspection<Store> extends Moment<Store> {
  /** The event just recorded; `undefined` in the final check. */
  readonly event: HistoryEvent | undefined;
  readonly final: boolean;
}

/** A check of your own: see `invariant`. */
export type InvariantCheck<Store> = (inspection: Inspection<Store>) => boolean | string | Violation | undefined;

/**
 * Declares an invariant of your own.
 *
 * @param name its name in reports
 * @param check called after every history event and once at the end (`final`). It fails by returning `false`, a sentence, or `{
 *   expected, found }`, or by throwing (assertion libraries work); anything else passes. Under stress, where threads run at
 *   once, a check that uses the store counts only at the end.
 *
 * @example
 * invariant<Int32Array>('never negative', ({ store }) => (store[0] ?? 0) >= 0)
 */
export function invariant<Store>(name: string, check: InvariantCheck<Store>): Invariant<Store> {
  const judge = (inspection: Inspection<Store>): Violation | undefined => {
    let outcome: boolean | string | Violation | undefined;
    try {
      outcome = check(inspection);
    } catch (error) {
      const found = error instanceof Error ? error.message : String(error);
      return { expected: `"${name}" to hold`, found, thrown: error };
    }
    if (outcome === false) return { expected: `"${name}" to hold`, found: 'the check returned false' };
    if (typeof outcome === 'string') return { expected: `"${name}" to hold`, found: outcome };
    if (typeof outcome === 'object') return outcome;
    return undefined;
  };
  return {
    name,
    begin: () => ({
      observe: (event, moment) => judge({ ...moment, event, final: false }),
      learn: () => undefined,
      review: (event, { history }) => {
        // A check that uses the store cannot be answered here, so its result does not count.
        const asked = { store: false };
        const inspection = {
          event,
          history,
          final: false,
          get store(): never {
            asked.store = true;
            throw new Error('the store at that moment is not known');
          },
        };
        const violation = judge(inspection);
        return asked.store ? undefined : violation;
      },
      finish: (moment) => judge({ ...moment, event: undefined, final: true }),
    }),
  };
}
