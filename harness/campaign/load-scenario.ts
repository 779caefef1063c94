import { relative } from 'node:path';
import { compileScenario } from '../instrument/bundle.js';
import type { ExplorerSlot, LoadableScenario } from './explorer-pool.js';
import type { ScenarioFacts } from './protocol.js';

export interface LoadedScenario extends LoadableScenario {
  readonly facts: ScenarioFacts;
}

/**
 * Compiles a scenario file and has an explorer evaluate and check it; user code never runs in this process.
 *
 * @throws UsageError naming file, place and remedy if the file does not compile or is not a scenario
 */
export async function loadScenario(
  slot: ExplorerSlot,
  projectDirectory: string,
  file: string,
): Promise<LoadedScenario> {
  const name = relative(projectDirectory, file).replaceAll('\\', '/');
  const loadable = { compiled: await compileScenario({ file, projectDirectory }), file: name };
  const facts = await slot.prepare(loadable);
  if (facts.freshPackages.length === 0) return bind(loadable, facts);
  const fresh = {
    compiled: await compileScenario({ file, projectDirectory, freshPackages: facts.freshPackages }),
    file: name,
  };
  return bind(fresh, await slot.prepare(fresh));
}

// The slots recognise what they have loaded by identity, so the facts join the very object they were given.
const bind = (loadable: LoadableScenario, facts: ScenarioFacts): LoadedScenario => Object.assign(loadable, { facts });
