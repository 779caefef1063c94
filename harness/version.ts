import { createRequire } from 'node:module';

/** This package's version. The package knows itself by its name, wherever this file was built to. */
export function threadmillVersion(): string {
  const { version } = createRequire(import.meta.url)('threadmill/package.json') as { version: string };
  return version;
}
