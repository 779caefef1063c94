import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../errors.js';
import { scenarioSample } from '../testing/doubles.js';
import { makeProject } from '../testing/from-source.js';
import type { ExplorerSlot, LoadableScenario } from './explorer-pool.js';
import { loadAlone, loadScenario, loadTogether } from './load-scenario.js';
import type { ScenarioFacts } from './protocol.js';

const name = 'scenarios/a.scenario.ts';
let projectDirectory: string;

beforeEach(() => {
  projectDirectory = makeProject({
    [name]: "import './own.js';\nimport { text } from 'stateful';\nexport default { text };\n",
    'scenarios/own.ts': 'export {};\n',
    'scenarios/broken.scenario.ts': 'export default {\n',
    'node_modules/stateful/package.json': '{ "name": "stateful", "type": "module" }',
    'node_modules/stateful/index.js': "export const text = () => 'kept state';\n",
  });
});

type Loaded = readonly [how: 'prepare' | 'inspect', scenario: LoadableScenario];

/** A slot that says this of whatever it loads, and what it has loaded. */
function slotThatSays(facts: Partial<ScenarioFacts> = {}): { slot: ExplorerSlot; loaded: Loaded[] } {
  const loaded: Loaded[] = [];
  const load = (how: Loaded[0]) => (scenario: LoadableScenario) => {
    loaded.push([how, scenario]);
    return Promise.resolve(scenarioSample('a', facts).facts);
  };
  return { slot: { prepare: load('prepare'), inspect: load('inspect') } as unknown as ExplorerSlot, loaded };
}

const isFresh = ({ compiled }: LoadableScenario): boolean => compiled.own.code.includes('kept state');

describe('loadScenario', () => {
  it('has an explorer evaluate it: alone, unless others will do', async () => {
    const { slot, loaded } = slotThatSays({ invariants: ['one'] });
    const file = path.join(projectDirectory, name);
    const scenario = await loadScenario(slot, projectDirectory, file);
    await loadScenario(slot, projectDirectory, file, 'others');
    expect(loaded.map(([how]) => how)).toEqual(['prepare', 'inspect']);
    expect(scenario).toMatchObject({ file: name, facts: { name: 'a', invariants: ['one'] }, compiled: { file } });
    // A slot knows by its identity what it has loaded.
    expect(scenario).toBe(loaded[0]![1]);
    expect(isFresh(scenario)).toBe(false);
  });

  it('compiles it with the packages that it wants evaluated anew, and loads that', async () => {
    const { slot, loaded } = slotThatSays({ freshPackages: ['stateful'] });
    const scenario = await loadScenario(slot, projectDirectory, path.join(projectDirectory, name));
    expect(loaded.map(([, each]) => isFresh(each))).toEqual([false, true]);
    expect(scenario).toBe(loaded[1]![1]);
  });

  it('refuses what does not compile, naming the place, and has nothing evaluated', async () => {
    const { slot, loaded } = slotThatSays();
    const refused = loadScenario(slot, projectDirectory, path.join(projectDirectory, 'scenarios/broken.scenario.ts'));
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(/scenarios\/broken\.scenario\.ts:\d+:\d+/);
    expect(loaded).toEqual([]);
  });
});

describe('loadAlone', () => {
  it('takes the word of the explorer that has nothing but it, but for what was looked for before', async () => {
    const scenario = scenarioSample('a', { realmChanges: ['Array.prototype.at'], expected: 'held' });
    const { slot, loaded } = slotThatSays({ expected: 'hang' });
    expect(await loadAlone(slot, projectDirectory, scenario)).toBe(scenario);
    expect(loaded).toEqual([['prepare', scenario]]);
    expect(scenario.facts).toMatchObject({ expected: 'hang', realmChanges: ['Array.prototype.at'] });
  });

  it('compiles it again if it wants other packages evaluated anew when it is alone', async () => {
    const { slot, loaded } = slotThatSays({ freshPackages: ['stateful'] });
    const scenario = await loadAlone(slot, projectDirectory, scenarioSample('a'));
    expect(loaded).toHaveLength(3);
    expect(isFresh(scenario)).toBe(true);
    expect(scenario.file).toBe(name);
  });
});

describe('loadTogether', () => {
  const files = (...names: string[]): string[] => names.map((one) => path.join(projectDirectory, 'scenarios', one));

  it('shares the files among the slots, and gives what came of each in their order', async () => {
    const slots = [slotThatSays(), slotThatSays()];
    const wanted = files('a.scenario.ts', 'own.ts', 'broken.scenario.ts', 'a.scenario.ts');
    const results = await loadTogether(
      slots.map(({ slot }) => slot),
      projectDirectory,
      wanted,
      () => false,
    );
    expect(results.map((result) => ('error' in result ? 'error' : result.scenario.file))).toEqual([
      'scenarios/a.scenario.ts',
      'scenarios/own.ts',
      'error',
      'scenarios/a.scenario.ts',
    ]);
    expect(slots.map(({ loaded }) => loaded.length > 0)).toEqual([true, true]);
  });

  it('ends with the first fatal error', async () => {
    const { slot, loaded } = slotThatSays();
    const wanted = files('a.scenario.ts', 'broken.scenario.ts', 'own.ts');
    const results = await loadTogether([slot], projectDirectory, wanted);
    expect(results).toHaveLength(2);
    expect(results[1]).toEqual({ error: expect.any(UsageError) as unknown });
    expect(loaded).toHaveLength(1);
  });
});
