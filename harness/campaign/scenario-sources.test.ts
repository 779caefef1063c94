import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.js';
import { scenarioSources } from './scenario-sources.js';
import { makeProject } from './testing/from-source.js';
import { leadElsewhere, makeLinkedProject } from './testing/linked-project.js';

describe('scenarioSources', () => {
  it('has the code of the bundle, within the project and its packages, by the names that traces have of it', async () => {
    const project = makeLinkedProject();
    const sources = await scenarioSources(project, { name: 'a', file: 'scenarios/a.scenario.ts' }, 'a.json');
    expect([...sources.keys()].sort()).toEqual([
      'node_modules/a/index.js',
      'scenarios/a.scenario.ts',
      'scenarios/own.ts',
    ]);
    expect(sources.get('scenarios/own.ts')).toBe(path.join(project, 'scenarios/own.ts'));
  });

  it.each(leadElsewhere)('refuses "%s", and quotes nothing of it', async (name) => {
    const refusal = scenarioSources(makeLinkedProject(), { name: 'a', file: name }, 'a.json');
    await expect(refusal).rejects.toThrow(UsageError);
    await expect(refusal).rejects.not.toThrow(/secret/);
  });

  it('has the harness by names that are the same everywhere', async () => {
    const project = makeProject({ 'a.scenario.ts': "import 'threadmill/bridges';\nexport default {};\n" });
    const sources = await scenarioSources(project, { name: 'a', file: 'a.scenario.ts' }, 'a.json');
    const bridge = [...sources].find(([name]) => name.startsWith('threadmill:bridges/actor/'));
    expect(bridge?.[1]).toMatch(/bridges[\\/]actor[\\/]/);
    expect([...sources.keys()].filter((name) => name.includes('..') || path.isAbsolute(name))).toEqual([]);
  });

  it('evaluates nothing', async () => {
    const project = makeProject({ 'a.scenario.ts': "globalThis.evaluated = true;\nthrow new Error('evaluated');\n" });
    expect([...(await scenarioSources(project, { name: 'a', file: 'a.scenario.ts' }, 'a.json')).keys()]).toEqual([
      'a.scenario.ts',
    ]);
    expect(globalThis).not.toHaveProperty('evaluated');
  });

  it('refuses what does not compile', async () => {
    const project = makeProject({ 'a.scenario.ts': 'export default {' });
    const refusal = scenarioSources(project, { name: 'a', file: 'a.scenario.ts' }, 'a.json');
    await expect(refusal).rejects.toThrow(UsageError);
    await expect(refusal).rejects.toThrow(/^a\.scenario\.ts:1:/);
  });
});
