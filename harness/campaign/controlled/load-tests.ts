import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { compileScenario } from '../../instrument/bundle.js';
import type { CompiledScenario } from '../../instrument/compiled.js';
import type { Position } from '../../instrument/lines.js';
import { UsageError } from '../../errors.js';
import { spellPlace } from '../../place.js';
import type { LeftOutTest } from '../../results/schema.js';
import { buildLibrary } from '../../test-files/build-library.js';
import type { TestOptions } from '../../test-files/options.js';
import { readTestText } from '../../test-files/read-test-text.js';
import type { CollectedTest } from '../../test-files/test-world.js';
import { concernsOneFile, UnreadableTests } from '../breaking-scenario.js';
import type { ExplorerSlot } from './explorer-pool.js';
import type { LoadedScenario } from './load-scenario.js';
import type { ScenarioFacts } from './protocol.js';

/** What came of loading a file of tests. */
export interface LoadedTests {
  /** Each test that can be explored. */
  readonly tests: readonly LoadedScenario[];
  readonly leftOut: readonly LeftOutTest[];
  /** What tests of the file cannot have, each with its place. */
  readonly notes: readonly string[];
}

/**
 * Compiles a file of tests, and has an explorer collect them. Each test becomes something that is explored like a scenario.
 *
 * @throws UsageError naming file, place and remedy if the file does not compile, cannot be collected, or has a wrong comment
 */
export async function loadTests(slot: ExplorerSlot, projectDirectory: string, file: string): Promise<LoadedTests> {
  const name = path.relative(projectDirectory, file).replaceAll('\\', '/');
  const text = readTestText(file, await readFile(file, 'utf8'));
  const { freshPackages = [] } = text.options;
  const compiled = await compileScenario({ file, projectDirectory, hasTests: true, freshPackages });
  const library = await buildLibrary();
  const loadOne = (test: string | null, limits: TestOptions['limits'] = {}): LoadedScenario['tests'] => ({
    library,
    selection: { test, name: test === null ? name : `${name} > ${test}`, limits, freshPackages },
  });
  const spelled = (position: Position): string => spellPlace({ file: name, ...position });
  const facts = await slot.inspect({ compiled, file: name, tests: loadOne(null) });
  const collected = facts.tests ?? [];
  const places = placesOf(collected, compiled);
  const options = text.optionsOf(places);
  const [wrong] = text.wrong;
  if (wrong !== undefined) throw new UsageError(`${spelled(wrong.position)}: threadmill: ${wrong.problem}`);
  const unavailable = new Set(text.unavailable.flatMap((one) => text.needing(one, places)));
  const tests: LoadedScenario[] = [];
  const leftOut: LeftOutTest[] = [];
  for (const [index, test] of collected.entries()) {
    const { skip, runs, budgetMs, strategy, limits } = options[index]!;
    const whole = `${name} > ${test.name}`;
    if (skip === true || test.mode !== 'run') leftOut.push({ name: whole, file: name, why: 'skipped' });
    else if (unavailable.has(index)) leftOut.push({ name: whole, file: name, why: 'unavailable' });
    else {
      tests.push({
        compiled,
        file: name,
        tests: loadOne(test.name, limits),
        facts: factsOf(facts, whole, limits),
        options: {
          ...(runs === undefined ? {} : { runs }),
          ...(budgetMs === undefined ? {} : { budgetMs }),
          ...(strategy === undefined ? {} : { strategy }),
        },
      });
    }
  }
  return { tests, leftOut, notes: text.unavailable.map(({ position, message }) => `${spelled(position)}: ${message}`) };
}

function factsOf(facts: ScenarioFacts, name: string, limits: TestOptions['limits']): ScenarioFacts {
  const { tests: _, ...rest } = facts;
  return { ...rest, name, limits: { ...rest.limits, ...limits } };
}

/** Where the tests are declared in their file; null for those that another file declares. */
function placesOf(tests: readonly CollectedTest[], { own, file }: CompiledScenario): (Position | null)[] {
  const map = new TraceMap(own.sourceMap);
  return tests.map(({ position }) => {
    if (position === null) return null;
    const { source, line, column } = originalPositionFor(map, { line: position.line, column: position.column - 1 });
    return source === file ? { line, column: column + 1 } : null;
  });
}

/** What came of loading one file of several. */
export type LoadedTestFile = LoadedTests | { readonly error: unknown };

/** Loads files of tests, several at a time. A file that cannot be loaded does not prevent the others. */
export async function loadTestFiles(
  slots: readonly ExplorerSlot[],
  projectDirectory: string,
  files: readonly string[],
): Promise<readonly LoadedTestFile[]> {
  const loaded: LoadedTestFile[] = [];
  let next = 0;
  const serve = async (slot: ExplorerSlot): Promise<void> => {
    while (next < files.length) {
      const index = next++;
      const file = files[index]!;
      try {
        loaded[index] = await loadTests(slot, projectDirectory, file);
      } catch (error) {
        const name = path.relative(projectDirectory, file).replaceAll('\\', '/');
        const isOfFile = error instanceof UsageError && !concernsOneFile(error);
        loaded[index] = { error: isOfFile ? new UnreadableTests(name, error.message) : error };
      }
    }
  };
  await Promise.all(slots.map(serve));
  return loaded;
}

/** Whether a test is one of those that were asked for: by its own name, or by that of a suite around it. */
export function isNamed(test: string, names: readonly string[]): boolean {
  return names.length === 0 || names.some((name) => test === name || test.startsWith(`${name} > `));
}

/** The name of the test in its file, for what is saved. */
export function testOf({ tests }: Pick<LoadedScenario, 'tests'>): { readonly test?: string } {
  const test = tests?.selection.test ?? undefined;
  return test === undefined ? {} : { test };
}
