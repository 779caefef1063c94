import { createHash, randomUUID } from 'node:crypto';
import { existsSync, linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { HarnessError } from '../errors.js';
import type { Comparison } from './comparison-schema.js';
import { keepTrace } from './kept-trace.js';
import type { Counterexample, RunRecord } from './schema.js';
import { makeResultsFolder } from './results-folder.js';

/** Where results are kept, relative to the project. */
export const resultsFolders = {
  runs: 'results/runs',
  corpus: 'results/corpus',
  comparisons: 'results/compare',
  exhaustive: 'results/exhaustive',
} as const;

/** Bounds on what is kept and read back. */
export const resultsLimits = {
  /** Counterexamples that are read from the corpus; the files after them, by name, are reported and left alone. */
  corpusFiles: 1_000,
  /** A larger corpus file is reported and left alone. */
  corpusFileBytes: 16 * 1024 * 1024,
  /** Operations of the trace that a saved counterexample keeps: the first fifth and the last. Hash and replay need none. */
  savedTraceLength: 1_000,
  /** The most characters of each name that become part of a file name. */
  slugLength: 60,
  /** A larger run record, or journal of a stress run, is reported and left alone. */
  runRecordBytes: 64 * 1024 * 1024,
  /** A larger file about how far an exploration of every interleaving came is ignored. */
  exhaustiveBytes: 256 * 1024 * 1024,
  /** Run records, and journals, that `threadmill history` reads: the last ones by name, since names begin with the time. */
  historyFiles: 5_000,
  /** Records that `threadmill merge` accepts at once. */
  mergedFiles: 1_000,
} as const;

/**
 * Writes the record of a run.
 *
 * @param replaced the file that this run wrote before, with less in it
 * @returns the file, relative to the project
 * @throws HarnessError when the folder cannot be written
 */
export function writeRunRecord(projectDirectory: string, record: RunRecord, replaced?: string): string {
  const text = `${JSON.stringify(record, null, 2)}\n`;
  return writeDatedFile(projectDirectory, resultsFolders.runs, record, text, replaced);
}

/**
 * Writes a comparison.
 *
 * @returns the file, relative to the project
 * @throws HarnessError when the folder cannot be written
 */
export function writeComparison(projectDirectory: string, comparison: Comparison): string {
  // Measurements are many and small: with indentation, each would take a line.
  const text = `${JSON.stringify(comparison)}\n`;
  return writeDatedFile(projectDirectory, resultsFolders.comparisons, comparison, text);
}

/** Writes a file named after the time and seed of a run. Existing files of that name stay. */
function writeDatedFile(
  projectDirectory: string,
  folder: string,
  { startedAt, seed }: { readonly startedAt: string; readonly seed: number },
  text: string,
  replaced?: string,
): string {
  const time = startedAt.replaceAll(':', '-').replace(/\.\d+/, '');
  for (let attempt = 1; ; attempt++) {
    const suffix = attempt === 1 ? '' : `-${attempt}`;
    const file = `${folder}/${time}-${seed}${suffix}.json`;
    if (writeWhole(projectDirectory, file, text, file === replaced)) return file;
  }
}

/**
 * Adds a counterexample to the corpus unless it is already there. The same counterexample always has the same name.
 *
 * @param own files that this process wrote itself, with less in them: one of that name is overwritten
 * @returns the file, relative to the project, and whether this call wrote it: if not, `checkSaved` says whether what stands there
 *   is a counterexample
 * @throws HarnessError when the folder cannot be written
 */
export function saveCounterexample(
  projectDirectory: string,
  counterexample: Counterexample,
  own: ReadonlySet<string> = new Set(),
): { readonly file: string; readonly isNew: boolean } {
  const file = `${resultsFolders.corpus}/${counterexampleFileName(counterexample)}`;
  const kept = { ...counterexample, trace: keepTrace(counterexample.trace, resultsLimits.savedTraceLength) };
  return { file, isNew: writeWhole(projectDirectory, file, counterexampleText(kept), own.has(file)) };
}

/** Removes a counterexample that a smaller one has replaced from the corpus, if possible. */
export function removeCounterexample(projectDirectory: string, file: string): void {
  removeQuietly(path.join(projectDirectory, file));
}

/** The stable name of a counterexample's file. */
export function counterexampleFileName(counterexample: Counterexample): string {
  const { scenario, failure, writers, readers, params, schedule } = counterexample;
  const broken = failure.invariant ?? failure.verdict;
  const identity = [
    scenario.name,
    scenario.file,
    failure.verdict,
    failure.invariant ?? null,
    writers,
    readers,
    params,
    schedule,
  ];
  const hash = createHash('sha256').update(canonicalJson(identity)).digest('hex').slice(0, 8);
  return `${slug(scenario.name, 'scenario')}--${slug(broken, failure.verdict)}--${hash}.json`;
}

/**
 * Writes a file as a whole or not at all, over what was there.
 *
 * @param file relative to the project
 * @throws HarnessError when the folder cannot be written
 */
export function replaceFile(projectDirectory: string, file: string, text: string): void {
  writeWhole(projectDirectory, file, text, true);
}

/** Writes a file as a whole or not at all. Returns false, and changes nothing, if there is one that it may not replace. */
function writeWhole(projectDirectory: string, file: string, text: string, replaces: boolean): boolean {
  const target = path.join(projectDirectory, file);
  const temporary = path.join(path.dirname(target), `.${path.basename(target)}.${randomUUID()}.tmp`);
  try {
    if (!replaces && existsSync(target)) return false;
    makeResultsFolder(projectDirectory, path.dirname(file), file);
    writeFileSync(temporary, text);
    if (!replaces) return moveUnlessPresent(temporary, target);
    renameSync(temporary, target);
    return true;
  } catch (error) {
    if (error instanceof HarnessError) throw error;
    throw new HarnessError(`Cannot write ${file}: ${describeError(error)}.\n${remedy(error, projectDirectory)}`, {
      cause: error,
    });
  } finally {
    removeQuietly(temporary);
  }
}

function moveUnlessPresent(from: string, to: string): boolean {
  try {
    // Unlike a rename, a link fails if another process got there first.
    linkSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    // A file system without hard links: the remaining race is between two writers of the same content.
    if (existsSync(to)) return false;
    renameSync(from, to);
    return true;
  }
}

function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // The folder cannot be written: then there is nothing to remove either.
  }
}

