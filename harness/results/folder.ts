import { createHash, randomUUID } from 'node:crypto';
import { existsSync, linkSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { HarnessError, UsageError } from '../errors.js';
import { counterexampleProblem } from './check-counterexample.js';
import type { Comparison } from './comparison-schema.js';
import { keepTrace } from './kept-trace.js';
import { asRecord, firstIssue, readJson, versionText } from './read-json.js';
import { counterexampleSchema, schemaVersion } from './schema.js';
import type { Counterexample, RunRecord } from './schema.js';
import { makeResultsFolder } from './results-folder.js';
import { upgradeCounterexample } from './upgrade.js';
import { isLinkOutside, leadsOutside } from './within-folder.js';

/** Where results are kept, relative to the project. */
export const resultsFolders = {
  runs: 'results/runs',
  corpus: 'results/corpus',
  comparisons: 'results/compare',
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
  /** Run records, and journals, that `threadmill history` reads: the last ones by name, since names begin with the time. */
  historyFiles: 5_000,
  /** Records that `threadmill merge` accepts at once. */
  mergedFiles: 1_000,
} as const;

export interface CorpusEntry {
  /** Relative to the project. */
  readonly file: string;
  readonly counterexample: Counterexample;
}

export interface Corpus {
  readonly entries: readonly CorpusEntry[];
  /** What is wrong with files that were left out, and what to do about it: one or two sentences each. */
  readonly problems: readonly string[];
}

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
 * @returns the file, relative to the project, and whether this call wrote it
 * @throws HarnessError when the folder cannot be written, or something else stands in the file's place
 */
export function saveCounterexample(
  projectDirectory: string,
  counterexample: Counterexample,
  own: ReadonlySet<string> = new Set(),
): { readonly file: string; readonly isNew: boolean } {
  const file = `${resultsFolders.corpus}/${counterexampleFileName(counterexample)}`;
  const kept = { ...counterexample, trace: keepTrace(counterexample.trace, resultsLimits.savedTraceLength) };
  const isNew = writeWhole(projectDirectory, file, counterexampleText(kept), own.has(file));
  const inTheWay = isNew ? undefined : parseCounterexample(path.join(projectDirectory, file));
  if (typeof inTheWay === 'string') {
    throw new HarnessError(`Cannot write ${file}: it already exists and ${inTheWay}\nThen run again.`);
  }
  return { file, isNew };
}

/** Removes a counterexample that a smaller one has replaced from the corpus, if possible. */
export function removeCounterexample(projectDirectory: string, file: string): void {
  removeQuietly(path.join(projectDirectory, file));
}

/** Reads the counterexamples of earlier runs, in the order of their names. Never throws or changes a file. */
export function readCorpus(projectDirectory: string): Corpus {
  const entries: CorpusEntry[] = [];
  const problems: string[] = [];
  const folder = path.join(projectDirectory, resultsFolders.corpus);
  const elsewhere = leadsOutside(projectDirectory, resultsFolders.corpus);
  if (elsewhere !== undefined) {
    problems.push(
      `${resultsFolders.corpus} is a link to ${elsewhere}, outside the project. Replace it with a folder in the project.`,
    );
    return { entries, problems };
  }
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') {
      problems.push(`${resultsFolders.corpus} cannot be read (${codeOf(error)}). Make it a folder that you can read.`);
    }
    return { entries, problems };
  }
  names.sort();
  for (const name of names.slice(0, resultsLimits.corpusFiles)) {
    const file = `${resultsFolders.corpus}/${name}`;
    if (isLinkOutside(projectDirectory, file)) {
      problems.push(
        `${file} is a link to a file outside the project. Replace the link with the file itself, or delete it.`,
      );
      continue;
    }
    const outcome = parseCounterexample(path.join(projectDirectory, file));
    if (typeof outcome === 'string') problems.push(`${file} ${outcome}`);
    else entries.push({ file, counterexample: outcome });
  }
  if (names.length > resultsLimits.corpusFiles) {
    problems.push(
      `${resultsFolders.corpus} holds ${names.length} counterexamples; only the first ${resultsLimits.corpusFiles} are ` +
        `replayed. Delete those you no longer need.`,
    );
  }
  return { entries, problems };
}

/**
 * Reads one saved counterexample.
 *
 * @param file absolute, or relative to the working directory
 * @throws UsageError when there is none, or it cannot be read
 */
export function readCounterexample(file: string): Counterexample {
  const outcome = parseCounterexample(file);
  if (typeof outcome === 'string') throw new UsageError(`${file} ${outcome}`);
  return outcome;
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

const counterexampleKind = {
  what: 'counterexample',
  maximumBytes: resultsLimits.corpusFileBytes,
  where: 'Saved counterexamples are in results/corpus/.',
  remedy: 'Restore it from version control, or delete it.',
} as const;

/** The counterexample, or what is wrong with the file: the rest of a sentence that begins with its name. */
function parseCounterexample(file: string): Counterexample | string {
  const read = readJson(file, counterexampleKind);
  if ('problem' in read) return read.problem;
  const content = upgradeCounterexample(read.content);
  const { schema, version } = asRecord(content);
  if (schema !== 'threadmill/counterexample') return `is not a Threadmill counterexample. ${counterexampleKind.where}`;
  if (typeof version === 'number' && version > schemaVersion) {
    return `has version ${version}, but this threadmill reads version ${schemaVersion}. Update threadmill.`;
  }
  if (version !== schemaVersion) {
    return (
      `has ${versionText(version)}, but this threadmill reads version ${schemaVersion}. ` +
      'Run its scenario to find the failure again, then delete the file.'
    );
  }
  const checked = counterexampleSchema.safeParse(content);
  if (!checked.success) return `is damaged${firstIssue(checked.error)}. ${counterexampleKind.remedy}`;
  const problem = counterexampleProblem(checked.data);
  return problem === undefined ? checked.data : `${problem}. ${counterexampleKind.remedy}`;
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

function slug(name: string, fallback: string): string {
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

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
