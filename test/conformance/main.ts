import { Command, InvalidArgumentError } from 'commander';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { readExceptions } from './exceptions.js';
import { listTests } from './list-tests.js';
import type { Slice, SliceResult } from './run-slice.js';
import type { Memory } from './test-source.js';

interface Options {
  readonly only?: string;
  readonly processes: number;
  readonly slice: number;
  readonly every: number;
}

/** How long a process may be silent before its current test counts as failed. */
const silenceTimeoutMs = 60_000;
/** The failure of a test that ended its process. */
const died = 'the process ended or was ended';

const directory = path.dirname(fileURLToPath(import.meta.url));
const scratch = mkdtempSync(path.join(tmpdir(), 'threadmill-conformance-'));
let slices = 0;

/** Runs a slice in its own process. If a test ends the process, another one runs the rest of the slice. */
async function runSlice(slice: Slice): Promise<Map<string, string | null>> {
  const results = new Map<string, string | null>();
  let left = slice.tests;
  while (left.length > 0) {
    const file = path.join(scratch, `slice-${slices++}.json`);
    writeFileSync(file, JSON.stringify({ ...slice, tests: left }));
    await new Promise<void>((resolve) => {
      const child = spawn(process.execPath, ['--expose-gc', path.join(directory, 'run-slice.js'), file], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      let timer = setTimeout(() => child.kill('SIGKILL'), silenceTimeoutMs);
      createInterface({ input: child.stdout }).on('line', (line) => {
        clearTimeout(timer);
        timer = setTimeout(() => child.kill('SIGKILL'), silenceTimeoutMs);
        if (!line.startsWith('{"test":')) return;
        const { test, error } = JSON.parse(line) as SliceResult;
        results.set(test, error);
      });
      child.on('close', () => {
        clearTimeout(timer);
        resolve();
      });
    });
    rmSync(file);
    const unknown: string[] = left.filter((test) => !results.has(test));
    const first = unknown[0];
    if (first !== undefined) results.set(first, died);
    left = unknown.slice(1);
  }
  return results;
}

/** Runs a failed test again by itself, because tests before it may have caused the failure. */
async function runConfirmed(slice: Slice): Promise<Map<string, string | null>> {
  const results = await runSlice(slice);
  for (const [test, error] of results) {
    if (error !== null) results.set(test, (await runSlice({ ...slice, tests: [test] })).get(test) ?? null);
  }
  return results;
}

interface Row {
  files: number;
  passBare: number;
  excepted: number;
  failures: { test: string; error: string }[];
}

/** Compares one slice in one kind of memory. */
async function compare(folder: string, tests: readonly string[], memory: Memory): Promise<Omit<Row, 'files'>> {
  const common = { folder, scratch, memory };
  const bare = await runSlice({ ...common, mode: 'bare', tests });
  const passing = tests.filter((test) => bare.get(test) === null);
  const instrumented = await runConfirmed({ ...common, mode: 'instrumented', tests: passing });
  const failed = passing.filter((test) => instrumented.get(test) !== null);
  const exceptions = readExceptions();
  const isExcepted = (test: string): boolean => exceptions.has(test);
  return {
    passBare: passing.length,
    excepted: failed.filter(isExcepted).length,
    failures: failed.filter((test) => !isExcepted(test)).map((test) => ({ test, error: instrumented.get(test) ?? '' })),
  };
}

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('a whole number from 1 is expected');
  return number;
}

async function main(folder: string, options: Options): Promise<void> {
  const tests = listTests(folder, options.only).filter((_, index) => index % options.every === 0);
  const jobs: { group: string; memory: Memory; tests: string[] }[] = [];
  for (const [group, members] of grouped(tests)) {
    for (const memory of ['plain', 'shared'] as const) {
      // Tests of syntax only have nothing to do with memory.
      if (memory === 'shared' && group.startsWith('language')) continue;
      for (let from = 0; from < members.length; from += options.slice)
        jobs.push({ group, memory, tests: members.slice(from, from + options.slice) });
    }
  }
  const rows = new Map<string, Row>();
  let done = 0;
  const total = jobs.reduce((sum, job) => sum + job.tests.length, 0);
  const work = async (): Promise<void> => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      const result = await compare(folder, job.tests, job.memory);
      const key = `${job.group}, ${job.memory} memory`;
      const row = rows.get(key) ?? { files: 0, passBare: 0, excepted: 0, failures: [] };
      rows.set(key, row);
      row.files += job.tests.length;
      row.passBare += result.passBare;
      row.excepted += result.excepted;
      row.failures.push(...result.failures);
      done += job.tests.length;
      for (const { test, error } of result.failures)
        console.log(`✗ ${job.memory} ${test}\n    ${error.split('\n', 1)[0] ?? ''}`);
      console.log(`${done} of ${total}  ${key}`);
    }
  };
  await Promise.all(Array.from({ length: options.processes }, work));
  console.log('\n| folder | files | pass bare | fail instrumented | excepted |\n| --- | ---: | ---: | ---: | ---: |');
  let failures = 0;
  for (const [key, row] of [...rows].sort(([first], [second]) => (first < second ? -1 : 1))) {
    failures += row.failures.length;
    console.log(`| ${key} | ${row.files} | ${row.passBare} | ${row.failures.length} | ${row.excepted} |`);
  }
  process.exitCode = failures > 0 ? 1 : 0;
}

function grouped(tests: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const test of tests) {
    const group = groupOf(test);
    const members = groups.get(group) ?? [];
    groups.set(group, members);
    members.push(test);
  }
  return groups;
}

function groupOf(test: string): string {
  const [, first, second] = test.split('/');
  return `${first ?? ''}/${second ?? ''}`;
}

const program = new Command('conformance')
  .description(
    'Runs tests of test262 bare and as the controlled engine runs code, and lists those that pass bare and fail there.\n' +
      'Exit code 1 if there is one. See test/conformance/README.md for how to get test262.',
  )
  .argument('<folder>', 'a checkout of test262, at the commit that pinned.json names')
  .option('--only <text>', 'only tests whose path contains this')
  .option('--processes <count>', 'processes at a time', positive, Math.min(2, availableParallelism()))
  .option('--slice <count>', 'tests a process runs', positive, 100)
  .option('--every <count>', 'only every so many-th test: a quick look', positive, 1)
  .action(async (folder: string, options: Options) => {
    try {
      await main(path.resolve(folder), options);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  });
await program.parseAsync();
