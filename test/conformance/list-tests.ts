import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { factsOf } from './test-source.js';

/** The selection of tests, from pinned.json. */
interface Pinned {
  /** The commit of tc39/test262. */
  readonly commit: string;
  /** Folders below `test/` of which all files are taken, except those in `excluded`. */
  readonly folders: readonly string[];
  /** The number of these files. */
  readonly files: number;
  /** SHA-256 of their paths, sorted, each followed by a newline. */
  readonly listHash: string;
}

const pinned = JSON.parse(readFileSync(path.resolve('test/conformance/pinned.json'), 'utf8')) as Pinned;

/**
 * The tests to run, sorted. Tests that a parser must reject, ES modules, and tests that must not be changed are left
 * out.
 *
 * @param only a text that the path of a test must contain
 * @throws if the folder does not have the pinned files
 */
export function listTests(folder: string, only = ''): string[] {
  const tests = pinned.folders
    .flatMap((part) =>
      readdirSync(path.join(folder, 'test', part), { recursive: true, encoding: 'utf8' }).map(
        (name) => `${part}/${name.split(path.sep).join('/')}`,
      ),
    )
    .filter((name) => name.endsWith('.js') && !name.includes('_FIXTURE'))
    .map((name) => `test/${name}`)
    .filter((test) => {
      const { flags, isNegative } = factsOf(readFileSync(path.join(folder, test), 'utf8'));
      return !isNegative && !flags.has('module') && !flags.has('raw');
    })
    .sort();
  const hash = createHash('sha256')
    .update(tests.map((test) => `${test}\n`).join(''))
    .digest('hex');
  if (tests.length !== pinned.files || hash !== pinned.listHash)
    throw new Error(
      `${folder} has ${tests.length} tests with the list hash ${hash}; expected ${pinned.files} with ${pinned.listHash}. Check out commit ${pinned.commit}.`,
    );
  return tests.filter((test) => test.includes(only));
}
