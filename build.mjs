// Compiles the harness, the invariants and the bridges into dist/, and bundles what pages need in the browser. The new
// build takes the old one's place only once it is complete, so that a failed build leaves a working command behind.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleThreads } from './bundle-threads.mjs';

/** Code for the browser: the folders of pages. */
const pages = ['harness/report/html/browser/counterexample', 'harness/compare/report/browser'];

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
    const bundler = path.join(stagedDirectory, 'harness/report/html/bundle.js');
    const { writeBundle } = await import(pathToFileURL(bundler).href);
    for (const page of pages) await writeBundle(path.join(projectDirectory, page), path.join(stagedDirectory, page));
    const instrument = path.join(stagedDirectory, 'harness/instrument');
    const { compileHarness } = await import(pathToFileURL(path.join(instrument, 'bundle.js')).href);
    const { toSaved } = await import(pathToFileURL(path.join(instrument, 'harness-bundle.js')).href);
    writeFileSync(path.join(instrument, 'harness-bundle.json'), toSaved(await compileHarness()));
    await bundleThreads(stagedDirectory);
    rmSync(outputDirectory, { recursive: true, force: true });
    renameSync(stagedDirectory, outputDirectory);
  } else {
    process.exitCode = compilation.status ?? 1;
  }
} finally {
  rmSync(workDirectory, { recursive: true, force: true });
}
