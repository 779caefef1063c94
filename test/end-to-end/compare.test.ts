import { mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comparisonSchema, type Comparison } from '../../harness/results/comparison-schema.js';
import { looks, openPage, overflowPixels, startBrowser, withoutBrowser, type Look } from './browser.js';
import { runCommand, startCommand, type CommandResult } from './command.js';

/** The smallest comparison that still has everything. */
const tiny = ['--writers', '2', '--writer-counts', '1,2', '--rounds', '2', '--scaling-rounds', '1', '--warmups', '1'];
const short = ['--batches', '2', '--batch', '30ms', '--steady', '60ms', '--controlled', '500ms'];
const bridges = ['lock-pair', 'actor', 'dual-queue:published', 'unsynchronised'];

const temporaryFolder = (): string => mkdtempSync(path.join(tmpdir(), 'threadmill-compared-'));

function readComparison(folder: string, name: string): Comparison {
  return comparisonSchema.parse(JSON.parse(readFileSync(path.join(folder, name), 'utf8')));
}

/** The numbers of the processes whose command line has all of these words. */
function processesWith(...words: readonly string[]): string[] {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const commandLine = readFileSync(`/proc/${name}/cmdline`, 'utf8');
      return words.every((word) => commandLine.includes(word));
    } catch {
      return false;
    }
  });
}

describe('threadmill compare', () => {
  const folder = temporaryFolder();
  let outcome: CommandResult;
  let comparison: Comparison;

  beforeAll(async () => {
    outcome = await runCommand(
      ['compare', ...bridges, ...tiny, ...short, '--seed', '3', '--json', 'all.json', '--markdown', 'all.md'],
      folder,
    );
    comparison = readComparison(folder, 'all.json');
  }, 120_000);

  it('says which bridges hold, and finds the one that does not both ways', () => {
    expect(outcome.exitCode).toBe(0);
    const found = comparison.bridges.map(({ id, standing }) => [id, standing]);
    expect(Object.fromEntries(found)).toEqual({
      'lock-pair': 'holds',
      actor: 'holds',
      'dual-queue:published': 'flawed',
      'unsynchronised:published': 'broke',
    });
    expect(found.at(-1)).toEqual(['unsynchronised:published', 'broke']);
    const broken = comparison.bridges.at(-1)!;
    expect(broken.controlled?.verdict).toBe('violation');
    expect(broken.controlled?.message).toMatch(/^violated(?: at the end)?: \w+: expected .+, found .+/);
    expect(broken.ranks.throughput).toBeNull();
    expect(outcome.stdout).toContain('These broke: do not choose them');
    expect(readFileSync(path.join(folder, 'all.md'), 'utf8')).toContain('## These broke');
  });

  it('measures everything of each', () => {
    for (const { controlled, stress, ...bridge } of comparison.bridges) {
      expect(controlled?.executions).toBeGreaterThan(0);
      expect(stress).toMatchObject({ rounds: 3, batches: 2 * 4 + 3 });
      expect(stress.records).toBeGreaterThan(0);
      expect(bridge.throughput?.median).toBeGreaterThan(0);
      expect(bridge.throughput?.samples).toHaveLength(2);
      expect(bridge.latencyUs?.p50.median).toBeGreaterThan(0);
      expect(bridge.latencyUs?.p999.median).toBeGreaterThanOrEqual(bridge.latencyUs?.p50.median ?? 0);
      expect(bridge.loopDelayMs.timed?.maximum.median).toBeGreaterThan(0);
      expect(bridge.memoryMiB?.median).toBeGreaterThan(0);
      expect(bridge.cpuSecondsPerMillion?.median).toBeGreaterThan(0);
      expect(bridge.scaling.map(({ writers }) => writers)).toEqual([1, 2]);
      expect(bridge.queueDepth.length).toBeGreaterThan(0);
    }
  });

  it('keeps the comparison, and the page beside it', () => {
    const kept = readdirSync(path.join(folder, 'results/compare')).sort();
    expect(kept.map((name) => path.extname(name))).toEqual(['.html', '.json']);
    expect(readComparison(folder, `results/compare/${kept[1] ?? ''}`)).toEqual(comparison);
  });

  describe.skipIf(withoutBrowser)('as a page', () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await startBrowser();
    });
    afterAll(async () => {
      // There is none if it could not be started.
      await (browser as Browser | undefined)?.close();
    });

    it.each(Object.keys(looks) as Look[])('draws every chart, asks for nothing and fits: %s', async (look) => {
      const name = readdirSync(path.join(folder, 'results/compare')).find((file) => file.endsWith('.html'))!;
      const file = path.join(folder, 'results/compare', name);
      const { page, problems, screenshot, close } = await openPage(browser, file, look);
      expect(await page.locator('canvas').count()).toBe(8);
      const hash = (id: string): Promise<string> => page.evaluate(`document.getElementById('${id}').toDataURL()`);
      const blank: string = await page.evaluate(
        `Object.assign(document.createElement('canvas'), { width: latency.width, height: latency.height }).toDataURL()`,
      );
      expect(await hash('latency')).not.toBe(blank);
      expect(await overflowPixels(page)).toBeLessThanOrEqual(0);
      await screenshot('comparison-verdicts');
      await page.locator('.switches').scrollIntoViewIfNeeded();
      await page.locator('#throughput').scrollIntoViewIfNeeded();
      await screenshot('comparison-charts');
      // A bridge that broke is not in the line charts until it is switched on, but always in the intervals.
      const before = [await hash('latency'), await hash('throughput')];
      await page.getByLabel('unsynchronised:published').check();
      expect(await hash('latency')).not.toBe(before[0]);
      expect(await hash('throughput')).toBe(before[1]);
      expect(problems).toEqual([]);
      await close();
    });
  });
});

