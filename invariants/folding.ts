import { keyOf } from './values.js';

/** A write as the history records it: it took effect between `began` and `acknowledged`, both places in the history. */
export interface TimedWrite {
  readonly value: unknown;
  readonly result: unknown;
  readonly began: number;
  /** Infinity if it was never acknowledged: then it may have taken effect or not. */
  readonly acknowledged: number;
}

/** What a store holds, described as the result of the writes to it. */
export interface Fold<State> {
  /** What the store holds before the first write. */
  readonly initial: State;
  /** The state after one more write. Must return a new state and not change the old one. */
  readonly apply: (state: State, value: unknown, result: unknown) => State;
}

/** How many applications of a write the search for an order may take before it gives up. */
export const maximumApplications = 100_000;

/** One write applied on the way to an order of all of them. */
interface Step<State> {
  readonly state: State;
  /** Index of the write that led here; -1 at the beginning. */
  readonly write: number;
  /** Index of the first write that is not yet applied. */
  readonly firstOpen: number;
  /** Place of the first write not yet applied, in the order of acknowledgement. */
  readonly nextAcknowledged: number;
  /** The writes that may come next. */
  readonly candidates: readonly number[];
  tried: number;
}

/**
 * Whether the acknowledged writes, and any of those that only began, can be put in an order that leads to a matching state. A
 * write comes before all those that began after its acknowledgement; where two overlap, either may come first. Returns
 * `undecided` if the search takes more than `maximumApplications`.
 *
 * @param writes in the order in which they began
 */
export function canLeadTo<State>(
  writes: readonly TimedWrite[],
  { initial, apply }: Fold<State>,
  matches: (state: State) => boolean,
): 'yes' | 'no' | 'undecided' {
  const acknowledgedAt = (write: number): number => writes[write]!.acknowledged;
  const byAcknowledgement = (first: number, second: number): number => acknowledgedAt(first) - acknowledgedAt(second);
  const acknowledged = [...writes.keys()].filter((write) => acknowledgedAt(write) < Infinity).sort(byAcknowledgement);
  const applied = new Uint8Array(writes.length);
  const seen = new Set<string>();
  let applications = 0;

  const stepTo = (state: State, write: number, previous: Step<State> | undefined): Step<State> => {
    let firstOpen = previous?.firstOpen ?? 0;
    while (applied[firstOpen] === 1) firstOpen++;
    let nextAcknowledged = previous?.nextAcknowledged ?? 0;
    while (nextAcknowledged < acknowledged.length && applied[acknowledged[nextAcknowledged]!] === 1) nextAcknowledged++;
    const deadline =
      nextAcknowledged < acknowledged.length ? acknowledgedAt(acknowledged[nextAcknowledged]!) : Infinity;
    const candidates: number[] = [];
    for (let next = firstOpen; next < writes.length && writes[next]!.began < deadline; next++) {
      if (applied[next] === 0) candidates.push(next);
    }
    // The order of acknowledgement is the likeliest, so try it first.
    return { state, write, firstOpen, nextAcknowledged, candidates: candidates.sort(byAcknowledgement), tried: 0 };
  };

  /** Everything that the rest of the search depends on. */
  const situationAt = ({ state, firstOpen }: Step<State>): string => {
    const beyond: number[] = [];
    for (let write = firstOpen; write < writes.length; write++) if (applied[write] === 1) beyond.push(write);
    return `${firstOpen} ${beyond.join()} ${keyOf(state)}`;
  };

  const path = [stepTo(initial, -1, undefined)];
  for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
    if (step.tried === 0 && step.nextAcknowledged === acknowledged.length && matches(step.state)) return 'yes';
    const write = step.candidates[step.tried++];
    if (write === undefined) {
      if (step.write >= 0) applied[step.write] = 0;
      path.pop();
      continue;
    }
    if (++applications > maximumApplications) return 'undecided';
    const { value, result } = writes[write]!;
    applied[write] = 1;
    const next = stepTo(apply(step.state, value, result), write, step);
    const situation = situationAt(next);
    if (seen.has(situation)) {
      applied[write] = 0;
    } else {
      seen.add(situation);
      path.push(next);
    }
  }
  return 'no';
}
