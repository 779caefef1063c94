import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { packageDirectory } from './command.js';

/** The packages that a built file, and the files that it imports, load when they start. */
function packagesOf(file: string, packages = new Set<string>()): ReadonlySet<string> {
  const text = readFileSync(file, 'utf8');
  for (const [, name = ''] of text.matchAll(/^(?:(?:import|export) .*|\} )?(?:from |import |\brequire\()"([^"]+)"/gm)) {
    if (name.startsWith('.')) packagesOf(path.join(path.dirname(file), name), packages);
    else if (!name.startsWith('node:')) packages.add(name);
  }
  for (const [, name = ''] of text.matchAll(/^var \w+ = (?:__toESM\()?require\("([^"]+)"/gm))
    if (!name.startsWith('node:')) packages.add(name);
  return packages;
}

// Every scenario has processes and threads of its own, and each pays for what they load.
it.each([
  ['campaign/controlled/main.js', ['fast-check']],
  ['engine/controlled/watchdog.cjs', []],
  ['engine/controlled/worker-agent.cjs', []],
  ['engine/stress/watchdog.cjs', []],
  ['engine/stress/worker-agent.cjs', []],
])('%s loads nothing but %j', (file, packages) => {
  expect([...packagesOf(path.join(packageDirectory, 'dist/harness', file))].sort()).toEqual(packages);
});
