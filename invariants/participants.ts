import type { Participant } from '../harness/authoring.js';

/** An participant's name in a sentence: `writer 0`. */
export function nameOf({ role, index }: Participant): string {
  return `${role} ${index}`;
}
