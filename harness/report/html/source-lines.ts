import { readRegularFile } from '../../results/read-regular-file.js';
import type { Operation } from '../../results/schema.js';
import type { SourceLines } from './counterexample-model.js';

/** Limits on how much of the project's source a page has. */
export const sourceLimits = {
  /** Lines shown before and after the line of an operation. */
  contextLines: 6,
  /** Files that are read. Of other files only the saved lines are shown. */
  files: 50,
  fileBytes: 1024 * 1024,
  /** Characters shown of a line. */
  lineLength: 200,
} as const;

/** The absolute paths of files that a trace may refer to, by their names in the trace. */
export type SourceFiles = ReadonlyMap<string, string>;

/**
 * Reads the lines around the operations of a trace. A trace may come from an untrusted file, so only the given files are
 * read. Lines are only taken from parts of a file that have not changed since the trace was saved.
 */
export function readSourceLines(files: SourceFiles, trace: readonly Operation[]): SourceLines[] {
  const found: SourceLines[] = [];
  for (const [file, sources] of [...savedLines(trace)].slice(0, sourceLimits.files)) {
    const absolute = files.get(file);
    const text = absolute === undefined ? undefined : readSource(absolute);
    if (text === undefined) continue;
    const lines = text.split(/\r?\n/);
    const kept: Record<number, string> = {};
    for (const [line, source] of sources) {
      if (lines[line - 1]?.trim() !== source) continue;
      const first = Math.max(1, line - sourceLimits.contextLines);
      const last = Math.min(lines.length, line + sourceLimits.contextLines);
      for (let number = first; number <= last; number++) {
        kept[number] = (lines[number - 1] ?? '').slice(0, sourceLimits.lineLength);
      }
    }
    if (Object.keys(kept).length > 0) found.push({ file, lines: kept });
  }
  return found;
}

/** Whether a page can show an operation's line within its file. */
export function hasSourceLine({ site, source }: Operation, found: SourceLines): boolean {
  if (site === undefined || source === undefined || isBlank(source)) return false;
  return site.file === found.file && found.lines[site.line]?.trim() === source.slice(0, sourceLimits.lineLength);
}

function savedLines(trace: readonly Operation[]): Map<string, Map<number, string>> {
  const files = new Map<string, Map<number, string>>();
  for (const { site, source } of trace) {
    if (site === undefined || source === undefined || isBlank(source)) continue;
    const lines = files.get(site.file) ?? new Map<number, string>();
    files.set(site.file, lines.set(site.line, source));
  }
  return files;
}

/** No operation is on an empty line, and matching one proves nothing about a file. */
const isBlank = (source: string): boolean => source.trim() === '';

function readSource(file: string): string | undefined {
  try {
    const read = readRegularFile(file, sourceLimits.fileBytes);
    return 'text' in read ? read.text : undefined;
  } catch {
    return undefined;
  }
}
