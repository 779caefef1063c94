import { relative, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { compileScenario } from '../../instrument/bundle.js';
import type { CompiledScenario } from '../../instrument/compiled.js';
import type { ExplorerSlot, LoadableScenario } from './explorer-pool.js';
import type { ScenarioFacts } from './protocol.js';

export interface LoadedScenario extends LoadableScenario {
  readonly facts: ScenarioFacts;
}

interface Loading {
  readonly slot: ExplorerSlot;
  readonly projectDirectory: string;
  readonly file: string;
  readonly company: 'alone' | 'others';
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
  return evaluate({ slot, projectDirectory, file, company }, await compileScenario({ file, projectDirectory }));
}

/**
 * Loads scenarios in the company of each other, in order: while an explorer evaluates one, the next is compiled.
 *
 * @returns a function that loads the file at an index, and throws what `loadScenario` does
 */
export function loadInTurn(
  slot: ExplorerSlot,
  projectDirectory: string,
  files: readonly string[],
): (index: number) => Promise<LoadedScenario> {
  const ahead = new Map<number, Promise<CompiledScenario>>();
  const compile = (index: number): void => {
    const file = files[index];
    if (file === undefined || ahead.has(index)) return;
    const compiling = compileScenario({ file, projectDirectory });
    // What is wrong with a file is said when its turn comes.
    compiling.catch(() => undefined);
    ahead.set(index, compiling);
  };
  return async (index) => {
    const file = files[index];
    if (file === undefined) throw new RangeError(`no file ${index} of ${files.length}`);
    compile(index);
    compile(index + 1);
    const compiling = ahead.get(index) ?? compileScenario({ file, projectDirectory });
    ahead.delete(index);
    return evaluate({ slot, projectDirectory, file, company: 'others' }, await compiling);
  };
}

async function evaluate(loading: Loading, compiled: CompiledScenario): Promise<LoadedScenario> {
  const { slot, projectDirectory, file, company } = loading;
  const load = (scenario: LoadableScenario): Promise<ScenarioFacts> =>
    company === 'alone' ? slot.prepare(scenario) : slot.inspect(scenario);
  const name = relative(projectDirectory, file).replaceAll('\\', '/');
  const loadable = { compiled, file: name };
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
