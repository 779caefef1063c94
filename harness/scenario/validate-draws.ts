import { maximumReaders, maximumWriters } from './limits.js';
import { measureStoreCopy, type StoreCopy } from './store-copy.js';

// The checks that are repeated while a scenario is explored. They are separate from the check of the scenario's shape, which
// needs a library that takes a quarter of an explorer's start-up time.

/** Whether a value is a fast-check arbitrary. */
export const isArbitrary = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  ['generate', 'shrink', 'canShrinkWithoutContext'].every((method) => typeof Reflect.get(value, method) === 'function');

/** How messages describe the expected count of writers or readers. */
export const expectedCount = (maximum: number): string =>
  `an integer from 1 to ${maximum.toLocaleString('en')}, or a fast-check arbitrary of such integers`;

/** Prints what was found in a field, short enough for one line. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value);
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return `${value as number}`;
}

/** Why something was thrown, on one line. */
function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ');
}

/** Raised for a scenario file whose default export is not a scenario. */
export class InvalidScenario extends Error {
  override readonly name = 'InvalidScenario';
}

/**
 * Checks a store made by the scenario's factory.
 *
 * @returns the cost of copying it to a worker; null if that is low
 * @throws InvalidScenario if it cannot be structured-cloned to the workers
 */
export function validateStore(makeStore: () => unknown, file: string): StoreCopy | null {
  let store: unknown;
  try {
    store = makeStore();
  } catch (error) {
    throw new InvalidScenario(
      `${file}: store: found a factory that throws (${reason(error)}), expected one that returns the store`,
    );
  }
  if (store instanceof Promise) {
    throw new InvalidScenario(
      `${file}: store: found a promise, expected the store itself: the factory must not be async`,
    );
  }
  try {
    return measureStoreCopy(store);
  } catch (error) {
    throw new InvalidScenario(
      `${file}: store: found something that cannot be structured-cloned to the workers (${reason(error)}), expected SharedArrayBuffers, typed arrays over them, and plain data`,
    );
  }
}

/**
 * Checks drawn parameters.
 *
 * @throws InvalidScenario if one cannot be structured-cloned to the workers
 */
export function validateParams(params: Readonly<Record<string, unknown>>, file: string): void {
  for (const [name, value] of Object.entries(params)) {
    try {
      structuredClone(value);
    } catch (error) {
      throw new InvalidScenario(
        `${file}: params.${name}: found ${describe(value)} that cannot be structured-cloned to the workers (${reason(error)}), expected plain data, or an arbitrary that draws it`,
      );
    }
  }
}

/** Checks a drawn count of writers or readers. */
export function validateCount(field: 'writers' | 'readers', count: unknown, file: string): void {
  const maximum = field === 'writers' ? maximumWriters : maximumReaders;
  if (Number.isInteger(count) && (count as number) >= 1 && (count as number) <= maximum) return;
  throw new InvalidScenario(
    `${file}: ${field}.count: found an arbitrary that drew ${describe(count)}, expected ${expectedCount(maximum)}`,
  );
}
