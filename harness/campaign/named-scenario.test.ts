import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.js';
import { namedScenarioFile } from './named-scenario.js';
import { scenarioSources } from './scenario-sources.js';

/** A project next to a folder that is not part of it. */
function makeProject(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'threadmill-named-'));
  const at = (name: string): string => path.join(folder, name);
  for (const name of ['project/scenarios', 'project/folder.scenario.ts', 'project/node_modules/a', 'outside']) {
    mkdirSync(at(name), { recursive: true });
  }
  const secret = 'secret one\nsecret two\n';
  for (const name of ['outside/evil.scenario.ts', 'outside/evil.txt', 'outside/lines.ts', 'project/.env']) {
    writeFileSync(at(name), secret);
  }
  const imports = ['./own.js', './data.json', 'a', '../linked.js'];
  const text = `${imports.map((name) => `import '${name}';`).join('\n')}\nexport default {};\n`;
  writeFileSync(at('project/scenarios/a.scenario.ts'), text);
  writeFileSync(at('project/scenarios/own.ts'), 'export {};\n');
  writeFileSync(at('project/scenarios/data.json'), '{}\n');
  writeFileSync(at('project/node_modules/a/index.js'), 'exports.a = 1;\n');
  writeFileSync(at('project/node_modules/a/b.scenario.js'), '');
  writeFileSync(at('outside/linked.js'), 'export {};\n');
  symlinkSync('../outside/linked.js', at('project/linked.js'));
  symlinkSync('../../outside/evil.scenario.ts', at('project/scenarios/link.scenario.ts'));
  symlinkSync('../../outside', at('project/scenarios/out'));
  symlinkSync('a.scenario.ts', at('project/scenarios/alias.scenario.ts'));
  return at('project');
}

const leadElsewhere = [
  '../outside/evil.scenario.ts',
  '../outside/evil.txt',
  'scenarios/../../outside/evil.scenario.ts',
  'scenarios/link.scenario.ts',
  'scenarios/out/evil.scenario.ts',
  'node_modules/a/b.scenario.js',
  'folder.scenario.ts',
  'scenarios/gone.scenario.ts',
  'scenarios/own.ts',
  '.env',
  '.',
  '',
];

describe('namedScenarioFile', () => {
  it('finds the scenarios of the project', () => {
    const project = makeProject();
    for (const name of ['scenarios/a.scenario.ts', './scenarios/a.scenario.ts', 'scenarios/alias.scenario.ts']) {
      expect(namedScenarioFile(project, name, 'a.json')).toBe(path.join(project, name));
    }
  });

  it.each([...leadElsewhere, '/etc/passwd'])('refuses "%s", and quotes nothing of it', (name) => {
    const project = makeProject();
    const find = (): string => namedScenarioFile(project, name, 'a.json');
    expect(find).toThrow(UsageError);
    expect(find).toThrow(/^a\.json names /);
    expect(find).not.toThrow(/secret/);
    const absolute = path.resolve(project, name);
    if (name.startsWith('..')) expect(() => namedScenarioFile(project, absolute, 'a.json')).toThrow(UsageError);
  });
});

describe('scenarioSources', () => {
  it('has the code of the bundle, within the project and its packages, by the names that traces have of it', async () => {
    const project = makeProject();
    const sources = await scenarioSources(project, 'scenarios/a.scenario.ts', 'a.json');
    expect([...sources.keys()].sort()).toEqual([
      'node_modules/a/index.js',
      'scenarios/a.scenario.ts',
      'scenarios/own.ts',
    ]);
    expect(sources.get('scenarios/own.ts')).toBe(path.join(project, 'scenarios/own.ts'));
  });

  it.each(leadElsewhere)('refuses "%s", and quotes nothing of it', async (name) => {
    const refusal = scenarioSources(makeProject(), name, 'a.json');
    await expect(refusal).rejects.toThrow(UsageError);
    await expect(refusal).rejects.not.toThrow(/secret/);
  });
});
