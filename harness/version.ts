import { createRequire } from 'node:module';

/** This package's version. The package imports itself by name, so this works wherever the file was built to. */
export function threadmillVersion(): string {
  const { version } = createRequire(import.meta.url)('threadmill/package.json') as { version: string };
  return version;
}
