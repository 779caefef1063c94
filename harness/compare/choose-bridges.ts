import { recordBridges } from 'threadmill/bridges/records';
import type { Bridge } from 'threadmill/bridges/records';
import { UsageError } from '../errors.js';

/** The name of a bridge on the command line. `dual-queue` is the hardened variant. */
export function bridgeId({ name, variant }: Pick<Bridge, 'name' | 'variant'>): string {
  return variant === 'hardened' ? name : `${name}:${variant}`;
}

/**
 * The bridges with these names, each once, in the order of the list of bridges: `dual-queue`, `dual-queue:hardened`,
 * `dual-queue:published`. A bridge with a single variant needs no variant. No names: all that carry records.
 *
 * @throws UsageError that lists the bridges, if a name is unknown
 */
export function chooseBridges(names: readonly string[]): Bridge[] {
  const bridges = recordBridges();
  if (names.length === 0) return [...bridges];
  const chosen = new Set(names.map((name) => find(bridges, name)));
  return bridges.filter((bridge) => chosen.has(bridge));
}

function find(bridges: readonly Bridge[], wanted: string): Bridge {
  const named = bridges.filter(({ name, variant }) => name === wanted || `${name}:${variant}` === wanted);
  const found = named.find(({ variant }) => variant === 'hardened') ?? named[0];
  if (found !== undefined) return found;
  const known = bridges.map(bridgeId).sort().join(', ');
  throw new UsageError(`Unknown bridge "${wanted}". These bridges carry records: ${known}.`);
}
