import { gapsOf } from '../../results/kept-trace.js';
import type { Counterexample, Operation } from '../../results/schema.js';

/** What one operation brought about elsewhere, by their places in the trace: the cause always comes first. */
export interface Flow {
  readonly kind: 'message' | 'wake-up';
  readonly from: number;
  readonly to: number;
}

/** From where to where an agent was blocked in Atomics.wait, by places in the trace; `to` is null if it never came out. */
export interface BlockedSpan {
  readonly agent: number;
  readonly from: number;
  readonly to: number | null;
}

/**
 * Which message each delivery delivered, and which notification each waiter was woken by, as far as the trace tells: where
 * its beginning is not kept, messages may have been under way, so none is matched, nor is any after steps that are missing.
 */
export function findFlows(counterexample: Counterexample): Flow[] {
  const { trace } = counterexample;
  const known = trace.slice(0, gapsOf(trace)[0]?.place);
  const messages = messageFlows(known, counterexample.writers);
  return [...messages, ...wakeUpFlows(trace)].sort((left, right) => left.from - right.from || left.to - right.to);
}

/** Where agents were blocked in Atomics.wait, in the order in which they began to wait. */
export function findBlockedSpans({ trace, failure, agents }: Counterexample): BlockedSpan[] {
  return findWaiters(trace).flatMap(({ agent, from, to, isAsync, outcome }) => {
    // What an agent did last may have been a wait that did not block: then the failure does not speak of it.
    const isBlocked =
      outcome === 'unknown'
        ? failure.verdict === 'deadlock' && failure.message.includes(`${agents[agent] ?? ''} waits in Atomics.wait`)
        : outcome !== 'at once';
    return isAsync || !isBlocked ? [] : [{ agent, from, to }];
  });
}

function messageFlows(trace: readonly Operation[], writers: number): Flow[] {
  const posts = placesByPort(trace, 'postMessage');
  const deliveries = placesByPort(trace, 'message');
  const peerOf = pairing(posts, deliveries, 2 * writers);
  const flows: Flow[] = [];
  for (const [port, received] of deliveries) {
    const sent = posts.get(peerOf(port)) ?? [];
    // Each port is first in, first out.
    for (const [index, to] of received.entries()) {
      const from = sent[index];
      if (from !== undefined && from < to) flows.push({ kind: 'message', from, to });
    }
  }
  return flows;
}

/**
 * Which port is the other end of which. Ports are numbered in pairs, those of the workers first; a broadcast channel, whose
 * ends have no pair, shifts those that are opened after it. A pairing of ports beyond the workers' by which something
 * arrived before it was sent is wrong, and where all are wrong, nobody knows.
 */
function pairing(
  posts: ReadonlyMap<number, readonly number[]>,
  deliveries: ReadonlyMap<number, readonly number[]>,
  workerPorts: number,
): (port: number) => number {
  const opened = [...deliveries].filter(([port]) => port >= workerPorts);
  const shift = [0, 1].find((tried) =>
    opened.every(([port, received]) => isInTime(posts.get(((port + tried) ^ 1) - tried) ?? [], received)),
  );
  return (port) => {
    if (port < workerPorts) return port ^ 1;
    return shift === undefined ? -1 : ((port + shift) ^ 1) - shift;
  };
}

function placesByPort(trace: readonly Operation[], operation: string): Map<number, number[]> {
  const places = new Map<number, number[]>();
  for (const [place, { operation: name, location, value }] of trace.entries()) {
    const port = /^port (\d+)$/.exec(location ?? '')?.[1];
    if (name !== operation || port === undefined || value === 'to nobody') continue;
    places.set(Number(port), [...(places.get(Number(port)) ?? []), place]);
  }
  return places;
}

/** Whether each delivery has been sent before: then all of them may be from there. */
function isInTime(sent: readonly number[], received: readonly number[]): boolean {
  return received.every((delivery, index) => (sent[index] ?? Infinity) < delivery);
}

interface Waiter {
  readonly agent: number;
  readonly location: string;
  readonly from: number;
  readonly isAsync: boolean;
  to: number | null;
  outcome: 'woken' | 'timed-out' | 'at once' | 'unknown';
}

function wakeUpFlows(trace: readonly Operation[]): Flow[] {
  const waiters = findWaiters(trace);
  const taken = new Set<Waiter>();
  const flows: Flow[] = [];
  for (const [from, { operation, location, value }] of trace.entries()) {
    if (operation !== 'Atomics.notify') continue;
    const candidates = waiters.filter(
      (waiter) =>
        waiter.location === location &&
        waiter.from < from &&
        (waiter.to ?? Infinity) > from &&
        waiter.outcome !== 'timed-out' &&
        waiter.outcome !== 'at once' &&
        !taken.has(waiter),
    );
    // Whoever is known to have been woken comes before whoever may have been.
    const certain = candidates.filter(({ outcome }) => outcome === 'woken');
    const possible = candidates.filter(({ outcome, to }) => outcome !== 'woken' && to !== null);
    const count = Number(/^woke (\d+)$/.exec(value ?? '')?.[1] ?? 0);
    for (const waiter of [...certain, ...possible].slice(0, count)) {
      taken.add(waiter);
      if (waiter.to !== null) flows.push({ kind: 'wake-up', from, to: waiter.to });
    }
  }
  return flows;
}

/** Everybody who called Atomics.wait or Atomics.waitAsync, in that order, and where that ended. */
function findWaiters(trace: readonly Operation[]): Waiter[] {
  const waiters: Waiter[] = [];
  /** The call in which an agent may be blocked: if it is, the next thing that the agent does is to return from it. */
  const blocked = new Map<number, Waiter>();
  const gaps = new Set(gapsOf(trace).map((gap) => gap.place));
  for (const [place, operation] of trace.entries()) {
    if (gaps.has(place)) {
      // Where it ended is not kept; what follows may belong to another wait.
      blocked.clear();
      for (const waiter of waiters) if (waiter.to === null) waiter.outcome = 'at once';
    }
    const { agent, operation: name, location = '' } = operation;
    const waiting = blocked.get(agent);
    blocked.delete(agent);
    if (waiting !== undefined) {
      const isReturn = name === 'Atomics.wait returns' && waiting.location === location;
      waiting.to = isReturn ? place : null;
      waiting.outcome = !isReturn ? 'at once' : operation.value === 'timed-out' ? 'timed-out' : 'woken';
    }
    if (name === 'Atomics.wait' || name === 'Atomics.waitAsync') {
      const isAsync = name === 'Atomics.waitAsync';
      const waiter: Waiter = { agent, location, from: place, isAsync, to: null, outcome: 'unknown' };
      waiters.push(waiter);
      if (!isAsync) blocked.set(agent, waiter);
    } else if (name === 'Atomics.waitAsync settles') {
      // Settlements are told at the place in the source where the waiting began.
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

function isSameSite(left: Operation | undefined, right: Operation): boolean {
  return (
    left?.site !== undefined &&
    left.site.file === right.site?.file &&
    left.site.line === right.site.line &&
    left.site.column === right.site.column
  );
}