function remedy(error: unknown, projectDirectory: string): string {
  switch (codeOf(error)) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `Make ${path.join(projectDirectory, 'results')} writable, or run with --no-save.`;
    case 'ENOSPC':
    case 'EDQUOT':
      return 'Free some space, or run with --no-save.';
    case 'ENOTDIR':
    case 'EEXIST':
      return `A file is in the place of a folder in ${path.join(projectDirectory, 'results')}. Move it, or run with --no-save.`;
    default:
      return 'Run with --no-save to continue without saving results.';
  }
}

/** Indented, but with one line for each operation of the trace: people read and compare counterexamples. */
function counterexampleText(counterexample: Counterexample): string {
  const { trace, ...rest } = counterexample;
  const head = JSON.stringify(rest, null, 2).replace(/\n\}$/, '');
  const operations = trace.map((operation) => `\n    ${JSON.stringify(operation)}`).join(',');
  return `${head},\n  "trace": [${operations}${trace.length === 0 ? '' : '\n  '}]\n}\n`;
}

/** JSON in which the order of an object's keys does not matter. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, nested: unknown) =>
    typeof nested === 'object' && nested !== null && !Array.isArray(nested)
      ? Object.fromEntries(Object.entries(nested).sort(([left], [right]) => (left < right ? -1 : 1)))
      : nested,
  );
}

/** A part of a file's name. @param fallback for a name of which nothing is left */
export function slug(name: string, fallback: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{Diacritic}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, resultsLimits.slugLength)
    .replace(/^-+|-+$/g, '');
  return plain === '' ? fallback : plain;
}

function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The code of a system error. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
