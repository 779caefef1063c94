import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Where the program called the caller of this function, as `file:line`; empty if unknown.
 *
 * @param between how many calls lie between the program's call and the call of this function
 */
export function callPlace(between: number): string {
  const { stackTraceLimit } = Error;
  // Built-in functions such as Object.defineProperty may be in between too.
  Error.stackTraceLimit = between + 4;
  const stack = new Error().stack ?? '';
  Error.stackTraceLimit = stackTraceLimit;
  for (const frame of stack.split('\n').slice(between + 2)) {
    // `    at name (file:line:column)`, or without a name `    at file:line:column`
    const where = /\((.*)\)$/.exec(frame)?.[1] ?? frame.replace(/^ *at (async )?/, '');
    const found = /^(.*):(\d+):\d+$/.exec(where);
    if (found !== null) return `${shortName(found[1]!)}:${found[2]!}`;
  }
  return '';
}

/** Relative to the folder the program was started in, if it is in there. */
function shortName(file: string): string {
  const name = file.startsWith('file://') ? fileURLToPath(file) : file;
  const relative = path.relative(process.cwd(), name);
  return relative.startsWith('..') || !path.isAbsolute(name) ? name : relative;
}
