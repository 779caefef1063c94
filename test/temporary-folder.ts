import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const prefix = 'threadmill-tests-';

/** Gives the tests of one run their own temporary folder, which is removed when the run ends. All projects have the same. */
export default function useTemporaryFolder(): (() => void) | undefined {
  // A folder in the other's would make the paths of sockets too long.
  if (path.basename(tmpdir()).startsWith(prefix)) return undefined;
  const folder = mkdtempSync(path.join(tmpdir(), prefix));
  process.env['TMPDIR'] = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
