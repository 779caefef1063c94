import { relative, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { compileScenario } from '../../instrument/bundle.js';
import type { CompiledScenario } from '../../instrument/compiled.js';
import type { RunOptions } from '../api.js';
import type { ExplorerSlot, LoadableScenario } from './explorer-pool.js';
import type { ScenarioFacts } from './protocol.js';

export interface LoadedScenario extends LoadableScenario {
  readonly facts: ScenarioFacts;
  /** How it is explored, where that differs from the rest of the run. */
  readonly options?: Partial<Pick<RunOptions, 'runs' | 'budgetMs' | 'strategy'>>;
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

/** What came of loading one file. */
export type Loaded = { readonly scenario: LoadedScenario } | { readonly error: unknown };

/**
 * Loads scenarios in the company of each other, several at a time: while explorers evaluate some, the next are compiled.
 *
 * @param isFatal whether no file after the one with this error needs to be loaded
 * @returns what came of each file, in order; it ends with the first fatal error
 */
export async function loadTogether(
  slots: readonly ExplorerSlot[],
  projectDirectory: string,
  files: readonly string[],
  isFatal: (error: unknown) => boolean = () => true,
): Promise<readonly Loaded[]> {
  const ahead = new Map<number, Promise<CompiledScenario>>();
  const compile = (index: number): Promise<CompiledScenario> | undefined => {
    const file = files[index];
    const started = ahead.get(index);
    if (file === undefined || started !== undefined) return started;
    const compiling = compileScenario({ file, projectDirectory });
    // What is wrong with a file is said when its turn comes.
    compiling.catch(() => undefined);
    ahead.set(index, compiling);
    return compiling;
  };
  const loaded: Loaded[] = [];
  let next = 0;
  let end = files.length;
  const serve = async (slot: ExplorerSlot): Promise<void> => {
    while (next < end) {
      const index = next++;
      const file = files[index]!;
      const compiling = compile(index);
      void compile(index + slots.length);
      try {
        const loading: Loading = { slot, projectDirectory, file, company: 'others' };
        loaded[index] = { scenario: await evaluate(loading, await compiling!) };
      } catch (error) {
        loaded[index] = { error };
        if (isFatal(error)) end = Math.min(end, index + 1);
      }
      ahead.delete(index);
    }
  };
  await Promise.all(slots.map(serve));
  return loaded.slice(0, end);
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
