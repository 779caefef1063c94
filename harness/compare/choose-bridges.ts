import { recordBridges } from 'threadmill/bridges/records';
import type { Bridge } from 'threadmill/bridges/records';
import { UsageError } from '../errors.js';

/** What a bridge is called on the command line: `dual-queue` is the one that one would ship. */
export function bridgeId({ name, variant }: Pick<Bridge, 'name' | 'variant'>): string {
  return variant === 'hardened' ? name : `${name}:${variant}`;
}

/**
 * The bridges of these names, each once, in the order in which they are listed: `dual-queue`, `dual-queue:hardened`,
 * `dual-queue:published`. One that there is in one variant only needs no variant. No names: all that carry records.
 *
 * @throws UsageError with all there are, if one is not among them
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
