import { InvalidArgumentError } from 'commander';
import { parseCount, parseDurationMs } from './arguments.js';

/** Reads a duration; 0 means none. */
export function parseDurationOrNoneMs(text: string): number {
  return text === '0' ? 0 : parseDurationMs(text);
}

/** Reads a whole number, at least 0. */
export function parseCountOrNone(text: string): number {
  return text === '0' ? 0 : parseCount(text);
}

/** Reads `1,2,4`. */
export function parseCounts(text: string): number[] {
  return text.split(',').map((part) => parseCount(part.trim()));
}

/** Reads `50/20ms`: the number of records, and the pause after them. */
export function parseBurst(text: string): { readonly records: number; readonly pauseMs: number } {
  const [records = '', pause = '', ...others] = text.split('/');
  if (pause === '' || others.length > 0) {
    throw new InvalidArgumentError('Expected a number of records and a pause, such as 50/20ms.');
  }
  return { records: parseCount(records), pauseMs: parseDurationMs(pause) };
}
