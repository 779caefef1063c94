import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import type * as bundleModule from '../../harness/instrument/bundle.js';
import type { CompiledScenario } from '../../harness/instrument/compiled.js';
import type * as harnessModule from '../../harness/instrument/harness-bundle.js';
import { makeUserProject, packageDirectory } from './command.js';

const built = async <Module>(file: string): Promise<Module> =>
  (await import(pathToFileURL(path.join(packageDirectory, 'dist/harness/instrument', file)).href)) as Module;
const { compileHarness, compileScenario } = await built<typeof bundleModule>('bundle.js');
const { savedHarnessBundle } = await built<typeof harnessModule>('harness-bundle.js');

const ofHarness = ['threadmill', 'threadmill/invariants', 'threadmill/record-table'];

/** A scenario file that imports these names from these modules. */
async function compile(imports: Readonly<Record<string, string>>): Promise<CompiledScenario> {
  const project = makeUserProject();
  mkdirSync(path.join(project, 'node_modules/other'));
  writeFileSync(path.join(project, 'node_modules/other/index.js'), 'module.exports = (list) => list[0];');
  const lines = Object.entries(imports).map(([specifier, names]) => `import ${names} from '${specifier}';`);
  const used = Object.values(imports).map((names) => /\w+(?= \}|$)/.exec(names)?.[0]);
  writeFileSync(path.join(project, 'a.scenario.mjs'), `${lines.join('\n')}\nexport default [[${used.join()}][0]];\n`);
  return compileScenario({ file: 'a.scenario.mjs', projectDirectory: project });
}

it('what the build has saved of the harness is what compiling it now gives', async () => {
  /** Which points have which numbers depends on which file was read first. */
  const withPlaces = (
    bundle: harnessModule.MarkedBundle | undefined,
  ): { readonly code: string; readonly rest: unknown } => {
    const places = bundle?.sited.flatMap(({ name, places }) =>
      places.map(({ position }) => `${name}:${position.line}:${position.column}`),
    );
    const code = bundle?.code.replaceAll(/\$tmS(\d+)/g, (_, number) => places?.[Number(number)] ?? 'nowhere') ?? '';
    return { code, rest: { ...bundle, code, sited: new Set(bundle?.sited), inputs: new Set(bundle?.inputs) } };
  };
  const now = await compileHarness();
  expect(withPlaces(savedHarnessBundle()).code).toBe(withPlaces(now).code);
  expect(withPlaces(savedHarnessBundle())).toEqual(withPlaces(now));
});

it('it has the places that it has where it is compiled beside other packages', async () => {
  const imports = Object.fromEntries(ofHarness.map((specifier, index) => [specifier, `* as m${index}`]));
  const saved = await compile(imports);
  const made = await compile({ ...imports, other: 'other' });
  const sitesOfHarness = ({ sites }: CompiledScenario): ReadonlySet<unknown> =>
    new Set(sites.filter((site) => site?.file.startsWith('threadmill:') === true));
  expect(sitesOfHarness(saved).size).toBeGreaterThan(20);
  expect(sitesOfHarness(saved)).toEqual(sitesOfHarness(made));
  /** The places that reads and writes of elements name, in their order. */
  const placesInCode = ({ packages, sites }: CompiledScenario): unknown[] =>
    [...(packages?.code ?? '').matchAll(/\$threadmill\.[rw]\([^()]*?,(\d+) *[,)]/g)]
      .map(([, number]) => sites[Number(number)])
      .filter((site) => site?.file.startsWith('threadmill:') === true);
  expect(placesInCode(saved).length).toBeGreaterThan(5);
  expect(placesInCode(saved)).toEqual(placesInCode(made));
  const { sources } = JSON.parse(saved.packages?.sourceMap ?? '') as { sources: string[] };
  expect([...sources, ...saved.inputs].filter((file) => !existsSync(file))).toEqual([]);
});

it('a program that imports nothing of it has none of it', async () => {
  expect((await compile({})).packages).toBeNull();
});
