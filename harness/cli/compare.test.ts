import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.js';
import type { Compare } from '../compare/compare.js';
import type { ComparisonRequest } from '../compare/options.js';
import { comparisonSample } from '../compare/testing/samples.js';
import { comparisonSchema } from '../results/comparison-schema.js';
import { runCommand, temporaryFolder } from './testing/command.js';

const sample: Compare = () => Promise.resolve(comparisonSample());

describe('threadmill compare', () => {
  it('explains itself', async () => {
    const { exitCode, stdout } = await runCommand(['compare', '--help']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Examples:');
    expect(stdout).toContain('Exit codes:');
  });

  it('asks for what its options say', async () => {
    const requests: ComparisonRequest[] = [];
    const compare: Compare = (request, surroundings) => {
      requests.push(request);
      expect(surroundings?.seed).toBe(7);
      return Promise.resolve(comparisonSample());
    };
    const flags =
      'actor dual-queue:published --writers 2 --writer-counts 1,3 --readers 0 --read-every 2ms --payload-words 4 --keys 5 ' +
      '--queue-capacity 6 --records 7 --rate 8 --burst 9/10ms --steady-rate 11 --rounds 12 --scaling-rounds 0 --warmups 0 ' +
      '--batches 13 --batch 14ms --steady 0 --controlled 15s --budget 17s --hang-timeout 16s --heap 128 --seed 7 --no-save';
    await runCommand(['compare', ...flags.split(' ')], { compare });
    expect(requests).toEqual([
      {
        bridges: ['actor', 'dual-queue:published'],
        writers: 2,
        writerCounts: [1, 3],
        readers: 0,
        readEveryMs: 2,
        payloadWords: 4,
        keys: 5,
        queueCapacity: 6,
        records: 7,
        ratePerSecond: 8,
        burst: { records: 9, pauseMs: 10 },
        steadyRatePerSecond: 11,
        rounds: 12,
        scalingRounds: 0,
        warmups: 0,
        batches: 13,
        batchMs: 14,
        steadyMs: 0,
        controlledMs: 15_000,
        budgetMs: 17_000,
        hangTimeoutMs: 16_000,
        heapMiB: 128,
      },
    ]);
  });

  it('keeps the record and the page, and writes what else was asked for', async () => {
    const projectDirectory = temporaryFolder();
    const files = ['--json', 'a.json', '--markdown', 'sub/b.md'];
    const { exitCode, stdout } = await runCommand(['compare', ...files], { compare: sample }, { projectDirectory });
    expect(exitCode).toBe(0);
    const kept = readdirSync(path.join(projectDirectory, 'results/compare')).sort();
    expect(kept).toEqual(['2026-01-02T03-04-05Z-42.html', '2026-01-02T03-04-05Z-42.json']);
    for (const file of ['a.json', 'results/compare/2026-01-02T03-04-05Z-42.json']) {
      const text = readFileSync(path.join(projectDirectory, file), 'utf8');
      expect(comparisonSchema.parse(JSON.parse(text))).toEqual(comparisonSample());
    }
    expect(readFileSync(path.join(projectDirectory, 'sub/b.md'), 'utf8')).toContain('# Bridges compared');
    expect(stdout).toContain('page results/compare/2026-01-02T03-04-05Z-42.html');
  });

  it('writes nothing with --no-save but what is named', async () => {
    const projectDirectory = temporaryFolder();
    await runCommand(['compare', '--no-save', '--html', 'x.html'], { compare: sample }, { projectDirectory });
    expect(existsSync(path.join(projectDirectory, 'results'))).toBe(false);
    expect(readFileSync(path.join(projectDirectory, 'x.html'), 'utf8')).toMatch(/^<!doctype html>/);
  });

  it('exits with 1 if a hardened bridge broke, with 2 for what cannot be used', async () => {
    const unmet: Compare = () => Promise.resolve(comparisonSample({ met: false }));
    expect((await runCommand(['compare', '--no-save'], { compare: unmet })).exitCode).toBe(1);
    const refused: Compare = () => Promise.reject(new UsageError('Unknown bridge "x".'));
    expect(await runCommand(['compare', 'x'], { compare: refused })).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'error: Unknown bridge "x".\n',
    });
  });

  it.each([
    [['--burst', '5']],
    [['--burst', '5/1ms/2']],
    [['--burst', 'x/1ms']],
    [['--writer-counts', '1,,2']],
    [['--rounds', '0']],
    [['--batch', '0']],
  ])('refuses %j', async (flags) => {
    expect(await runCommand(['compare', ...flags], { compare: sample })).toMatchObject({ exitCode: 2, stdout: '' });
  });
});
