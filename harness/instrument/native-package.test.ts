import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isNativePackage, packageFolder } from './native-package.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'threadmill-native-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function packageOf(manifest: object, ...files: readonly string[]): Promise<string> {
  await writeFile(path.join(folder, 'package.json'), JSON.stringify(manifest));
  for (const file of files) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), '');
  }
  return folder;
}

interface Case {
  readonly manifest: object;
  readonly files?: readonly string[];
}

test.each<Case>([
  { manifest: { gypfile: true } },
  { manifest: { binary: { module_name: 'x' } } },
  { manifest: { napi: { name: 'x' } } },
  { manifest: { scripts: { install: 'prebuild-install || node-gyp rebuild' } } },
  { manifest: { dependencies: { bindings: '^1.5.0' } } },
  { manifest: { dependencies: { 'node-gyp-build': '1' } } },
  { manifest: { dependencies: { '@mapbox/node-pre-gyp': '1' } } },
  { manifest: { optionalDependencies: { 'node-gyp-build-optional-packages': '1' } } },
  { manifest: {}, files: ['binding.gyp'] },
  { manifest: {}, files: ['prebuilds/linux-x64/node.napi.node'] },
  { manifest: {}, files: ['build/Release/x.node'] },
  { manifest: {}, files: ['x.linux-x64-gnu.node'] },
])('a package with a native addon: %j', async ({ manifest, files = [] }) => {
  expect(isNativePackage(await packageOf({ name: 'x', ...manifest }, ...files))).toBe(true);
});

test.each<Case>([
  { manifest: { dependencies: { 'bindings-of-another-kind': '1' }, binary: 'bin/x' } },
  { manifest: { scripts: { test: 'node-gyp-build-test', build: 'node-gyp rebuild' } } },
  { manifest: { bin: { x: './x.js' } }, files: ['lib/x.js', 'build/x.js'] },
])('a package without: %j', async ({ manifest, files = [] }) => {
  expect(isNativePackage(await packageOf(manifest, ...files))).toBe(false);
});

test('a folder without a package.json', () => {
  expect(isNativePackage(folder)).toBe(false);
});

test('the folder of a file', () => {
  const at = (...parts: readonly string[]): string => path.join(path.sep, 'p', ...parts);
  expect(packageFolder(at('src', 'a.js'))).toBeUndefined();
  expect(packageFolder(at('node_modules', 'a', 'lib', 'x.js'))).toBe(at('node_modules', 'a'));
  expect(packageFolder(at('node_modules', 'a', 'node_modules', '@b', 'c', 'x.js'))).toBe(
    at('node_modules', 'a', 'node_modules', '@b', 'c'),
  );
});
