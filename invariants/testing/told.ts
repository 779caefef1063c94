import fc from 'fast-check';
import type { Participant, HistoryEvent, Invariant, Violation } from '../../harness/authoring.js';

/** What happens in a made-up execution: one actor's step, in the order of the list. */
export type Happening =
  | { readonly begin: string; readonly value?: unknown; readonly by?: number }
  | { readonly acknowledge: string; readonly result?: unknown }
  | { readonly read: unknown; readonly by?: number };

/** Passes a made-up history to an invariant, then ends it. Returns the first violation, as `expected | found`. */
export function told<Store>(invariant: Invariant<Store>, store: Store, happenings: readonly Happening[]): string {
  const violation = firstViolation(invariant, store, happenings);
  return violation === undefined ? 'holds' : `${violation.expected} | ${violation.found}`;
}

function firstViolation<Store>(
  invariant: Invariant<Store>,
  store: Store,
  happenings: readonly Happening[],
): Violation | undefined {
  const checker = invariant.begin();
  const history: HistoryEvent[] = [];
  const writes = new Map<string, { write: number; value: unknown; participant: Participant }>();
  for (const [step, happening] of happenings.entries()) {
    const event = eventOf(happening, step, writes);
    history.push(event);
    const violation = checker.observe?.(event, { store, history });
    if (violation !== undefined) return violation;
  }
  return checker.finish?.({ store, history });
}

function eventOf(
  happening: Happening,
  step: number,
  writes: Map<string, { write: number; value: unknown; participant: Participant }>,
): HistoryEvent {
  if ('read' in happening) {
    const participant = { role: 'reader', index: happening.by ?? 0 } as const;
    return { kind: 'read', agent: 0, participant, step, value: structuredClone(happening.read) };
  }
  if ('begin' in happening) {
    const participant = { role: 'writer', index: happening.by ?? 0 } as const;
    const begun = { write: writes.size, value: structuredClone(happening.value), participant };
    writes.set(happening.begin, begun);
    return { kind: 'writeBegan', agent: participant.index + 1, step, ...begun };
  }
  const begun = writes.get(happening.acknowledge);
  if (begun === undefined) throw new Error(`No write "${happening.acknowledge}" has begun.`);
  return { kind: 'writeAcknowledged', agent: begun.participant.index + 1, step, ...begun, result: happening.result };
}

/** What one party of an execution under a perfect bridge does: each task's three moments may be far apart. */
export interface Task<Store> {
  /** What to record before, if it is a write. */
  readonly value?: unknown;
  /** The instant at which it reads the store or changes it; returns what it saw, or what the bridge answers. */
  readonly effect: (store: Store) => unknown;
}

/**
 * Histories of a store that all parties change and read in single instants, recorded with any delays, some with writes that
 * were never acknowledged: a violation that an invariant reports in one of these is a false alarm.
 *
 * @param parties the tasks of each party, done one after another; a task with a `value` is a write, else a read
 */
export function perfectExecutions<Store>(
  makeStore: () => Store,
  parties: fc.Arbitrary<readonly (readonly Task<Store>[])[]>,
): fc.Arbitrary<{ readonly store: Store; readonly happenings: readonly Happening[] }> {
  return fc.tuple(parties, fc.infiniteStream(fc.nat()), fc.nat({ max: 3 })).map(([tasks, choices, cut]) => {
    const store = makeStore();
    const happenings: Happening[] = [];
    const moments = tasks.map((party, by) => momentsOf(party, by, store, happenings));
    // Some executions lack their last few moments, as if a party had been abandoned.
    for (let left = moments.flat().length - cut; left > 0; left--) {
      const open = moments.filter((party) => party.length > 0);
      open[choices.next().value % open.length]?.shift()?.();
    }
    return { store, happenings };
  });
}

function momentsOf<Store>(party: readonly Task<Store>[], by: number, store: Store, happenings: Happening[]) {
  return party.flatMap((task, place) => {
    let outcome: unknown;
    const effect = (): void => {
      outcome = task.effect(store);
    };
    if (!('value' in task)) return [effect, () => void happenings.push({ read: outcome, by })];
    const name = `${by}.${place}`;
    return [
      () => void happenings.push({ begin: name, value: task.value, by }),
      effect,
      () => void happenings.push({ acknowledge: name, result: outcome }),
    ];
  });
}
