import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { readRegularFile } from './read-regular-file.js';
import { replaceFile, resultsFolders, resultsLimits, slug } from './folder.js';

/** What identifies an exploration: it goes on only if all of this is the same. */
export interface ExhaustiveIdentity {
  readonly name: string;
  /** Relative to the project. */
  readonly file: string;
  /** A hash of what is executed, and of what bounds it. */
  readonly sources: string;
  readonly threadmill: string;
  readonly preemptions: number | null;
  /** Which shard of how many; null for all of it. */
  readonly shard: string | null;
}

const currentVersion = 2;

/** An exploration that was not finished, as it is kept. */
interface Kept {
  readonly schema: 'threadmill/exhaustive';
  readonly version: number;
  readonly identity: ExhaustiveIdentity;
  readonly progress: unknown;
  /** What identifies each interleaving seen so far: 64-bit floating-point numbers, little-endian, in base64. */
  readonly seen: string;
}

/** Where the progress of an exploration is kept, relative to the project. */
export function exhaustiveFile({ name, file, preemptions, shard }: ExhaustiveIdentity): string {
  const identity = JSON.stringify([name, file, preemptions, shard]);
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, 8);
  return `${resultsFolders.exhaustive}/${slug(name, 'scenario')}--${hash}.json`;
}

/**
 * Keeps how far an exploration came, so that it can go on after an end of any kind.
 *
 * @throws HarnessError when the folder cannot be written
 */
export function keepExhaustive(
  projectDirectory: string,
  identity: ExhaustiveIdentity,
  progress: object,
  seen: Iterable<number>,
): void {
  const kept: Kept = {
    schema: 'threadmill/exhaustive',
    version: currentVersion,
    identity,
    progress,
    seen: Buffer.from(Float64Array.from(seen).buffer).toString('base64'),
  };
  replaceFile(projectDirectory, exhaustiveFile(identity), JSON.stringify(kept));
}

/**
 * How far the same exploration came earlier, as it was given to be kept; undefined if nothing is kept of it, or if anything about it has
 * changed.
 */
export function readExhaustive(
  projectDirectory: string,
  identity: ExhaustiveIdentity,
): { readonly progress: unknown; readonly seen: readonly number[] } | undefined {
  try {
    const read = readRegularFile(path.join(projectDirectory, exhaustiveFile(identity)), resultsLimits.exhaustiveBytes);
    if (!('text' in read)) return undefined;
    const kept = JSON.parse(read.text) as Kept;
    if (kept.version !== currentVersion || JSON.stringify(kept.identity) !== JSON.stringify(identity)) return undefined;
    const bytes = Buffer.from(kept.seen, 'base64');
    const seen = Array.from({ length: bytes.length / 8 }, (_, index) => bytes.readDoubleLE(8 * index));
    return { progress: kept.progress, seen };
  } catch {
    // It can be explored again.
    return undefined;
  }
}

/** Forgets how far an exploration came. */
export function forgetExhaustive(projectDirectory: string, identity: ExhaustiveIdentity): void {
  rmSync(path.join(projectDirectory, exhaustiveFile(identity)), { force: true });
}
