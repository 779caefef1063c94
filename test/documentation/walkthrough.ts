import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { transformSync } from 'esbuild';
import { packageDirectory, runCommand, type CommandResult } from '../end-to-end/command.js';
import type { FencedBlock } from './markdown.js';

/** The outcome of a block. Fields are absent if there is nothing to compare. */
export interface Performance {
  readonly printed?: string;
  readonly expected?: string;
}

const known = new Map([
  ['ts', ['file', 'run']],
  ['yaml', ['file']],
  ['diff', ['file']],
  ['console', ['exit', 'tail']],
  ['sh', ['exit', 'directory']],
]);

/**
 * Follows a document block by block in a new project, as a reader would from top to bottom: writes files, runs commands,
 * and compares what they print with what the document shows.
 */
export class Walkthrough {
  readonly project: string;
  /** Replaces the output in the document with the actual output instead of comparing them. */
  readonly #updating: boolean;
  /** What commands have printed so far. */
  #printed = '';

  constructor(updating = false) {
    this.project = makeProject();
    this.#updating = updating;
  }

  /** Performs one block. Throws if that fails, or if the result is not as the document says. */
  async perform(block: FencedBlock): Promise<Performance> {
    const { language, attributes, text } = block;
    const allowed = known.get(language);
    if (allowed === undefined)
      throw new Error(`a block of "${language}" cannot be executed; say how, or make it prose`);
    for (const name of attributes.keys()) {
      if (!allowed.includes(name)) throw new Error(`a block of "${language}" cannot have "${name}"`);
    }
    const exitCode = Number(attributes.get('exit') ?? 0);
    if (language === 'console') return this.#console(text, exitCode, attributes.get('tail'));
    if (language === 'sh')
      return this.#shell(text, exitCode, attributes.has('directory') ? makeProject() : this.project);
    const file = attributes.get('file');
    if (file === undefined) throw new Error(`a block of "${language}" needs a file`);
    if (language === 'diff') this.#apply(file, text);
    else this.#write(file, `${text}\n`);
    if (attributes.has('run')) await this.#runProgram(file, exitCode);
    if (language === 'yaml') {
      for (const [, command] of text.matchAll(/^\s*- run: (.*)$/gm)) await requireExit(command ?? '', 0, this.project);
    }
    return {};
  }

  #write(file: string, text: string): void {
    mkdirSync(path.dirname(path.join(this.project, file)), { recursive: true });
    writeFileSync(path.join(this.project, file), text);
  }

  /** Replaces lines. Each removed line must exist exactly once. */
  #apply(file: string, text: string): void {
    const lines = text.split('\n');
    const gone = lines.filter((line) => line.startsWith('-')).map((line) => line.slice(1));
    const added = lines.filter((line) => line.startsWith('+')).map((line) => line.slice(1));
    const before = readFileSync(path.join(this.project, file), 'utf8');
    const parts = before.split(gone.join('\n'));
    if (parts.length !== 2) throw new Error(`${file} has these lines ${parts.length - 1} times, not once`);
    this.#write(file, parts.join(added.join('\n')));
  }

  async #runProgram(file: string, expectedCode: number): Promise<void> {
    const { code } = transformSync(readFileSync(path.join(this.project, file), 'utf8'), {
      loader: 'ts',
      format: 'esm',
    });
    const script = file.replace(/\.ts$/, '.mjs');
    this.#write(script, code);
    const { exitCode, stdout, stderr } = await execute([script], this.project);
    if (exitCode !== expectedCode) throw new Error(`${file} ended with ${exitCode}:\n${stdout}${stderr}`);
  }

  async #shell(text: string, expectedCode: number, directory: string): Promise<Performance> {
    const lines = text.split('\n').map((line) => (this.#updating ? this.#asPrinted(line) : line));
    for (const [place, line] of lines.entries()) {
      if (line.includes('--path') && !this.#printed.includes(line)) throw new Error(`no report printed "${line}"`);
      await requireExit(line, place === lines.length - 1 ? expectedCode : 0, directory);
    }
    return { printed: lines.join('\n'), expected: text };
  }

  /** The command with the path that a report has printed for it. */
  #asPrinted(command: string): string {
    const [beginning, path] = command.split(' --path ');
    const at = this.#printed.lastIndexOf(`${beginning ?? ''} --path `);
    return path === undefined || at < 0 ? command : (this.#printed.slice(at).split('\n')[0] ?? command);
  }

  async #console(text: string, expectedCode: number, tail: string | undefined): Promise<Performance> {
    const [first = '', ...shown] = text.split('\n');
    if (!first.startsWith('$ ')) throw new Error('a block of "console" begins with "$ " and a command');
    const command = this.#updating ? this.#withKeptFile(first) : first;
    const { exitCode, stdout, stderr } = await perform(command.slice(2), this.project);
    if (exitCode !== expectedCode) throw new Error(`${command} ended with ${exitCode}:\n${stdout}${stderr}`);
    this.#printed += stdout;
    const lines = stdout.replace(/^\n+|\n+$/g, '').split('\n');
    const printed = (tail === undefined ? lines : lines.slice(-Number(tail))).map((line) => line.trimEnd());
    return { printed: [command, ...printed].join('\n'), expected: [first, ...shown].join('\n') };
  }

  /** The command with the current name of the project's counterexample. */
  #withKeptFile(command: string): string {
    const corpus = path.join(this.project, 'results/corpus');
    const [kept] = existsSync(corpus) ? readdirSync(corpus) : [];
    return kept === undefined ? command : command.replace(/results\/corpus\/\S+/, `results/corpus/${kept}`);
  }
}

