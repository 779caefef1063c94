import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { plainFilesOf } from './main-module.js';
import { folderOf, type Theme, type WorkerCase } from './worker-case.js';
import { writeFiles } from './write-files.js';

const driver = fileURLToPath(new URL('plain-driver.mjs', import.meta.url));
const hangMs = 60_000;

/** What plain Node makes of a case. */
export interface PlainResult {
  readonly logs: readonly unknown[];
  readonly exitCode: number | null;
  readonly stderr: string;
}

/**
 * Runs the cases of a theme. Starting a process takes longer than most programs, so one runs all that no error ends. Those that
 * do not log what they should there have a process of their own, and so does each of the others.
 *
 * @returns results by title
 */
export async function runPlain(
  projectDirectory: string,
  { name: theme, cases }: Theme,
): Promise<ReadonlyMap<string, PlainResult>> {
  const folder = path.join(projectDirectory, 'plain', theme);
  for (const workerCase of cases) {
    writeFiles(path.join(folder, folderOf(workerCase.title)), {
      'package.json': '{ "type": "module" }',
      ...plainFilesOf(workerCase),
    });
  }
  const results = new Map<string, PlainResult>();
  const perform = async (performed: readonly WorkerCase[], name: string): Promise<void> => {
    const programs = performed.map(({ title }) => path.join(folder, folderOf(title), 'main.mjs'));
    const { logs, ...end } = await runProcess(projectDirectory, programs, path.join(folder, `${name}.json`));
    for (const [place, { title }] of performed.entries()) results.set(title, { ...end, logs: logs[place] ?? [] });
  };
  const together = cases.filter(({ crash }) => crash === undefined);
  await perform(together, 'together');
  const alone = cases.filter(({ title, logs }) => {
    const result = results.get(title);
    return result?.exitCode !== 0 || JSON.stringify(result.logs) !== JSON.stringify(logs);
  });
  await Promise.all(alone.map((workerCase) => perform([workerCase], folderOf(workerCase.title))));
  return results;
}

/** Runs programs in one process, which has to end by itself. */
async function runProcess(
  projectDirectory: string,
  programs: readonly string[],
  logFile: string,
): Promise<{ readonly logs: readonly unknown[][]; readonly exitCode: number; readonly stderr: string }> {
  const environment = { ...process.env };
  // The test runner sets these for itself.
  for (const name of ['NODE_OPTIONS', 'NODE_ENV', 'FORCE_COLOR']) Reflect.deleteProperty(environment, name);
  const child = spawn(process.execPath, [driver, logFile, ...programs], {
    cwd: projectDirectory,
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: hangMs,
    killSignal: 'SIGKILL',
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (exitCode === null) throw new Error(`plain Node did not end within ${hangMs / 1000} s: ${stderr}`);
  if (!existsSync(logFile)) throw new Error(`plain Node ended with ${exitCode} before it ran the program: ${stderr}`);
  return { logs: JSON.parse(readFileSync(logFile, 'utf8')) as unknown[][], exitCode, stderr };
}
