import type { Participant } from '../harness/authoring.js';

/** An participant as a sentence names it: `writer 0`. */
export function nameOf({ role, index }: Participant): string {
  return `${role} ${index}`;
}
