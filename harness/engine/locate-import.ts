import { realpathSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { types } from 'node:util';
import { resolve } from 'import-meta-resolve';
import { sourceOf } from '../instrument/source-files.js';

/** The error of a failed import, as in Node. */
function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/**
 * Finds what `import()` in a file means by a name computed at run time: the absolute path of a file, or `node:` and the name of a
 * built-in module.
 *
 * @param file the file with the import(), absolute
 * @throws errors with the codes of Node's own, if nothing has that name, or it cannot be loaded synchronously
 */
export function locateImport(specifier: string, file: string): string {
  if (isBuiltin(specifier)) return specifier.startsWith('node:') ? specifier : `node:${specifier}`;
  if (!/^(?:\.{0,2}\/|[A-Za-z][A-Za-z\d+.-]*:)/.test(specifier) && specifier !== '.' && specifier !== '..')
    return locatePackage(specifier, file);
  const url = new URL(specifier, pathToFileURL(file));
  if (url.protocol !== 'file:')
    throw failure(
      'ERR_UNSUPPORTED_ESM_URL_SCHEME',
      `Cannot import "${specifier}" from ${file}: a name computed at run time must be that of a file, package or built-in module. Import a literal name.`,
    );
  if (url.search !== '' || url.hash !== '')
    throw failure(
      'ERR_MODULE_NOT_FOUND',
      `Cannot import "${specifier}" from ${file}: a module is loaded only once. Remove "${url.search}${url.hash}".`,
    );
  const found = sourceOf(fileURLToPath(url));
  const facts = statSync(found, { throwIfNoEntry: false });
  if (facts === undefined) throw failure('ERR_MODULE_NOT_FOUND', `Cannot find module '${found}' imported from ${file}`);
  if (facts.isDirectory())
    throw failure('ERR_UNSUPPORTED_DIR_IMPORT', `Directory import '${found}' is not supported, imported from ${file}`);
  return realpathSync(found);
}

function locatePackage(specifier: string, file: string): string {
  return realpathSync(fileURLToPath(resolve(specifier, pathToFileURL(file).href)));
}

/** What `import.meta.resolve` in a file gives. @param url of the file */
export function resolveImport(specifier: string, url: string): string {
  return isBuiltin(specifier) && !specifier.startsWith('node:') ? `node:${specifier}` : resolve(specifier, url);
}

/** Whether what `require` returned is an ES module: one loaded by Node, or one of a bundle. */
export function isModuleExports(exports: unknown): boolean {
  if (types.isModuleNamespaceObject(exports)) return true;
  if (typeof exports !== 'object' || exports === null) return false;
  return Object.getPrototypeOf(exports) === null && Object.hasOwn(exports, '__esModule');
}
