import fc from 'fast-check';
import { perfectExecutions, type Happening, type Task } from './told.js';

/** A queue that is changed in single instants. */
export interface PerfectQueue {
  readonly items: unknown[];
  /** Everything that was ever added. */
  readonly added: unknown[];
}

/** Histories of parties that add distinct items to a perfect queue, and take some of them out again. */
export function queueExecutions(): fc.Arbitrary<{
  readonly store: PerfectQueue;
  readonly happenings: readonly Happening[];
}> {
  const parties = fc.array(fc.array(fc.boolean(), { maxLength: 5 }), { minLength: 1, maxLength: 4 });
  const tasks = parties.map((choices) =>
    choices.map((party, by) => party.map((adds, place) => (adds ? adding([by, place]) : taking))),
  );
  return perfectExecutions((): PerfectQueue => ({ items: [], added: [] }), tasks);
}

/** An additional reader that gets, at the end, all items that no other has recorded. */
export function readsOfTheRest({ added }: PerfectQueue, happenings: readonly Happening[]): Happening[] {
  const got = new Set(happenings.map((happening) => ('read' in happening ? String(happening.read) : '')));
  return added.filter((item) => !got.has(String(item))).map((item) => ({ read: item, by: 99 }));
}

const taking: Task<PerfectQueue> = { effect: (queue) => queue.items.shift() };

function adding(item: readonly number[]): Task<PerfectQueue> {
  return {
    value: item,
    effect: (queue) => {
      queue.items.push(item);
      queue.added.push(item);
    },
  };
}
