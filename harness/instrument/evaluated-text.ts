import { pathToFileURL } from 'node:url';
import type { ProgramEntry } from './program-options.js';
import { isModule, isValid } from './transform.js';

/**
 * A text that a program evaluates as a script, as Node reads it: as an ES module if it has the syntax of one, or awaits at its top
 * level. Other entries stay as they are.
 */
export function asEvaluated(entry: ProgramEntry): ProgramEntry {
  if (entry.kind !== 'text' || entry.format !== 'commonjs' || !isModuleText(entry.text)) return entry;
  return { ...entry, format: 'module', name: new URL('[eval1]', pathToFileURL(`${entry.directory}/`)).href };
}

function isModuleText(text: string): boolean {
  if (isModule('text.js', text)) return true;
  return !isValid('text.cjs', text) && isValid('text.mjs', text);
}
