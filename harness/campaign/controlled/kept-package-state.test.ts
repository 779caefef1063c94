import { beforeAll, describe, expect, it } from 'vitest';
import { compileScenario } from '../../instrument/bundle.js';
import type { CompiledScenario } from '../../instrument/compiled.js';
import type { ExecutionResult } from '../../engine/execution-result.js';
import { foundSample, PlayedSlot, scenarioSample, sessionSample, violationSample } from '../testing/doubles.js';
import { makeProject } from '../testing/from-source.js';
import type { CampaignFailure } from './explore-scenario.js';
import { withKeptPackages } from './kept-package-state.js';

const packages = ['ant', 'bee', 'cat', '@dog/e'];
const marker = (name: string): string => `the package ${name}`;
/** Packages that look as if they could be shared. */
const text = `${packages.map((name, number) => `import { mark as mark${number} } from '${name}';`).join('\n')}
import 'threadmill';
export default { marks: [${packages.map((_, number) => `mark${number}`).join(', ')}] };
`;

let projectDirectory: string;
let compiled: CompiledScenario;

beforeAll(async () => {
  const modules = packages.flatMap((name): [string, string][] => [
    [`node_modules/${name}/package.json`, `{ "name": "${name}", "type": "module" }`],
    [`node_modules/${name}/index.js`, `export const mark = () => '${marker(name)}';`],
  ]);
  projectDirectory = makeProject({ 'a.scenario.ts': text, ...Object.fromEntries(modules) });
  compiled = await compileScenario({ file: 'a.scenario.ts', projectDirectory });
});

const twoTraces: ExecutionResult = violationSample({
  verdict: 'uncontrolled',
  failure: { verdict: 'uncontrolled', message: 'Two traces.' },
  hasTwoTraces: true,
});

interface Given {
  readonly executionResult?: ExecutionResult;
  readonly freshPackages?: readonly string[];
  readonly isStopped?: () => boolean;
}

/**
 * Asks about a scenario in which these packages keep state.
 *
 * @returns what the message says of it, and the packages that were evaluated anew, for each time that was tried
 */
async function search(
  keeping: readonly string[],
  { executionResult = twoTraces, freshPackages = [], isStopped = () => false }: Given = {},
): Promise<{ failure: CampaignFailure; said: string; tried: string[][] }> {
  const tried: string[][] = [];
  let replays = 0;
  const slot = new PlayedSlot({
    replay: (_, scenario) => {
      const fresh = packages.filter((name) => scenario.compiled.own.code.includes(marker(name)));
      if (tried.at(-1)?.join() !== fresh.join()) tried.push(fresh);
      const agrees = keeping.every((name) => fresh.includes(name));
      return { kind: 'replayed', executionResult: { ...executionResult, traceHash: agrees ? 'ab' : `${replays++}` } };
    },
  });
  const { session } = sessionSample([slot], { options: { projectDirectory }, isStopped });
  const scenario = { ...scenarioSample('a', { freshPackages }), compiled };
  const failure = await withKeptPackages(session, scenario, {
    ...foundSample('0', { executionResult }),
    executionsToFind: 1,
  });
  const said = (failure.executionResult.failure?.message ?? '').replace(executionResult.failure?.message ?? '', '');
  return { failure, said, tried };
}

describe('withKeptPackages', () => {
  it.each(packages)('finds the one package that keeps state: %s', async (name) => {
    const { said, tried } = await search([name]);
    expect(said).toContain(`The traces agree if ${name} is evaluated again`);
    expect(said).toContain(`Add freshPackages: ['${name}'] to the scenario.`);
    // The first are all there are; what comes with the harness is none of the project's.
    expect(tried[0]?.toSorted()).toEqual(packages.toSorted());
  });

  it('names all that are left when no half alone will do', async () => {
    expect((await search(['@dog/e', 'ant'])).said).toContain(`Add freshPackages: ['@dog/e', 'ant'] to the scenario.`);
    expect((await search(['ant', 'cat'])).said).toContain(`freshPackages: ['@dog/e', 'ant', 'bee', 'cat']`);
  });

  it('does not name what the scenario has evaluated anew already', async () => {
    const { said, tried } = await search(['@dog/e', 'bee'], { freshPackages: ['cat'] });
    expect(said).toContain(`freshPackages: ['@dog/e', 'ant', 'bee']`);
    for (const fresh of tried) expect(fresh).toContain('cat');
  });

  it('adds nothing if it is not packages', async () => {
    const { said, tried } = await search(['none of them']);
    expect(said).toBe('');
    expect(tried).toHaveLength(1);
  });

  it.each<[string, Given]>([
    ['of another kind', { executionResult: violationSample() }],
    ['of a run that is stopped', { isStopped: () => true }],
  ])('returns a failure %s as it is, and tries nothing', async (_, given) => {
    const { failure, tried } = await search(['ant'], given);
    expect(failure.executionResult).toBe(given.executionResult ?? twoTraces);
    expect(tried).toEqual([]);
  });
});
