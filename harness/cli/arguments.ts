import { InvalidArgumentError } from 'commander';
import { readDurationMs } from '../duration-text.js';

const minimumSeed = -(2 ** 31);
const maximumSeed = 2 ** 31 - 1;

/** Reads `500ms`, `30s`, `10m`, `1h` as milliseconds. */
export function parseDurationMs(text: string): number {
  const durationMs = readDurationMs(text);
  if (durationMs === undefined) throw new InvalidArgumentError('Expected a duration such as 500ms, 30s, 10m or 1h.');
  return durationMs;
}

/** Reads a whole number, at least 1. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || !Number.isSafeInteger(count)) {
    throw new InvalidArgumentError('Expected a whole number, at least 1.');
  }
  return count;
}

/** Reads a whole number, at least 0. */
export function parseWhole(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count)) throw new InvalidArgumentError('Expected a whole number.');
  return count;
}

/** Reads a 32-bit integer. */
export function parseSeed(text: string): number {
  const seed = Number(text);
  if (!/^-?\d+$/.test(text) || seed < minimumSeed || seed > maximumSeed) {
    throw new InvalidArgumentError(`Expected a whole number from ${minimumSeed} to ${maximumSeed}.`);
  }
  return seed;
}

/** Reads `2/8`: the second of eight parts. */
export function parseShard(text: string): { readonly index: number; readonly count: number } {
  const match = /^(\d+)\/(\d+)$/.exec(text);
  const index = Number(match?.[1]);
  const count = Number(match?.[2]);
  if (match === null || index < 1 || index > count || !Number.isSafeInteger(count)) {
    throw new InvalidArgumentError('Expected i/n, with i from 1 to n, such as 2/8.');
  }
  return { index, count };
}

/** Collects the values of an option that may be repeated. */
export function collect<Value>(
  parse: (text: string) => Value,
): (text: string, before: readonly Value[] | undefined) => Value[] {
  return (text, before) => [...(before ?? []), parse(text)];
}
