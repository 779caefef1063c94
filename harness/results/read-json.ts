import { readFileSync, statSync } from 'node:fs';

/** How the problems of a file are told: each is the rest of a sentence that begins with the file's name. */
export interface JsonFileKind {
  /** Such as `a counterexample`. */
  readonly what: string;
  readonly bytesMax: number;
  /** What else to say of a file that is not there. */
  readonly where: string;
  /** What to do with a file that is damaged. */
  readonly remedy: string;
}

/** The text of a file, or what is wrong with it. */
export function readText(file: string, kind: JsonFileKind): { readonly text: string } | { readonly problem: string } {
  try {
    if (statSync(file).size > kind.bytesMax) {
      return { problem: `is larger than ${kind.bytesMax} bytes, so it is no ${kind.what}. Move it elsewhere.` };
    }
    return { text: readFileSync(file, 'utf8') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    if (code === 'ENOENT') return { problem: `does not exist. ${kind.where}` };
    if (code === 'EISDIR') return { problem: 'is a folder. Name a file in it.' };
    return { problem: `cannot be read (${code}). Make it readable, or delete it.` };
  }
}

/** What a JSON file holds, or what is wrong with it. */
export function readJson(
  file: string,
  kind: JsonFileKind,
): { readonly content: unknown } | { readonly problem: string } {
  const read = readText(file, kind);
  if ('problem' in read) return read;
  try {
    return { content: JSON.parse(read.text) as unknown };
  } catch {
    return { problem: `is not valid JSON; it may have been cut short. ${kind.remedy}` };
  }
}

/** Where a check of a schema failed first, and why, as part of a sentence. */
export function firstIssue(error: {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}): string {
  const [issue] = error.issues;
  const place = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.map(String).join('.')}`;
  return `${place}: ${issue?.message ?? 'unknown'}`;
}

export function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
