import type { Actor } from '../harness/authoring.js';

/** An actor as a sentence names it: `writer 0`. */
export function nameOf({ role, index }: Actor): string {
  return `${role} ${index}`;
}
