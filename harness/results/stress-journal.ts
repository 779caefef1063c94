import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { HarnessError } from '../errors.js';
import { makeResultsFolder } from './results-folder.js';
import type { StressJournalHead, StressLine } from './stress-schema.js';

/** Where finished repetitions are kept, relative to the project. */
export const stressFolder = 'results/stress';

/**
 * What a stress run has finished so far: one line for each repetition, on disk before the next begins, so that at most the
 * last one is lost, however the run ends.
 */
export class StressJournal {
  /** Relative to the project. */
  readonly file: string;
  readonly #path: string;

  /** @throws HarnessError when the folder cannot be written */
  constructor(projectDirectory: string, head: StressJournalHead) {
    const folder = openFolder(projectDirectory);
    const time = head.startedAt.replaceAll(':', '-').replace(/\.\d+/, '');
    for (let attempt = 1; ; attempt++) {
      const file = `${stressFolder}/${time}-${head.seed}${attempt === 1 ? '' : `-${attempt}`}.jsonl`;
      const target = path.join(folder, path.basename(file));
      try {
        writeFileSync(target, `${JSON.stringify(head)}\n`, { flag: 'wx' });
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'EEXIST') continue;
        throw cannotWrite(file, error);
      }
      this.file = file;
      this.#path = target;
      return;
    }
  }

  /** @throws HarnessError when the file can no longer be written */
  add(line: StressLine): void {
    try {
      appendFileSync(this.#path, `${JSON.stringify(line)}\n`);
    } catch (error) {
      throw cannotWrite(this.file, error);
    }
  }
}

/** Separate from the file: here `EEXIST` means that something stands in the folder's place, which another name cannot avoid. */
function openFolder(projectDirectory: string): string {
  try {
    return makeResultsFolder(projectDirectory, stressFolder, stressFolder);
  } catch (error) {
    throw error instanceof HarnessError ? error : cannotWrite(stressFolder, error);
  }
}

function cannotWrite(file: string, error: unknown): HarnessError {
  const reason = error instanceof Error ? error.message : String(error);
  const isFull = error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
  const remedy = isFull ? 'Free some space' : 'Make it writable';
  return new HarnessError(`Cannot write ${file}: ${reason}.\n${remedy}, or run with --no-save.`, {
    cause: error,
  });
}
