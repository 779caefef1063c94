import { beforeAll, describe, expect, it } from 'vitest';
import { makeUserProject } from '../end-to-end/command.js';
import { knownDifferences } from './known-differences.js';
import { runControlled, type ControlledResult } from './run-controlled.js';
import { runPlain, type PlainResult } from './run-plain.js';
import { themes } from './themes.js';
import { folderOf } from './worker-case.js';

const project = makeUserProject();

it('has a folder of its own for each case', () => {
  const folders = themes.flatMap(({ name, cases }) => cases.map(({ title }) => `${name}/${folderOf(title)}`));
  expect(new Set(folders).size).toBe(folders.length);
});

describe.each(themes)('plain Node: $name', (theme) => {
  let results: ReadonlyMap<string, PlainResult>;
  beforeAll(async () => {
    results = await runPlain(project, theme);
  }, 300_000);

  it.each(theme.cases)('$title', ({ title, logs, crash }) => {
    const result = results.get(title);
    expect({ logs: result?.logs, failed: result?.exitCode !== 0 }).toEqual({ logs, failed: crash !== undefined });
    if (crash !== undefined) expect(result?.stderr).toMatch(crash);
  });
});

describe.each(themes)('under control: $name', (theme) => {
  let results: ReadonlyMap<string, ControlledResult>;
  beforeAll(async () => {
    results = await runControlled(project, theme);
  }, 300_000);

  it.each(theme.cases)('$title', ({ title, crash, controlled }) => {
    const result = results.get(title);
    if (knownDifferences.has(title)) {
      expect(result?.verdict).not.toBe('held');
      return;
    }
    if (controlled !== undefined)
      expect(result).toEqual({
        verdict: controlled.verdict,
        message: expect.stringMatching(controlled.message) as string,
      });
    else if (crash === undefined) expect(result).toEqual({ verdict: 'held', message: '' });
    else expect(result).toEqual({ verdict: 'crash', message: expect.stringMatching(crash) as string });
  });
});
