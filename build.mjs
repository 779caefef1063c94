// Compiles the harness, the invariants and the bridges into dist/. The new build takes the old one's place only once it
// is complete, so that a failed build leaves a working command behind.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const projectDirectory = path.dirname(fileURLToPath(import.meta.url));
const outputDirectory = path.join(projectDirectory, 'dist');
const workDirectory = mkdtempSync(path.join(projectDirectory, '.build-'));
const stagedDirectory = path.join(workDirectory, 'new');

try {
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const compilation = spawnSync(
    process.execPath,
    [compiler, '--project', 'tsconfig.build.json', '--outDir', stagedDirectory],
    { cwd: projectDirectory, stdio: 'inherit' },
  );
  if (compilation.status === 0) {
    chmodSync(path.join(stagedDirectory, 'harness/cli/main.js'), 0o755);
    rmSync(outputDirectory, { recursive: true, force: true });
    renameSync(stagedDirectory, outputDirectory);
  } else {
    process.exitCode = compilation.status ?? 1;
  }
} finally {
  rmSync(workDirectory, { recursive: true, force: true });
}
