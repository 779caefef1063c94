import { isDanglingLink, readRegularFile } from './read-regular-file.js';
import { beyondBounds, valueLimits } from './value-bounds.js';

/** The most characters of a schema's error that a message includes. */
const issueLength = 300;

/** How a file's problems are described: each is the rest of a sentence that begins with the file's name. */
export interface JsonFileKind {
  /** Such as `counterexample`. */
  readonly what: string;
  readonly maximumBytes: number;
  /** What to add to the message about a file that does not exist. */
  readonly where: string;
  /** What to do with a file that is damaged. */
  readonly remedy: string;
}

/** The text of a file, or what is wrong with it. */
export function readText(file: string, kind: JsonFileKind): { readonly text: string } | { readonly problem: string } {
  try {
    const read = readRegularFile(file, kind.maximumBytes);
    if ('text' in read) return read;
    if ('bytes' in read) {
      return { problem: `is larger than ${kind.maximumBytes} bytes, so it is not a ${kind.what}. Move it elsewhere.` };
    }
    if (read.standsThere === 'a folder')
      return { problem: 'is a folder, not a file. Move it elsewhere, or name a file in it.' };
    return { problem: `is ${read.standsThere}, not a file. Move it elsewhere, or delete it.` };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    if (code === 'ENOENT' && isDanglingLink(file)) {
      return { problem: 'is a link to a file that does not exist. Restore that file, or delete the link.' };
    }
    if (code === 'ENOENT') return { problem: `does not exist. ${kind.where}` };
    return { problem: `cannot be read (${code}). Make it readable, or delete it.` };
  }
}

/** The content of a JSON file, or what is wrong with it. */
export function readJson(
  file: string,
  kind: JsonFileKind,
): { readonly content: unknown } | { readonly problem: string } {
  const read = readText(file, kind);
  if ('problem' in read) return read;
  let content: unknown;
  try {
    content = JSON.parse(read.text);
  } catch {
    return { problem: `is not valid JSON; it may have been cut short. ${kind.remedy}` };
  }
  const beyond = beyondBounds(content, { nesting: valueLimits.nesting, count: Infinity });
  return beyond === undefined ? { content } : { problem: `${beyond}. ${kind.remedy}` };
}

/** Where a schema check first failed, and why, as part of a sentence. */
export function firstIssue(error: {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}): string {
  const [issue] = error.issues;
  const place = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.map(String).join('.')}`;
  return shortened(`${place}: ${issue?.message ?? 'unknown'}`);
}

/** A version that a reader does not know, as part of a sentence. It may be any value. */
export function versionText(version: unknown): string {
  return typeof version === 'number' ? `version ${version}` : 'a version that is not a number';
}

/** Names in a file may have any length, but a message must stay readable. */
export function shortened(text: string): string {
  return text.length <= issueLength ? text : `${text.slice(0, issueLength)}…`;
}

/** The value, if it is an object; else an object without anything in it. */
export function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
