import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Operation } from '../../results/schema.js';
import type { SourceLines } from './counterexample-model.js';

/** Bounds on what a page holds of the project's source. */
export const sourceLimits = {
  /** Lines shown before and after the one an operation stands in. */
  contextLines: 6,
  /** Files that are read; of the others only the saved lines are shown. */
  files: 50,
  fileBytes: 1024 * 1024,
  /** Characters shown of a line. */
  lineLength: 200,
} as const;

/**
 * Reads the lines around those that a trace's operations stand in. Only lines that are still what they were when the
 * trace was saved count: a file that has changed since is left out as far as it has.
 */
export function readSourceLines(projectDirectory: string, trace: readonly Operation[]): SourceLines[] {
  const found: SourceLines[] = [];
  for (const [file, sources] of [...savedLines(trace)].slice(0, sourceLimits.files)) {
    const text = readProjectFile(projectDirectory, file);
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
  return site?.file === found.file && found.lines[site.line]?.trim() === source?.slice(0, sourceLimits.lineLength);
}

function savedLines(trace: readonly Operation[]): Map<string, Map<number, string>> {
  const files = new Map<string, Map<number, string>>();
  for (const { site, source } of trace) {
    if (site === undefined || source === undefined) continue;
    const lines = files.get(site.file) ?? new Map<number, string>();
    files.set(site.file, lines.set(site.line, source));
  }
  return files;
}

function readProjectFile(projectDirectory: string, file: string): string | undefined {
  const absolute = path.resolve(projectDirectory, file);
  const relative = path.relative(projectDirectory, absolute);
  // The name comes from a file that anybody may have written: it leads nowhere but into the project.
  if (relative.startsWith('..') || path.isAbsolute(relative)) return undefined;
  try {
    if (statSync(absolute).size > sourceLimits.fileBytes) return undefined;
    return readFileSync(absolute, 'utf8');
  } catch {
    return undefined;
  }
}