describe('a comparison that is cut short', () => {
  it('names every bridge there is, for one that there is not', async () => {
    const { exitCode, stdout, stderr } = await runCommand(['compare', 'dual-queues'], temporaryFolder());
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/Unknown bridge "dual-queues".*dual-queue, dual-queue:published/);
  });

  it('begins no round for which there is no time, and says so', async () => {
    const folder = temporaryFolder();
    const flags = ['--controlled', '0', '--rounds', '50', '--scaling-rounds', '0', '--batch', '10ms', '--steady', '0'];
    const { exitCode, stdout } = await runCommand(
      ['compare', 'lock-pair', ...flags, '--budget', '1500ms', '--json', 'all.json'],
      folder,
    );
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/note time ran out after \d+ of 50 rounds/);
    const [bridge] = readComparison(folder, 'all.json').bridges;
    expect(bridge?.stress.rounds).toBeGreaterThan(0);
    expect(bridge?.stress.rounds).toBeLessThan(50);
  });

  it('goes on without a bridge whose processes say nothing, and says so', async () => {
    const folder = temporaryFolder();
    const flags = ['--controlled', '0', '--rounds', '3', '--scaling-rounds', '0', '--json', 'all.json'];
    const silent = ['--hang-timeout', '100ms', '--batch', '1ms', '--steady', '0'];
    const { exitCode, stdout } = await runCommand(['compare', 'actor', ...flags, ...silent], folder);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/nothing happened for 101 ms while it was\s+starting/);
    expect(readComparison(folder, 'all.json')).toMatchObject({
      met: false,
      bridges: [{ id: 'actor', standing: 'broke', stress: { verdict: 'hang', rounds: 2 } }],
      notes: ['actor: given up after 2 processes hung or crashed'],
    });
  });

  it.skipIf(process.platform === 'win32')('keeps what is finished when SIGINT comes', async () => {
    const folder = temporaryFolder();
    const flags = [
      '--controlled',
      '0',
      '--rounds',
      '50',
      '--scaling-rounds',
      '0',
      '--batch',
      '100ms',
      '--steady',
      '100ms',
    ];
    const command = startCommand(
      ['compare', 'lock-pair', 'actor', ...flags, '--heap', '1011', '--json', 'all.json'],
      folder,
    );
    // Each round of a bridge has a process of its own: when the fourth has started, the first is finished.
    const seen = new Set<string>();
    while (seen.size < 4 && command.process.exitCode === null) {
      for (const processId of processesWith('--max-old-space-size=1011')) seen.add(processId);
      await delay(20);
    }
    command.process.kill('SIGINT');
    const { exitCode } = await command.outcome;
    expect(exitCode).toBe(130);
    const comparison = readComparison(folder, 'all.json');
    expect(comparison).toMatchObject({ interrupted: true, met: false });
    expect(Math.max(...comparison.bridges.map(({ stress }) => stress.rounds))).toBeGreaterThan(0);
    expect(processesWith('--max-old-space-size=1011')).toEqual([]);
  });

  it.runIf(process.platform === 'linux')('leaves no process behind when it is killed', async () => {
    const flags = ['--controlled', '0', '--rounds', '50', '--heap', '1012', '--no-save'];
    const command = startCommand(['compare', 'lock-pair', ...flags], temporaryFolder());
    const ours = (): number => processesWith('--max-old-space-size=1012').length;
    await expect.poll(ours, { timeout: 20_000 }).toBeGreaterThan(0);
    command.process.kill('SIGKILL');
    await command.outcome;
    await expect.poll(ours, { timeout: 20_000 }).toBe(0);
  });
});
