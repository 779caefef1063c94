import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { packageDirectory } from './command.js';

it('names and undoes whatever is changed of the realm, however deep, and needs nothing of it itself', async () => {
  const script = fileURLToPath(new URL('realm-edits.mjs', import.meta.url));
  const guard = path.join(packageDirectory, 'dist/harness/engine/controlled/realm-guard.js');
  // Newer versions of Node warn when some globals are read.
  const printed = await promisify(execFile)(process.execPath, ['--no-warnings', script, guard]);
  expect(printed).toEqual({ stdout: '', stderr: '' });
});
