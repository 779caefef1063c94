// Packs the project as `npm publish` would and looks at the tarball through the eyes of those who install it.
// Run by `npm run check:package`, which puts the commands used here on the PATH.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';

const folder = mkdtempSync(path.join(tmpdir(), 'threadmill-package-'));

/** Runs a command to its end and returns what it printed; shows that only if the command fails. */
function run(command, commandArguments) {
  const { status, stdout } = spawnSync(command, commandArguments, {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`${stdout}\n${[command, ...commandArguments].join(' ')} failed`);
  return stdout;
}

const isUnwanted = (file) => /\.test\.|\.scenario\.|\.map$|^(test|scenarios|bench|results)\//.test(file);

try {
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]));
  const unwanted = packed.files.map((file) => file.path).filter(isUnwanted);
  if (unwanted.length > 0) throw new Error(`the package holds what it should not:\n${unwanted.join('\n')}`);
  const tarball = path.join(folder, packed.filename);
  run('publint', ['run', tarball, '--strict']);
  run('attw', [tarball, '--profile', 'esm-only']);
  console.log(
    `publint and are-the-types-wrong have nothing to say about ${packed.filename} (${packed.files.length} files)`,
  );
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
