import type { Operation } from '../../results/schema.js';

/** The folder of an operation's file, if it is code of Threadmill or of a package rather than the user's own. */
export function libraryFolder({ site }: Operation): string | undefined {
  if (site === undefined) return undefined;
  const packageStart = site.file.lastIndexOf('node_modules/');
  if (packageStart >= 0) {
    const parts = site.file.slice(packageStart).split('/');
    return parts.slice(1, parts[1]?.startsWith('@') === true ? 3 : 2).join('/');
  }
  return site.file.startsWith('threadmill:') ? site.file.slice(0, site.file.lastIndexOf('/')) : undefined;
}

/** Whether an operation is in the user's own code. */
export function isOwnCode(operation: Operation): boolean {
  return operation.site !== undefined && libraryFolder(operation) === undefined;
}
