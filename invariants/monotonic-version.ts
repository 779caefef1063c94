import type { HistoryEvent, Invariant, InvariantChecker, Violation } from '../harness/authoring.js';
import { inWords, keyOf } from './values.js';

/** The version of one key among several. */
export interface KeyedVersion {
  readonly key: unknown;
  readonly version: number | bigint;
}

/** The versions in a value that was read: that of the whole store, or those of keys in it, or several of both. */
export type Versions = number | bigint | KeyedVersion | readonly (number | bigint | KeyedVersion)[];

/** Where `monotonicVersion` finds versions. */
export interface MonotonicVersionOptions {
  /**
   * The versions in a value passed to `history.read`; `undefined` if it has none. Default: a number is the store's version; an
   * object's `version` is that of its `key`, or the store's if it has no key; its `records`, as in a snapshot of a record
   * table, are such objects.
   */
  of?(value: unknown): Versions | undefined;
}

/**
 * No reader ever sees a version go back: neither that of the store, nor that of any key.
 *
 * Each reader is compared only with itself, in the order in which it records what it saw, since two readers may look in one
 * order and record in another. A writer that reads is a reader too.
 *
 * @example
 * monotonicVersion()
 * @example
 * monotonicVersion({ of: (settings: { revision: number }) => settings.revision })
 */
export function monotonicVersion(options: MonotonicVersionOptions = {}): Invariant<unknown> {
  return { name: 'monotonicVersion', begin: () => new MonotonicVersionChecker(options) };
}

/** What one reader last saw. */
interface Seen {
  store: number | bigint | undefined;
  readonly keys: Map<string, number | bigint>;
}

class MonotonicVersionChecker implements InvariantChecker<unknown> {
  readonly #options: MonotonicVersionOptions;
  readonly #seen = new Map<string, Seen>();

  constructor(options: MonotonicVersionOptions) {
    this.#options = options;
  }

  observe(event: HistoryEvent): Violation | undefined {
    if (event.kind !== 'read') return undefined;
    const who = `${event.participant.role} ${event.participant.index}`;
    let seen = this.#seen.get(who);
    if (seen === undefined) this.#seen.set(who, (seen = { store: undefined, keys: new Map() }));
    const versions = this.#options.of === undefined ? versionsIn(event.value) : this.#options.of(event.value);
    for (const version of Array.isArray(versions) ? (versions as readonly unknown[]) : [versions]) {
      const violation = judge(who, seen, version);
      if (violation !== undefined) return violation;
    }
    return undefined;
  }
}

function judge(who: string, seen: Seen, found: unknown): Violation | undefined {
  if (isVersion(found)) {
    const before = seen.store;
    seen.store = found;
    return before !== undefined && found < before ? wentBack(who, 'version', before, found) : undefined;
  }
  if (typeof found !== 'object' || found === null || !('version' in found) || !isVersion(found.version))
    return undefined;
  if (!('key' in found)) return judge(who, seen, found.version);
  const key = keyOf(found.key);
  const before = seen.keys.get(key);
  seen.keys.set(key, found.version);
  if (before === undefined || found.version >= before) return undefined;
  return wentBack(who, `version of key ${inWords(found.key)}`, before, found.version);
}

function wentBack(who: string, what: string, before: number | bigint, found: number | bigint): Violation {
  return {
    expected: `${who} to see a ${what} of ${before.toString()} or more, since it has seen that`,
    found: found.toString(),
  };
}

function isVersion(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function versionsIn(value: unknown): unknown[] {
  if (typeof value === 'object' && value !== null && 'records' in value && Array.isArray(value.records)) {
    return [value, ...(value.records as unknown[])];
  }
  return [value];
}
