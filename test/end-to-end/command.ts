import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/** This package's folder. */
export const packageDirectory = fileURLToPath(new URL('../..', import.meta.url));
/** The built command. */
export const commandFile = path.join(packageDirectory, 'dist/harness/cli/main.js');

/** How a command ended, and what it printed. */
export interface CommandResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that is running. */
export interface RunningCommand {
  readonly process: ChildProcess;
  readonly outcome: Promise<CommandResult>;
  /** Resolves once stdout and stderr together match; rejects if the command ends before they do. */
  waitFor(pattern: RegExp): Promise<void>;
}

/** Makes a folder outside of this project that can import `threadmill` and `fast-check`, like a user's project. */
export function makeUserProject(): string {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'threadmill-user-')));
  mkdirSync(path.join(folder, 'node_modules'));
  symlinkSync(packageDirectory, path.join(folder, 'node_modules/threadmill'), 'junction');
  const fastCheck = path.join(packageDirectory, 'node_modules/fast-check');
  symlinkSync(fastCheck, path.join(folder, 'node_modules/fast-check'), 'junction');
  return folder;
}

/** Starts the built command. */
export function startCommand(
  commandArguments: readonly string[],
  workingDirectory: string,
  environment: NodeJS.ProcessEnv = {},
): RunningCommand {
  const inherited = { ...process.env };
  // The test runner sets these for itself.
  for (const name of ['FORCE_COLOR', 'NO_COLOR', 'NODE_OPTIONS', 'GITHUB_WORKSPACE', 'NODE_ENV']) {
    Reflect.deleteProperty(inherited, name);
  }
  const child = spawn(process.execPath, [commandFile, ...commandArguments], {
    cwd: workingDirectory,
    env: { ...inherited, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { stdout: '', stderr: '' };
  const observers = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8');
    child[name].on('data', (text: string) => {
      printed[name] += text;
      for (const observe of observers) observe();
    });
  }
  const outcome = new Promise<CommandResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, ...printed }));
  });
  return {
    process: child,
    outcome,
    waitFor: (pattern) =>
      new Promise((resolve, reject) => {
        const observe = (): void => {
          if (pattern.test(printed.stdout + printed.stderr)) resolve();
        };
        observers.add(observe);
        observe();
        const ended = (): void => reject(new Error(`it ended without ${pattern}: ${JSON.stringify(printed)}`));
        outcome.then(ended, ended);
      }),
  };
}

/** Runs the built command to its end. */
export function runCommand(
  commandArguments: readonly string[],
  workingDirectory: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<CommandResult> {
  return startCommand(commandArguments, workingDirectory, environment).outcome;
}
