import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { plainFilesOf } from './main-module.js';
import { folderOf, type WorkerCase } from './worker-case.js';
import { writeFiles } from './write-files.js';

const driver = fileURLToPath(new URL('plain-driver.mjs', import.meta.url));
const hangMs = 60_000;

/** What plain Node makes of a case. */
export interface PlainResult {
  readonly logs: readonly unknown[];
  readonly exitCode: number | null;
  readonly stderr: string;
}

/** Runs a case in a process of its own, which has to end by itself. */
export async function runPlain(projectDirectory: string, theme: string, workerCase: WorkerCase): Promise<PlainResult> {
  const folder = path.join(projectDirectory, 'plain', theme, folderOf(workerCase.title));
  writeFiles(folder, { 'package.json': '{ "type": "module" }', ...plainFilesOf(workerCase) });
  const logFile = path.join(folder, 'log.json');
  const environment = { ...process.env };
  // The test runner sets these for itself.
  for (const name of ['NODE_OPTIONS', 'NODE_ENV', 'FORCE_COLOR']) Reflect.deleteProperty(environment, name);
  const child = spawn(process.execPath, [driver, path.join(folder, 'main.mjs'), logFile], {
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
  return { logs: JSON.parse(readFileSync(logFile, 'utf8')) as unknown[], exitCode, stderr };
}
