import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const projectDirectory = fileURLToPath(new URL('..', import.meta.url));

/** Makes sure that the command was built from the current sources before any end-to-end test starts it. */
export default function setup(): void {
  const builtAtMs = newestChangeMs(['dist']);
  const sources = ['harness', 'invariants', 'bridges', 'build.mjs', 'bundle-threads.mjs'];
  const changedAtMs = newestChangeMs(sources, (file) => !file.endsWith('.test.ts'));
  if (builtAtMs >= changedAtMs) return;
  const build = spawnSync(process.execPath, ['build.mjs'], { cwd: projectDirectory, encoding: 'utf8' });
  if (build.status !== 0)
    throw new Error(`The build failed, so there is nothing to test:\n${build.stdout}${build.stderr}`);
}

/** @param places files and folders of the project */
function newestChangeMs(places: readonly string[], counts: (file: string) => boolean = () => true): number {
  let newestMs = 0;
  for (const place of places) {
    const absolute = path.join(projectDirectory, place);
    for (const file of statSync(absolute, { throwIfNoEntry: false })?.isFile() === true ? [''] : listFiles(absolute)) {
      if (counts(file))
        newestMs = Math.max(newestMs, statSync(path.join(absolute, file), { throwIfNoEntry: false })?.mtimeMs ?? 0);
    }
  }
  return newestMs;
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
  } catch {
    return [];
  }
}
