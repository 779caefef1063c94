import { recordChecksum } from 'threadmill/record-table';
import { checksum, count, monotonicVersion } from 'threadmill/invariants';
import type { Invariant } from 'threadmill';

/** A value that shows whether it is whole and which one it is: its number, its payload, and a sum of both. */
export type VersionedValue = readonly [version: number, payload: number, sum: number];

export const firstVersion: VersionedValue = [0, 0, recordChecksum(0, 0, [0])];

export function nextVersion([version]: VersionedValue, payload: number): VersionedValue {
  return [version + 1, payload, recordChecksum(0, version + 1, [payload])];
}

/** A value as recorded by `history.read`, so that all invariants understand it. */
export function seenAs([version, payload, sum]: VersionedValue): { version: number; payload: number; sum: number } {
  return { version, payload, sum };
}

/** What the hostile workload of a watcher must keep: each set counts once, no value is torn, no version goes back. */
export function hostileInvariants<Store>(valueOf: (store: Store) => VersionedValue | undefined): Invariant<Store>[] {
  return [
    count({
      of: (store: Store) => valueOf(store)?.[0],
      read: (value) => (value as ReturnType<typeof seenAs>).version,
    }),
    checksum({
      valid: (value) => {
        const { version, payload, sum } = value as ReturnType<typeof seenAs>;
        return sum === recordChecksum(0, version, [payload]);
      },
    }),
    monotonicVersion(),
  ];
}
