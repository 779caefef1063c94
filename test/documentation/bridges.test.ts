import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { recordBridges } from 'threadmill/bridges/records';
import type { ListedScenario } from '../../harness/campaign/api.js';
import { formatExpectation } from '../../harness/report/text/words.js';
import { packageDirectory, runCommand } from '../end-to-end/command.js';
import { readDocument, tableOf } from './markdown.js';

const document = readDocument('docs/bridges.md');
const faults = [...tableOf(document, 'published design').rows, ...tableOf(document, 'pitfall').rows];
/** The last three cells of both tables: the verdict, the scenario, and the scenario of the fix. */
const cellsOf = (row: readonly string[]): readonly [verdict: string, scenario: string, repaired: string] => {
  const [verdict = '', scenario = '', repaired = ''] = row.slice(-3);
  return [verdict, linkedFile(scenario), linkedFile(repaired)];
};

function linkedFile(cell: string): string {
  const target = /\]\((\S+)\)/.exec(cell)?.[1] ?? '';
  return path.posix.join('docs', target);
}

describe('docs/bridges.md', async () => {
  const { stdout } = await runCommand(['list', '--json'], packageDirectory);
  const scenarios = JSON.parse(stdout) as readonly ListedScenario[];
  const expectations = new Map(scenarios.map(({ file, expected }) => [file, formatExpectation(expected)]));

  it('says of each fault what its scenario expects, and of each repair that it holds', () => {
    const told = faults.map((row) => cellsOf(row));
    expect(told.map(([verdict, scenario]) => `${scenario}: ${verdict}`)).toEqual(
      told.map(([, scenario]) => `${scenario}: ${expectations.get(scenario) ?? 'no such scenario'}`),
    );
    expect(told.filter(([, , repaired]) => expectations.get(repaired) !== 'held').map(([, , file]) => file)).toEqual(
      [],
    );
  });

  it('has each fault of a published design put right by the hardened one of the same bridge', () => {
    const wrong = faults
      .map((row) => cellsOf(row))
      .filter(([, scenario, repaired]) => {
        const [bridge = '', variant] = scenario.split('/published/');
        return variant !== undefined && !repaired.startsWith(`${bridge}/hardened/`);
      });
    expect(wrong).toEqual([]);
  });

  it('leaves out no scenario of a bridge, or of a pitfall, that breaks', () => {
    const folders = readdirSync(path.join(packageDirectory, 'scenarios')).filter(
      (name) => name === 'pitfall' || existsSync(path.join(packageDirectory, 'bridges', name)),
    );
    const known = new Set(faults.map((row) => cellsOf(row)[1]));
    const missing = scenarios.filter(
      ({ file, expected }) => folders.includes(file.split('/')[1] ?? '') && expected !== 'held' && !known.has(file),
    );
    expect(missing.map(({ file }) => file)).toEqual([]);
  });
});

describe('bridges/README.md', () => {
  it('says of bridges that carry records what they say themselves', () => {
    const rows = tableOf(readDocument('bridges/README.md'), 'carries records').rows;
    const promised = recordBridges().map(({ name, variant, promises }) => [
      `${name}, ${variant}`,
      promises.delivery,
      promises.order,
      promises.freshness,
      promises.bounds,
      promises.whoMayBlock,
      promises.shutdown,
    ]);
    expect(rows).toEqual(promised);
  });
});
