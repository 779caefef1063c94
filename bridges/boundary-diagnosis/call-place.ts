import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Where the function was called from whose wrapper is given, as `file:line`; empty if it cannot be told.
 *
 * @param wrapper the function whose caller is meant: it and what it called are left out
 */
export function callPlace(wrapper: (...args: never[]) => unknown): string {
  const { stackTraceLimit } = Error;
  const holder: { stack?: string } = {};
  Error.stackTraceLimit = 1;
  Error.captureStackTrace(holder, wrapper);
  Error.stackTraceLimit = stackTraceLimit;
  // `    at name (file:line:column)`, or without a name `    at file:line:column`
  const frame = holder.stack?.split('\n').at(-1) ?? '';
  const where = /\((.*)\)$/.exec(frame)?.[1] ?? frame.replace(/^ *at (async )?/, '');
  const found = /^(.*):(\d+):\d+$/.exec(where);
  return found === null ? '' : `${shortName(found[1]!)}:${found[2]!}`;
}

/** Relative to where the program was started, if it is in there. */
function shortName(file: string): string {
  const name = file.startsWith('file://') ? fileURLToPath(file) : file;
  const relative = path.relative(process.cwd(), name);
  return relative.startsWith('..') || !path.isAbsolute(name) ? name : relative;
}
