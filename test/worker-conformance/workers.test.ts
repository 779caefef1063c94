import { beforeAll, describe, expect, it } from 'vitest';
import { makeUserProject } from '../end-to-end/command.js';
import { runControlled, type ControlledResult } from './run-controlled.js';
import { runPlain } from './run-plain.js';
import { themes } from './themes.js';
import { folderOf } from './worker-case.js';

const project = makeUserProject();
const everyCase = themes.flatMap(({ name, cases }) => cases.map((workerCase) => ({ theme: name, workerCase })));

it('has a folder of its own for each case', () => {
  const folders = everyCase.map(({ theme, workerCase }) => `${theme}/${folderOf(workerCase.title)}`);
  expect(new Set(folders).size).toBe(folders.length);
});

describe.concurrent.each(themes)('plain Node: $name', ({ name, cases }) => {
  it.each(cases)('$title', async (workerCase) => {
    const { logs, exitCode, stderr } = await runPlain(project, name, workerCase);
    expect({ logs, failed: exitCode !== 0 }).toEqual({
      logs: workerCase.logs,
      failed: workerCase.crash !== undefined,
    });
    if (workerCase.crash !== undefined) expect(stderr).toMatch(workerCase.crash);
  });
});

describe('the controlled engine', () => {
  let results: ReadonlyMap<string, ControlledResult>;
  beforeAll(async () => {
    results = await runControlled(project, themes);
  }, 600_000);

  it.each(everyCase)('$theme: $workerCase.title', ({ theme, workerCase: { title, crash } }) => {
    const result = results.get(`${theme}: ${title}`);
    if (crash === undefined) expect(result).toEqual({ verdict: 'held', message: '' });
    else expect(result).toEqual({ verdict: 'crash', message: expect.stringMatching(crash) as string });
  });
});
