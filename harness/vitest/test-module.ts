import type { ScenarioTestOptions } from './options.js';

/** Marks an import of the scenario itself. Without it, importing a scenario file gives the test made of it. */
export const sourceQuery = '?threadmill-source';

const minuteMs = 60_000;
const timeoutMsDefault = 5 * minuteMs;

export interface TestModuleInput {
  /** The scenario file, absolute. */
  readonly file: string;
  readonly projectDirectory: string;
  /** The module that runs the scenario, absolute. */
  readonly runtimeFile: string;
  readonly options: ScenarioTestOptions;
}

/**
 * The code of the test made of a scenario file. It imports the scenario although the campaign loads it again: the
 * import gives vitest the files to watch, and the test its name.
 */
export function testModule({ file, projectDirectory, runtimeFile, options }: TestModuleInput): string {
  const timeoutMs = testTimeoutMs(options);
  return `import { test } from 'vitest';
import { runScenarioTest, scenarioTestName } from ${JSON.stringify(runtimeFile)};

const place = ${JSON.stringify({ file, projectDirectory, options })};
// A scenario that cannot be loaded is reported by the test, in the words of the command line.
const loaded = await import(${JSON.stringify(file + sourceQuery)}).catch(() => undefined);
test(scenarioTestName(loaded, place), { timeout: ${timeoutMs} }, ({ signal }) => runScenarioTest(place, signal));
`;
}

function testTimeoutMs({ timeoutMs, budgetMs, repeat = 1 }: ScenarioTestOptions): number {
  return timeoutMs ?? (budgetMs === undefined ? timeoutMsDefault : budgetMs * repeat + minuteMs);
}
