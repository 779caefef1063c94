import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Packages with which others find, download or build their binary. */
const binaryLocators = new Set([
  'bindings',
  'cmake-js',
  'node-addon-api',
  'node-gyp-build',
  'node-gyp-build-optional-packages',
  'node-pre-gyp',
  '@mapbox/node-pre-gyp',
  '@neon-rs/load',
  'pkg-prebuilds',
  'prebuild-install',
  'prebuildify',
]);

/** Scripts that build or fetch a binary when a package is installed. */
const buildsBinary = /\b(?:node-gyp|node-pre-gyp|node-gyp-build|prebuild-install|cmake-js|pkg-prebuilds|napi)\b/;

interface Manifest {
  readonly gypfile?: unknown;
  readonly binary?: unknown;
  readonly napi?: unknown;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, unknown>>;
  readonly optionalDependencies?: Readonly<Record<string, unknown>>;
}

/** The folder of the package that a file belongs to; undefined for the project's own files. @param file absolute */
export function packageFolder(file: string): string | undefined {
  const parts = file.split(path.sep);
  const index = parts.lastIndexOf('node_modules');
  const first = parts[index + 1];
  if (index === -1 || first === undefined) return undefined;
  return parts.slice(0, index + (first.startsWith('@') ? 3 : 2)).join(path.sep);
}

/**
 * Whether a package has a native addon, or looks for one when it is loaded: it says so in its package.json, or has the files.
 *
 * @param folder absolute
 */
export function isNativePackage(folder: string): boolean {
  let manifest: Manifest;
  try {
    manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;
  } catch {
    return false;
  }
  const { gypfile, binary, napi, scripts = {}, dependencies = {}, optionalDependencies = {} } = manifest;
  if (gypfile === true || isObject(binary) || isObject(napi)) return true;
  if (['preinstall', 'install', 'postinstall'].some((name) => buildsBinary.test(scripts[name] ?? ''))) return true;
  if (Object.keys({ ...dependencies, ...optionalDependencies }).some((name) => binaryLocators.has(name))) return true;
  if (existsSync(path.join(folder, 'binding.gyp')) || existsSync(path.join(folder, 'prebuilds'))) return true;
  return [folder, path.join(folder, 'build', 'Release')].some(hasAddon);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function hasAddon(folder: string): boolean {
  try {
    return readdirSync(folder).some((name) => name.endsWith('.node'));
  } catch {
    return false;
  }
}
