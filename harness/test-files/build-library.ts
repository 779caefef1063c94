import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { sharedModules } from './shared-modules.js';

const ownFile = fileURLToPath(import.meta.url);
const entry = path.join(path.dirname(ownFile), 'library', `index${path.extname(ownFile)}`);

let built: Promise<string> | undefined;

/**
 * The library that files of tests get instead of vitest and node:test, as the text of one script that can be evaluated again and
 * again: @vitest/runner and @vitest/spy remember what they have seen, and executions must not.
 */
export function buildLibrary(): Promise<string> {
  built ??= build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    external: [...sharedModules],
    logLevel: 'silent',
  }).then(({ outputFiles }) => outputFiles[0]?.text ?? '');
  return built;
}