/** Removes from a report what differs between runs and machines. */
export function withoutMeasurements(text: string): string {
  return text
    .replace(/[\d,]+ executions? in (?:[\d,.]+ (?:ms|s|min) ?)+/g, '<executions> in <time>')
    .replace(/[\d,]+ a second/g, '<rate>')
    .replace(/\d+ explorers?/g, '<explorers>')
    .replace(/results\/runs\/\S+/g, '<record>');
}

/** A folder with everything installed that the documents use. */
function makeProject(): string {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'threadmill-documentation-')));
  const modules = path.join(packageDirectory, 'node_modules');
  mkdirSync(path.join(folder, 'node_modules'));
  for (const name of readdirSync(modules)) {
    if (!name.startsWith('.'))
      symlinkSync(path.join(modules, name), path.join(folder, 'node_modules', name), 'junction');
  }
  symlinkSync(packageDirectory, path.join(folder, 'node_modules/threadmill'), 'junction');
  writeFileSync(path.join(folder, 'package.json'), '{ "name": "documentation", "private": true, "type": "module" }\n');
  return folder;
}

async function requireExit(line: string, expectedCode: number, directory: string): Promise<void> {
  for (const command of line.split(' && ')) {
    const { exitCode, stdout, stderr } = await perform(expectedCode === 0 ? inShort(command) : command, directory);
    if (exitCode !== expectedCode) {
      throw new Error(`${command} ended with ${exitCode}, not ${expectedCode}:\n${stdout}${stderr}`);
    }
  }
}

/** The same command with fewer executions, because only its validity is tested here. */
function inShort(command: string): string {
  if (command.startsWith('npx threadmill compare'))
    return `${command} --warmups 1 --batches 1 --batch 30ms --steady 30ms`;
  const shorter = command.replace(/--budget \S+/, '--budget 200ms').replace(/--runs \d+/, '--runs 20');
  const isRun = shorter.startsWith('npx threadmill run') && !shorter.includes('--engine stress');
  return !isRun || /--(?:budget|runs|path) /.test(shorter) ? shorter : `${shorter} --runs 20`;
}

async function perform(command: string, directory: string): Promise<CommandResult> {
  const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '');
  const [program, ...rest] = words;
  if (program === 'npm') return checkNpm(rest);
  if (program !== 'npx') throw new Error(`"${command}" is no command that these tests can run`);
  const [tool, ...toolArguments] = rest;
  if (tool === 'threadmill') return runCommand(toolArguments, directory);
  if (tool === 'vitest') return execute(['node_modules/vitest/vitest.mjs', ...toolArguments], directory);
  throw new Error(`"${command}" is no command that these tests can run`);
}

/** Installing would test the network, so this only checks that the commands of the clone exist and do what is said. */
function checkNpm(words: readonly string[]): CommandResult {
  const manifest = JSON.parse(readFileSync(path.join(packageDirectory, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    scripts: Record<string, string>;
    peerDependencies: Record<string, string>;
  };
  const [verb = '', ...rest] = words;
  const fail = (reason: string): CommandResult => ({ exitCode: 1, stdout: '', stderr: reason });
  const done: CommandResult = { exitCode: 0, stdout: '', stderr: '' };
  switch (verb) {
    case 'ci':
      return existsSync(path.join(packageDirectory, 'package-lock.json')) &&
        manifest.scripts['prepare'] === 'npm run build'
        ? done
        : fail('npm ci would not install and build');
    case 'start':
    case 'test': {
      const expected =
        verb === 'start' ? 'node dist/harness/cli/main.js run --total-budget 45s' : 'vitest run --maxWorkers=100%';
      return manifest.scripts[verb] === expected ? done : fail(`npm ${verb} is not "${expected}"`);
    }
    case 'pack':
      return done;
    case 'install': {
      const packages = rest.filter((word) => !word.startsWith('-'));
      const wanted = [`${manifest.name}-${manifest.version}.tgz`, 'fast-check'];
      const missing = wanted.filter((name) => !packages.some((word) => word === name || word.endsWith(`/${name}`)));
      return missing.length === 0 ? done : fail(`${missing.join(' and ')} would not be installed`);
    }
    default:
      return fail(`npm ${verb} is no command that these tests know`);
  }
}

/** Runs Node in the project. */
export function execute(commandArguments: readonly string[], directory: string): Promise<CommandResult> {
  const environment = { ...process.env };
  for (const name of Object.keys(environment)) {
    if (/^(VITEST|FORCE_COLOR|NO_COLOR|NODE_OPTIONS|NODE_ENV|GITHUB_|TEST|PROD|DEV|MODE)/.test(name)) {
      Reflect.deleteProperty(environment, name);
    }
  }
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, commandArguments, {
      cwd: directory,
      env: { ...environment, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}
