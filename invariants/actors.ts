import type { Actor } from '../harness/authoring.js';

/** An actor's name in a sentence: `writer 0`. */
export function nameOf({ role, index }: Actor): string {
  return `${role} ${index}`;
}
