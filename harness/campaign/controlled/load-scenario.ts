import { relative, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { compileScenario } from '../../instrument/bundle.js';
import type { ExplorerSlot, LoadableScenario } from './explorer-pool.js';
import type { ScenarioFacts } from './protocol.js';

export interface LoadedScenario extends LoadableScenario {
  readonly facts: ScenarioFacts;
}

/**
 * Compiles a scenario file and has an explorer evaluate and check it; user code never runs in this process.
 *
 * @param company `others` is quicker, and enough to find mistakes: the explorer may have evaluated other files before. To
 *   rely on the scenario's executions, it must then be loaded `alone`, which is the default
 * @throws UsageError naming file, place and remedy if the file does not compile or is not a scenario
 */
export async function loadScenario(
  slot: ExplorerSlot,
  projectDirectory: string,
  file: string,
  company: 'alone' | 'others' = 'alone',
): Promise<LoadedScenario> {
  const load = (scenario: LoadableScenario): Promise<ScenarioFacts> =>
    company === 'alone' ? slot.prepare(scenario) : slot.inspect(scenario);
  const name = relative(projectDirectory, file).replaceAll('\\', '/');
  const loadable = { compiled: await compileScenario({ file, projectDirectory }), file: name };
  const facts = await load(loadable);
  if (facts.freshPackages.length === 0) return bind(loadable, facts);
  const fresh = {
    compiled: await compileScenario({ file, projectDirectory, freshPackages: facts.freshPackages }),
    file: name,
  };
  return bind(fresh, await load(fresh));
}

/** Gives a scenario that was loaded together with others an explorer of its own, and uses the facts that this one reports. */
export async function loadAlone(
  slot: ExplorerSlot,
  projectDirectory: string,
  scenario: LoadedScenario,
): Promise<LoadedScenario> {
  const { freshPackages, realmChanges } = scenario.facts;
  const facts = await slot.prepare(scenario);
  if (isDeepStrictEqual(facts.freshPackages, freshPackages)) return bind(scenario, { ...facts, realmChanges });
  return loadScenario(slot, projectDirectory, resolve(projectDirectory, scenario.file), 'alone');
}

// The slots recognise what they have loaded by identity, so the facts join the very object they were given.
const bind = (loadable: LoadableScenario, facts: ScenarioFacts): LoadedScenario => Object.assign(loadable, { facts });
