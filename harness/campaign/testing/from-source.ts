import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const packageDirectory = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * Makes JavaScript of the sources as they are, in a folder of its own: the campaign in it can start explorers, which not
 * every Node can from TypeScript.
 *
 * @returns imports a module of the harness there, by its path such as `campaign/list.js`
 */
export async function fromSource(): Promise<(module: string) => Promise<unknown>> {
  const folder = temporaryFolder();
  const sources = ['harness', 'invariants', 'bridges'].flatMap((name) =>
    readdirSync(path.join(packageDirectory, name), { recursive: true, encoding: 'utf8' })
      .map((file) => path.join(packageDirectory, name, file))
      .filter((file) => file.endsWith('.ts') && !/\.(?:test|d)\.ts$|\btesting\b|\bbrowser\b/.test(file)),
  );
  await build({ entryPoints: sources, outbase: packageDirectory, outdir: folder, format: 'esm', target: 'es2023' });
  copyFileSync(path.join(packageDirectory, 'package.json'), path.join(folder, 'package.json'));
  symlinkSync(path.join(packageDirectory, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
  const bundler = pathToFileURL(path.join(packageDirectory, 'bundle-threads.mjs')).href;
  const { bundleThreads } = (await import(/* @vite-ignore */ bundler)) as {
    bundleThreads: (folder: string) => Promise<void>;
  };
  await bundleThreads(folder);
  return (module) => import(/* @vite-ignore */ pathToFileURL(path.join(folder, 'harness', module)).href);
}

/** A project with these files, by their names. */
export function makeProject(files: Readonly<Record<string, string>>): string {
  const project = temporaryFolder();
  for (const [name, text] of Object.entries({ 'package.json': '{ "type": "module" }', ...files })) {
    mkdirSync(path.dirname(path.join(project, name)), { recursive: true });
    writeFileSync(path.join(project, name), text);
  }
  return project;
}

function temporaryFolder(): string {
  return realpathSync(mkdtempSync(path.join(tmpdir(), 'threadmill-campaign-')));
}
