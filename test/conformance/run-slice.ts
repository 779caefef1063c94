import { readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { RealmGuard } from '../../harness/engine/controlled/realm-guard.js';
import { runBare } from './run-bare.js';
import type { BatchTest } from './run-instrumented.js';
import { moduleText, type Memory } from './test-source.js';

/** The task of the process that runs a slice, as JSON in a file. */
export interface Slice {
  readonly folder: string;
  readonly scratch: string;
  readonly memory: Memory;
  readonly mode: 'bare' | 'instrumented';
  readonly tests: readonly string[];
}

/** One line of its output. */
export interface SliceResult {
  readonly test: string;
  readonly error: string | null;
}

const slice = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Slice;
const guard = new RealmGuard();
const say = JSON.stringify;

function tell(test: string, error: string | null): void {
  guard.restore();
  const result: SliceResult = { test, error };
  writeSync(1, `${say(result)}\n`);
}

const tests: BatchTest[] = slice.tests.map((name) => ({ name, ...moduleText(slice.folder, name, slice.memory) }));
// Promises that a test leaves behind may be rejected later.
process.on('unhandledRejection', () => undefined);
if (slice.mode === 'bare') {
  for (const { name, text, isAsync } of tests) {
    tell(name, await runBare(text, path.join(slice.folder, name), isAsync));
  }
} else {
  const { InstrumentedRunner } = await import('./run-instrumented.js');
  await new InstrumentedRunner(slice.folder, slice.scratch).run(tests, tell);
}
process.exit(0);
