// Finds every bug of this folder again: three seeds each, 5,000 executions at most, then replays what was found 200 times, and
// runs the same program on the version with the fix. Words on the command line choose bugs by the beginnings of their names.
// It works in a copy, `.found/` in the root of the repository, so that no test ever meets the packages that are installed there.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../..');
const folder = path.join(root, '.found');
const command = path.join(root, 'dist/harness/cli/main.js');
const seeds = [1, 2, 3];
const runs = 5_000;
const replays = 200;

/** The bugs by their scenarios, and the version in which each is fixed. */
const bugs = [
  { name: 'thread-stream-ready', package: 'thread-stream-4.2.0', fixed: 'thread-stream-4.2.1' },
  { name: 'thread-stream-error', package: 'thread-stream-4.2.0' },
  { name: 'thread-stream-error-again', package: 'thread-stream-4.2.1' },
  { name: 'thread-stream-lost', package: 'thread-stream-4.2.1' },
  { name: 'piscina-next-aborted', package: 'piscina-5.0.0', fixed: 'piscina-5.3.2' },
  { name: 'piscina-idle', package: 'piscina-5.1.0', fixed: 'piscina-5.1.3' },
  { name: 'piscina-abort', package: 'piscina-5.3.2' },
  { name: 'tinypool-abort', package: 'tinypool-2.2.0' },
  { name: 'tinypool-recycle', package: 'tinypool-2.2.0' },
  { name: 'tinypool-destroy', package: 'tinypool-2.2.0' },
  { name: 'tinypool-answer', package: 'tinypool-2.2.0' },
  { name: 'workerpool-cancel', package: 'workerpool-10.0.2', fixed: 'workerpool-10.0.3' },
  { name: 'node-worker-threads-pool-timeout', package: 'node-worker-threads-pool' },
  { name: 'synckit-timeout', package: 'synckit-0.9.1', fixed: 'synckit-0.9.3' },
  { name: 'synckit-notify', package: 'synckit-0.9.2', fixed: 'synckit-0.9.3' },
  { name: 'microjob-stop', package: 'microjob' },
];

/** Copies the programs, and installs the packages with npm. Their install scripts are not run. */
const prepare = () => {
  cpSync(here, folder, { recursive: true });
  const words = ['install', '--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund'];
  const { status } = spawnSync('npm', words, { cwd: folder, stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) throw new Error('npm install failed');
  const link = path.join(folder, 'node_modules/threadmill');
  if (!existsSync(link)) symlinkSync(root, link, 'junction');
};

const threadmill = (...words) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...words], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, text: `${stdout}${stderr}` };
};

/** Runs one scenario without any memory of former runs, and returns what the record says of it. */
const explore = (file, seed) => {
  rmSync(path.join(folder, 'results'), { recursive: true, force: true });
  const record = path.join(folder, 'record.json');
  rmSync(record, { force: true });
  const { text } = threadmill('run', file, '--seed', String(seed), '--runs', String(runs), '--json', record);
  try {
    return JSON.parse(readFileSync(record, 'utf8')).scenarios[0];
  } catch {
    throw new Error(`${file} could not be run:\n${text}`);
  } finally {
    rmSync(record, { force: true });
  }
};

/** The scenario, and the files beside it, on the version with the fix. */
const onFixedVersion = ({ name, package: affected, fixed }) => {
  const written = [];
  const write = (file, text) => {
    writeFileSync(path.join(folder, file), text.replaceAll(affected, fixed));
    written.push(path.join(folder, file));
  };
  const read = (file) => readFileSync(path.join(folder, file), 'utf8');
  let text = read(`${name}.scenario.ts`).replace(/^ {2}expect: .*\n/m, '');
  for (const [, worker] of text.matchAll(/'\.\/([\w-]+\.cjs)'/g)) {
    if (!read(worker).includes(affected)) continue;
    write(`fixed-${worker}`, read(worker));
    text = text.replace(`./${worker}`, `./fixed-${worker}`);
  }
  write(`fixed-${name}.scenario.ts`, text);
  return { file: `fixed-${name}.scenario.ts`, remove: () => written.forEach((file) => rmSync(file)) };
};

const chosen = process.argv.slice(2);
let failures = 0;
const say = (name, isRight, text) => {
  if (!isRight) failures++;
  console.log(`${isRight ? '✓' : '✗'} ${name.padEnd(34)} ${text}`);
};

prepare();
for (const bug of bugs) {
  if (chosen.length > 0 && !chosen.some((word) => bug.name.startsWith(word))) continue;
  const found = [];
  let isRight = true;
  for (const seed of seeds) {
    const { met, verdict, executionsToFind, counterexample } = explore(`${bug.name}.scenario.ts`, seed);
    isRight &&= met;
    found.push(met ? `${verdict} after ${executionsToFind}` : verdict);
    if (!met) continue;
    const { status } = threadmill('replay', counterexample.file, '--times', String(replays));
    if (status === 0) continue;
    isRight = false;
    found.push(`${replays} replays were not alike`);
  }
  say(bug.name, isRight, found.join(', '));

  if (bug.fixed === undefined) continue;
  const { file, remove } = onFixedVersion(bug);
  try {
    const { verdict, executions } = explore(file, 1);
    say(bug.name, verdict === 'held', `on ${bug.fixed}: ${verdict}, ${executions} executions`);
  } finally {
    remove();
  }
}
process.exitCode = failures > 0 ? 1 : 0;
