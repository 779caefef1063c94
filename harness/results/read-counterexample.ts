import { readdirSync } from 'node:fs';
import path from 'node:path';
import { HarnessError, UsageError } from '../errors.js';
import { counterexampleProblem } from './check-counterexample.js';
import { codeOf, resultsFolders, resultsLimits } from './folder.js';
import { asRecord, firstIssue, readJson, versionText } from './read-json.js';
import { counterexampleSchema, type Counterexample } from './schema.js';
import { schemaVersion } from './schema-versions.js';
import { upgradeCounterexample } from './upgrade.js';
import { isLinkOutside, leadsOutside } from './within-folder.js';

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
    const read = parseCounterexample(path.join(projectDirectory, file));
    if (typeof read === 'string') problems.push(`${file} ${read}`);
    else entries.push({ file, counterexample: read });
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
  const read = parseCounterexample(file);
  if (typeof read === 'string') throw new UsageError(`${file} ${read}`);
  return read;
}

/**
 * Checks what `saveCounterexample` has found in the place of its file.
 *
 * @param file relative to the project
 * @throws HarnessError if it is no counterexample
 */
export function checkSaved(projectDirectory: string, file: string): void {
  const read = parseCounterexample(path.join(projectDirectory, file));
  if (typeof read === 'string')
    throw new HarnessError(`Cannot write ${file}: it already exists and ${read}\nThen run again.`);
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
