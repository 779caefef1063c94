import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { HarnessError, UsageError } from '../errors.js';
import type { CommandContext } from './context.js';
import { streamOutput } from '../report/text/output.js';
import { quote } from '../report/text/reproduce.js';
import { makeFolder } from '../results/make-folder.js';
import { firstScenario } from './first-scenario.js';

const scenarioFile = 'scenarios/first.scenario.ts';
const ignoredFolders = ['results/runs/', 'results/stress/', 'results/exhaustive/'];

const ignoredList = `${ignoredFolders.slice(0, -1).join(', ')} and ${ignoredFolders.at(-1)}`;

const examples = `
Examples:
  threadmill init
  threadmill init packages/queue`;

/** Adds `threadmill init`. */
export function addInitCommand(program: Command, context: CommandContext): void {
  program
    .command('init')
    .description(`Write a first scenario, ${scenarioFile}, that fails and says how to fix it.`)
    .argument('[directory]', 'folder of the project (default: the working directory)')
    .addHelpText('after', examples)
    .action((directory: string | undefined) => {
      initCommand(context, directory);
    });
}

function initCommand(context: CommandContext, directory: string | undefined): void {
  const { projectDirectory: workingDirectory, environment, stdout } = context;
  const projectDirectory = path.resolve(workingDirectory, directory ?? '.');
  if (statSync(projectDirectory, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new UsageError(`The folder ${projectDirectory} does not exist. Create it, or name another folder.`);
  }
  const ignores = writeProject(projectDirectory);
  const lines = [`Wrote ${scenarioFile}: two threads that lose an increment.`];
  if (ignores) lines.push(`Added ${ignoredList} to .gitignore; results/corpus/ is worth committing.`);
  lines.push('', 'Next:');
  if (directory !== undefined) lines.push(`  cd ${quote(directory)}`);
  const missing = missingDependencies(projectDirectory);
  if (missing.length > 0) lines.push(`  npm install --save-dev ${missing.join(' ')}`);
  lines.push('  npx threadmill run        see it fail, with the interleaving that breaks it');
  lines.push(`  open ${scenarioFile}, fix it as its comments say, and run it again`);
  streamOutput(stdout, environment).print(lines);
}

/** Returns whether .gitignore was changed. */
function writeProject(projectDirectory: string): boolean {
  const file = path.join(projectDirectory, scenarioFile);
  try {
    makeFolder(path.dirname(file));
    writeFileSync(file, firstScenario, { flag: 'wx' });
    return ignoreRuns(path.join(projectDirectory, '.gitignore'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST' && existsSync(file)) {
      throw new UsageError(`${scenarioFile} already exists, so nothing was written.`, { cause: error });
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new HarnessError(
      `Cannot write to ${projectDirectory}: ${reason}.\nMake it writable, or name another folder.`,
      {
        cause: error,
      },
    );
  }
}

function ignoreRuns(file: string): boolean {
  const isThere = existsSync(file);
  if (!isThere && !existsSync(path.join(path.dirname(file), '.git'))) return false;
  const text = isThere ? readFileSync(file, 'utf8') : '';
  const ignored = text.split('\n').map((line) => line.trim().replace(/^\/|\/$/g, ''));
  if (ignored.includes('results')) return false;
  const added = ignoredFolders.filter((folder) => !ignored.includes(folder.replace(/\/$/, '')));
  if (added.length === 0) return false;
  appendFileSync(file, `${text === '' || text.endsWith('\n') ? '' : '\n'}${added.join('\n')}\n`);
  return true;
}

function missingDependencies(projectDirectory: string): string[] {
  const wanted = ['threadmill', 'fast-check'];
  try {
    const manifest = JSON.parse(readFileSync(path.join(projectDirectory, 'package.json'), 'utf8')) as Record<
      string,
      Record<string, string> | undefined
    >;
    return wanted.filter(
      (name) => manifest['dependencies']?.[name] === undefined && manifest['devDependencies']?.[name] === undefined,
    );
  } catch {
    return wanted;
  }
}
