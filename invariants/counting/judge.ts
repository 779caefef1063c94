import type { Violation } from '../../harness/authoring.js';

/** One way of counting: receives every write and every read, and judges the store at the end. */
export interface CountingJudge<Store> {
  began(value: unknown): void;
  acknowledged(value: unknown): void;
  /** @param who such as `reader 0` */
  read(who: string, value: unknown): Violation | undefined;
  finish(store: Store): Violation | undefined;
}

/** How often something was written. */
export interface Tally {
  begun: number;
  acknowledged: number;
}

/** The tally for a key, created if there is none yet. */
export function tallyAt<Key, Kept extends Tally>(tallies: Map<Key, Kept>, key: Key, make: () => Kept): Kept {
  let tally = tallies.get(key);
  if (tally === undefined) tallies.set(key, (tally = make()));
  return tally;
}

/** `from 2 to 3`, or `of 2` if both are equal. */
export function range(least: number | bigint, most: number | bigint): string {
  return least === most ? `of ${least.toString()}` : `from ${least.toString()} to ${most.toString()}`;
}

/** What a count outside its bounds means, to be appended to it. */
export function difference(found: number | bigint, least: number | bigint, most: number | bigint): string {
  const missing = Number(least) - Number(found);
  if (missing === 1) return ', so 1 acknowledged write was lost';
  if (missing > 1) return `, so ${missing} acknowledged writes were lost`;
  const surplus = Number(found) - Number(most);
  return surplus > 0 ? `, which is ${surplus} more than were written` : '';
}
