import { gapsOf } from '../../results/kept-trace.js';
import type { Address } from '../../results/operation-schema.js';
import type { Counterexample, Operation } from '../../results/schema.js';
import { addressText } from '../text/operation.js';

/** Cause and effect between operations, by their places in the trace. The cause always comes first. */
export interface Flow {
  readonly kind: 'message' | 'wake-up';
  readonly from: number;
  readonly to: number;
}

/** The time that an agent was blocked in Atomics.wait, by places in the trace; `to` is null if it never returned. */
export interface BlockedSpan {
  readonly agent: number;
  readonly from: number;
  readonly to: number | null;
}

/**
 * Matches deliveries with messages and waiters with notifications, as far as the trace shows. If its beginning is not kept,
 * earlier messages may have been under way, so no message is matched. The same is true after missing steps.
 */
export function findFlows(counterexample: Counterexample): Flow[] {
  const { trace } = counterexample;
  const known = trace.slice(0, gapsOf(trace)[0]?.place);
  return [...messageFlows(known), ...wakeUpFlows(trace)].sort(
    (left, right) => left.from - right.from || left.to - right.to,
  );
}

/** Where agents were blocked in Atomics.wait, in the order in which they began to wait. */
export function findBlockedSpans({ trace, failure }: Counterexample): BlockedSpan[] {
  return findWaiters(trace).flatMap(({ agent, from, to, isAsync, outcome }) => {
    // The last operation of an agent may be a wait that did not block. The failure does not list it then.
    const isBlocked =
      outcome === 'unknown'
        ? failure.blocked?.some((blocked) => blocked.agent === agent && blocked.on === 'Atomics.wait') === true
        : outcome !== 'at once';
    return isAsync || !isBlocked ? [] : [{ agent, from, to }];
  });
}

function messageFlows(trace: readonly Operation[]): Flow[] {
  const posts = new Map<number, number[]>();
  const deliveries = new Map<number, number>();
  const flows: Flow[] = [];
  for (const [place, { kind, address, receivers }] of trace.entries()) {
    if (address?.kind !== 'port') continue;
    const { port, peer } = address;
    if (kind === 'postMessage' && receivers !== 0) posts.set(port, [...(posts.get(port) ?? []), place]);
    if (kind !== 'message' || peer === undefined) continue;
    // Each port is first in, first out.
    const received = deliveries.get(port) ?? 0;
    deliveries.set(port, received + 1);
    const from = posts.get(peer)?.[received];
    if (from !== undefined) flows.push({ kind: 'message', from, to: place });
  }
  return flows;
}

interface Waiter {
  readonly agent: number;
  /** The word, as reports name it. */
  readonly location: string | undefined;
  readonly from: number;
  readonly isAsync: boolean;
  to: number | null;
  outcome: 'woken' | 'timed-out' | 'at once' | 'unknown';
}

function wakeUpFlows(trace: readonly Operation[]): Flow[] {
  const waiters = findWaiters(trace);
  const taken = new Set<Waiter>();
  const flows: Flow[] = [];
  for (const [from, { kind, address, woken = 0 }] of trace.entries()) {
    if (kind !== 'Atomics.notify') continue;
    const location = locationOf(address);
    const candidates = waiters.filter(
      (waiter) =>
        waiter.location === location &&
        waiter.from < from &&
        (waiter.to ?? Infinity) > from &&
        waiter.outcome !== 'timed-out' &&
        waiter.outcome !== 'at once' &&
        !taken.has(waiter),
    );
    // Waiters that were certainly woken come before those that may have been.
    const certain = candidates.filter(({ outcome }) => outcome === 'woken');
    const possible = candidates.filter(({ outcome, to }) => outcome !== 'woken' && to !== null);
    for (const waiter of [...certain, ...possible].slice(0, woken)) {
      taken.add(waiter);
      if (waiter.to !== null) flows.push({ kind: 'wake-up', from, to: waiter.to });
    }
  }
  return flows;
}

/** All calls of Atomics.wait and Atomics.waitAsync, in order, and where each ended. */
function findWaiters(trace: readonly Operation[]): Waiter[] {
  const waiters: Waiter[] = [];
  /** The call in which an agent may be blocked. If it is, the agent's next operation is the return from it. */
  const blocked = new Map<number, Waiter>();
  const gaps = new Set(gapsOf(trace).map((gap) => gap.place));
  for (const [place, operation] of trace.entries()) {
    if (gaps.has(place)) {
      // Its end is not kept, and the next operation may belong to another wait.
      blocked.clear();
      for (const waiter of waiters) if (waiter.to === null) waiter.outcome = 'at once';
    }
    const { agent, kind } = operation;
    const location = locationOf(operation.address);
    const waiting = blocked.get(agent);
    blocked.delete(agent);
    if (waiting !== undefined) {
      const isReturn = kind === 'Atomics.wait returns' && waiting.location === location;
      waiting.to = isReturn ? place : null;
      waiting.outcome = !isReturn ? 'at once' : operation.result === 'timed-out' ? 'timed-out' : 'woken';
    }
    if (kind === 'Atomics.wait' || kind === 'Atomics.waitAsync') {
      const isAsync = kind === 'Atomics.waitAsync';
      const waiter: Waiter = { agent, location, from: place, isAsync, to: null, outcome: 'unknown' };
      waiters.push(waiter);
      if (!isAsync) blocked.set(agent, waiter);
    } else if (kind === 'Atomics.waitAsync settles') {
      // Settlements have the place in the source at which the wait began.
      const settled = waiters.find(
        (waiter) =>
          waiter.isAsync &&
          waiter.to === null &&
          waiter.outcome !== 'at once' &&
          waiter.agent === agent &&
          isSameSite(trace[waiter.from], operation),
      );
      if (settled !== undefined) settled.to = place;
    }
  }
  return waiters;
}

const locationOf = (address: Address | undefined): string | undefined =>
  address === undefined ? undefined : addressText(address);

function isSameSite(left: Operation | undefined, right: Operation): boolean {
  return (
    left?.site !== undefined &&
    left.site.file === right.site?.file &&
    left.site.line === right.site.line &&
    left.site.column === right.site.column
  );
}
