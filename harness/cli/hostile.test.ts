import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HarnessError, UsageError } from '../errors.js';
import type { ListedScenario, ReplayResult } from '../campaign/api.js';
import { actingWithin, hostileCounterexample, hostileRecord, hostileText } from '../report/testing/hostile.js';
import type { RunRecord } from '../results/schema.js';
import { runCommand, temporaryFolder, type CommandResult } from './testing/command.js';

const runs = { numRuns: 25 };
const projectDirectory = temporaryFolder();

/** Expects that nothing printed acts on a terminal or a CI runner, except for our own annotations. */
function expectHarmless({ stdout, stderr }: CommandResult): void {
  const others = stdout.replace(/^::(?:error|warning)(?: [^\n]*?)?::/gm, '>');
  expect(actingWithin(others)).toEqual([]);
  expect(actingWithin(stderr)).toEqual([]);
}

/** Writes a record where a command finds it. */
function writeRecord(file: string, record: RunRecord): void {
  const target = path.join(projectDirectory, file);
  rmSync(path.join(projectDirectory, 'results'), { recursive: true, force: true });
  mkdirSync(path.dirname(target), { recursive: true });
  // Records of impossible shards are left out, but these have to be read.
  writeFileSync(target, JSON.stringify({ ...record, options: { ...record.options, shard: null } }));
}

const hostileScenarios: fc.Arbitrary<ListedScenario[]> = fc.array(
  fc.record({
    name: hostileText,
    file: hostileText,
    expected: fc.oneof(
      fc.constant('held' as const),
      hostileText.map((invariant) => ({ verdict: 'violation' as const, invariant })),
    ),
    invariants: fc.array(hostileText, { maxLength: 3 }),
  }),
  { maxLength: 4 },
);

const hostileReplay: fc.Arbitrary<ReplayResult> = fc
  .record({
    saved: hostileCounterexample,
    replayed: fc.option(hostileCounterexample),
    traceHash: hostileText,
    agreeing: fc.nat({ max: 2 }),
  })
  .map(({ saved, replayed, traceHash, agreeing }) => ({
    saved,
    replayed,
    times: 2,
    agreeing,
    traceHashes: [{ traceHash, count: 2 }],
    firstDifference: { first: saved.trace[0] ?? null, second: saved.trace[1] ?? null },
  }));

describe('hostile text', () => {
  it.each([[[]], [['--json']]])('is one row of list %j', async (flags) => {
    await fc.assert(
      fc.asyncProperty(hostileScenarios, async (scenarios) => {
        const outcome = await runCommand(['list', ...flags], { list: () => Promise.resolve(scenarios) });
        expectHarmless(outcome);
        if (flags.length > 0) expect(JSON.parse(outcome.stdout)).toEqual(JSON.parse(JSON.stringify(scenarios)));
        else expect(outcome.stdout.match(/\n/g) ?? []).toHaveLength(scenarios.length);
      }),
      runs,
    );
  });

  it('is harmless in what history tells, of all scenarios and of one', async () => {
    await fc.assert(
      fc.asyncProperty(hostileRecord, hostileText, async (record, asked) => {
        writeRecord('results/runs/2026-01-02T03-04-05Z-1.json', record);
        const [first] = record.scenarios;
        for (const flags of [[], ['--json'], ['--scenario', asked], ['--scenario', first?.name ?? 'a']]) {
          const outcome = await runCommand(['history', ...flags], {}, { projectDirectory });
          expect(outcome.exitCode).toBeLessThanOrEqual(2);
          expectHarmless(outcome);
        }
      }),
      runs,
    );
  });

  it('is harmless in what merge tells, whoever reports it', async () => {
    await fc.assert(
      fc.asyncProperty(hostileRecord, hostileText, async (record, file) => {
        writeRecord('shard.json', record);
        for (const reporters of [['default', 'github'], ['junit'], ['json']]) {
          const flags = reporters.flatMap((name) => ['--reporter', name]);
          const outcome = await runCommand(
            ['merge', 'shard.json', `absent${file}`, ...flags],
            {},
            { projectDirectory },
          );
          expectHarmless(outcome);
          expect(outcome.exitCode).toBeLessThanOrEqual(2);
        }
      }),
      runs,
    );
  });

  it('is harmless in what replay and report tell', async () => {
    await fc.assert(
      fc.asyncProperty(hostileReplay, hostileText, async (result, file) => {
        expectHarmless(await runCommand(['replay', `a${file}`], { replay: () => Promise.resolve(result) }));
        expectHarmless(await runCommand(['report', `a${file}`]));
      }),
      runs,
    );
  });

  it('is harmless in errors, also of the command line', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText, fc.constantFrom(UsageError, HarnessError, Error), async (text, Failure) => {
        for (const debug of ['', '1']) {
          const environment = { THREADMILL_DEBUG: debug };
          const list = (): Promise<never> => Promise.reject(new Failure(text));
          expectHarmless(await runCommand(['list'], { list }, { environment }));
        }
        expectHarmless(await runCommand(['run', `--${text}`]));
        expectHarmless(await runCommand(['run', '--seed', text, '--reporter', text]));
        expectHarmless(await runCommand(['init', `absent${text}`]));
        expectHarmless(await runCommand([text]));
      }),
      runs,
    );
  });
});
