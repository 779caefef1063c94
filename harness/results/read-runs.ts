import { readdirSync } from 'node:fs';
import path from 'node:path';
import { coveredShards } from './merge.js';
import { asRecord, firstIssue, readJson, readText, versionText } from './read-json.js';
import { runRecordSchema, runSchemaVersion } from './schema.js';
import type { RunRecord } from './schema.js';
import { resultsFolders, resultsLimits } from './folder.js';
import { stressFolder } from './stress-journal.js';
import { stressJournalHeadSchema, stressLineSchema } from './stress-schema.js';
import type { StressJournalHead, StressLine } from './stress-schema.js';
import { upgradeRunRecord } from './upgrade.js';
import { isLinkOutside, leadsOutside } from './within-folder.js';

/** A record of a run, and where it was read from. */
export interface RunFile {
  /** Relative to the project. */
  readonly file: string;
  readonly record: RunRecord;
}

/** What a stress run had finished, and where it was read from. */
export interface JournalFile {
  /** Relative to the project. */
  readonly file: string;
  readonly head: StressJournalHead;
  readonly lines: readonly StressLine[];
}

/** What earlier runs left. */
export interface KeptRuns {
  readonly runs: readonly RunFile[];
  readonly journals: readonly JournalFile[];
  /** What is wrong with files that were left out, and what to do about it: one or two sentences each. */
  readonly problems: readonly string[];
}

/**
 * Reads one record of a run.
 *
 * @param remedy what to do if it is damaged, as a sentence
 * @returns the record, or what is wrong with it: the rest of a sentence that begins with the file's name
 */
export function readRunRecord(file: string, remedy = 'Delete it.'): RunRecord | string {
  const kind = {
    what: 'record of a run',
    maximumBytes: resultsLimits.runRecordBytes,
    where: `Records are written by run --json, and to ${resultsFolders.runs}/. ${remedy}`,
    remedy,
  };
  const read = readJson(file, kind);
  if ('problem' in read) return read.problem;
  const content = upgradeRunRecord(asRecord(read.content));
  const { schema, version } = content;
  if (schema !== 'threadmill/run') return 'is not a record of a Threadmill run. Name a file that run --json wrote.';
  if (version !== runSchemaVersion) {
    const advice = typeof version === 'number' && version > runSchemaVersion ? 'Update threadmill.' : remedy;
    return `has ${versionText(version)}, but this threadmill reads version ${runSchemaVersion}. ${advice}`;
  }
  const checked = runRecordSchema.safeParse(content);
  if (!checked.success) return `is damaged${firstIssue(checked.error)}. ${remedy}`;
  try {
    coveredShards(checked.data.options.shard);
  } catch (error) {
    return `is damaged at ${error instanceof Error ? error.message : String(error)}`;
  }
  return checked.data;
}

/** Reads what earlier runs left in the project, oldest first. Never throws or changes a file. */
export function readKeptRuns(projectDirectory: string): KeptRuns {
  const problems: string[] = [];
  const runs: RunFile[] = [];
  const journals: JournalFile[] = [];
  for (const file of lastFiles(projectDirectory, resultsFolders.runs, '.json', problems)) {
    const record = readRunRecord(path.join(projectDirectory, file));
    if (typeof record === 'string') problems.push(`${file} ${record}`);
    else runs.push({ file, record });
  }
  for (const file of lastFiles(projectDirectory, stressFolder, '.jsonl', problems)) {
    const journal = readJournal(path.join(projectDirectory, file));
    if (typeof journal === 'string') problems.push(`${file} ${journal}`);
    else journals.push({ file, ...journal });
  }
  return { runs, journals, problems };
}

/** The last files of a folder by name, up to the number that is read. */
function lastFiles(projectDirectory: string, folder: string, ending: string, problems: string[]): string[] {
  let names: string[];
  const elsewhere = leadsOutside(projectDirectory, folder);
  if (elsewhere !== undefined) {
    problems.push(`${folder} is a link to ${elsewhere}, outside the project. Replace it with a folder in the project.`);
    return [];
  }
  try {
    names = readdirSync(path.join(projectDirectory, folder));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    if (code !== 'ENOENT') problems.push(`${folder} cannot be read (${code}). Make it a folder that you can read.`);
    return [];
  }
  const wanted = names.filter((name) => name.endsWith(ending) && !name.startsWith('.')).sort();
  if (wanted.length > resultsLimits.historyFiles) {
    problems.push(
      `${folder} holds ${wanted.length} files; only the last ${resultsLimits.historyFiles} are read. ` +
        'Delete those you no longer need.',
    );
  }
  return wanted
    .slice(-resultsLimits.historyFiles)
    .map((name) => `${folder}/${name}`)
    .filter((file) => {
      if (!isLinkOutside(projectDirectory, file)) return true;
      problems.push(
        `${file} is a link to a file outside the project. Replace the link with the file itself, or delete it.`,
      );
      return false;
    });
}

/** A journal, or what is wrong with it. If a killed run left its last line unfinished, that line is ignored. */
function readJournal(file: string): Omit<JournalFile, 'file'> | string {
  const remedy = 'Delete it.';
  const kind = { what: 'journal of a stress run', maximumBytes: resultsLimits.runRecordBytes, where: '', remedy };
  const read = readText(file, kind);
  if ('problem' in read) return read.problem;
  const [first = '', ...rest] = read.text.split('\n');
  const head = stressJournalHeadSchema.safeParse(parsed(first));
  if (!head.success) return `is not a journal of a stress run that this threadmill can read. ${remedy}`;
  // What follows the last line break is nothing, or was cut off.
  const texts = rest.slice(0, -1);
  const lines: StressLine[] = [];
  for (const [place, text] of texts.entries()) {
    const line = stressLineSchema.safeParse(parsed(text));
    if (!line.success) return `is damaged on line ${place + 2}${firstIssue(line.error)}. ${remedy}`;
    lines.push(line.data);
  }
  return { head: head.data, lines };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
