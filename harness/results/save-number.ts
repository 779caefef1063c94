import type { SavedNumber } from './operation-schema.js';

/** A number in a form that JSON can hold. */
export function saveNumber(value: number): SavedNumber {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : value;
  return String(value) as SavedNumber;
}
