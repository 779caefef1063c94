import { gapsOf } from '../../results/kept-trace.js';
import type { Operation } from '../../results/schema.js';

/** A run of operations that repeat those before them, round after round. */
export interface Rounds {
  /** The first operation of the second round, and the one after the last. */
  readonly start: number;
  readonly end: number;
  /** Operations of one round. */
  readonly length: number;
}

const longestRound = 64;
/** Fewer rounds are shown one by one. */
const minimumRounds = 4;

/**
 * Finds where a trace repeats itself: the same operations by the same agents at the same places with the same
 * values. Preemptions and the operation that broke are never part of it. A run never spans missing steps.
 */
export function findRounds(trace: readonly Operation[], broken: Operation | undefined): Rounds[] {
  const gaps = new Set(gapsOf(trace).map(({ place }) => place));
  const kinds = new Map<string, number>();
  const kindOf = trace.map((operation, place) => {
    // A unique key that equals no other.
    if (operation === broken || operation.turn === 'preemption') return -1 - place;
    const key = keyOf(operation);
    const kind = kinds.get(key) ?? kinds.size;
    kinds.set(key, kind);
    return kind;
  });
  const found: Rounds[] = [];
  let place = 0;
  while (place < trace.length) {
    const rounds = roundsFrom(kindOf, gaps, place);
    if (rounds === undefined) place++;
    else {
      found.push(rounds);
      place = rounds.end;
    }
  }
  return found;
}

function roundsFrom(kindOf: readonly number[], gaps: ReadonlySet<number>, first: number): Rounds | undefined {
  for (let length = 1; length <= longestRound; length++) {
    if (gaps.has(first + length)) return undefined;
    let end = first + length;
    while (end < kindOf.length && kindOf[end] === kindOf[end - length] && !gaps.has(end)) end++;
    const rounds = Math.floor((end - first) / length);
    if (rounds >= minimumRounds) return { start: first + length, end: first + rounds * length, length };
  }
  return undefined;
}

function keyOf({ agent, kind, address, turn, site, step: _, source: __, ...values }: Operation): string {
  // Timers are numbered as they are set.
  const where = address?.kind === 'timer' ? 'timer' : address;
  return JSON.stringify([agent, kind, where, values, turn, site?.file, site?.line, site?.column]);
}
