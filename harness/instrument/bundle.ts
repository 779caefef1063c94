import path from 'node:path';
import type { Metafile } from 'esbuild';
import { UsageError } from '../errors.js';
import { Compilation } from './compilation.js';
import { bundleParameters, type Bundle, type CompiledScenario } from './compiled.js';
import { findFiles, testRunner } from './find-files.js';
import { savedHarnessBundle, type MarkedBundle } from './harness-bundle.js';
import { evaluatedOnce } from './harness-modules.js';
import { divideModules, type DividedModules } from './link/divide-modules.js';
import { ForAwaitError, linkBundle, LinkError, type LinkedBundle, type LinkOptions } from './link/link-bundle.js';
import type { GraphModule } from './link/module-graph.js';
import { readGraph, type ReadGraphOptions } from './link/read-graph.js';
import { statelessModules } from './link/stateless-modules.js';
import { TextError } from './link/to-javascript.js';
import type { CompileOptions, ProgramOptions } from './program-options.js';
import { moveMarks, numberSites } from './site-marks.js';
import { sourceOf } from './source-files.js';
import { bridgesDirectory, harnessRoot, isHarness, isWithin } from './source-names.js';

/**
 * JavaScript text, once per bundle, for the inline test of element accesses: it remembers the objects it saw last. Code
 * alternates between a few arrays, and asking the runtime about each would cost some 10 ns.
 */
export const prologue =
  'const $tmIsView=ArrayBuffer.isView;let $tmShared,$tmShared2,$tmUnshared,$tmUnshared2,$tmUnshared3,$tmUnshared4;' +
  'const $tmAsk=(o)=>{if($threadmill.isShared(o)){$tmShared2=$tmShared;$tmShared=o;return true}' +
  '$tmUnshared4=$tmUnshared3;$tmUnshared3=$tmUnshared2;$tmUnshared2=$tmUnshared;$tmUnshared=o;return false};' +
  'const $tmSlow=(o)=>o===$tmShared2||o!==$tmUnshared2&&o!==$tmUnshared3&&o!==$tmUnshared4&&$tmAsk(o);' +
  '$threadmill.forget=()=>{$tmShared=$tmShared2=$tmUnshared=$tmUnshared2=$tmUnshared3=$tmUnshared4=void 0};';

/**
 * Bundles a scenario file with its imports, instrumented: what is evaluated for each execution in one bundle, and what can be
 * shared by all executions in another. Nothing is written to disk, nothing is printed.
 *
 * @throws UsageError if a file cannot be found, read or parsed, naming file, line, column and a remedy
 */
export async function compileScenario({ file, ...options }: CompileOptions): Promise<CompiledScenario> {
  return compileProgram({ ...options, entry: { kind: 'file', file } });
}

/**
 * The same for anything that a program may run: a file, such as that of a worker, or a text. Several programs can be evaluated
 * side by side if their bundles have different names and their sites different numbers:
 * `compileProgram({ entry, projectDirectory, bundleName: 'threadmill-program-1', firstSite: allSitesSoFar.length })`.
 *
 * @throws UsageError as compileScenario
 */
export async function compileProgram(options: ProgramOptions): Promise<CompiledScenario> {
  const harness = options.instrument === false ? undefined : savedHarnessBundle();
  const compiled = harness === undefined ? undefined : await compileBeside(harness, options);
  return compiled ?? compileWhole(options);
}

/** With the modules of the harness in the bundle of what is shared. */
async function compileWhole(options: ProgramOptions): Promise<CompiledScenario> {
  const program = await readProgram(await findProgram(new Compilation(options), options));
  return compiledOf(options, program, program.roots.size === 0 ? null : linkShared(program, packagesName(options)));
}

/**
 * With the bundle of the harness that the build has saved in place of that of what is shared. Undefined if that is not enough,
 * because the program uses packages too.
 */
async function compileBeside(harness: MarkedBundle, options: ProgramOptions): Promise<CompiledScenario | undefined> {
  const compilation = new Compilation(options, harness);
  const found = await findProgram(compilation, options);
  if ([...compilation.loaded.keys()].some((file) => compilation.isPackage(file) && !isHarness(file))) return undefined;
  const program = await readProgram(found);
  if (!compilation.usesHarness) return compiledOf(options, program, null);
  const { code, sourceMap, esModules, isAsync, sited, inputs } = harness;
  const { sites } = compilation;
  const packages = {
    code: numberSites(code, sites.next),
    sourceMap,
    esModules,
    isAsync,
    fileName: packagesName(options),
  };
  for (const { file, name, places } of sited) sites.add(places, name, file);
  return compiledOf(options, program, packages, inputs);
}

/** Compiles what scenarios can import of the harness and is evaluated once, for the build to save it. */
export async function compileHarness(): Promise<MarkedBundle> {
  const text = Object.keys(evaluatedOnce)
    .map((specifier) => `import '${specifier}';`)
    .join('\n');
  const options: ProgramOptions = {
    entry: { kind: 'text', text, directory: harnessRoot, format: 'module', name: 'harness' },
    projectDirectory: harnessRoot,
    firstSite: 1,
  };
  const compilation = new Compilation(options);
  const program = await readProgram(await findProgram(compilation, options));
  const { fileName: _, ...bundle } = linkShared(program, packagesName(options), (marked, first) =>
    moveMarks(marked, first - 1),
  );
  const sited = [...compilation.firstSites.keys()].map((file) => ({
    name: compilation.relative(file),
    file,
    places: compilation.transformed.get(file)?.sites ?? [],
  }));
  return {
    ...bundle,
    sited: sited.filter(({ places }) => places.length > 0),
    inputs: [...program.shared.values()].map(({ file }) => file),
  };
}

/** A program whose files are known. */
interface FoundProgram {
  readonly compilation: Compilation;
  /** The file that it begins with. */
  readonly file: string;
  readonly metafile: Metafile;
}

async function findProgram(
  compilation: Compilation,
  { entry, projectDirectory }: ProgramOptions,
): Promise<FoundProgram> {
  const file =
    entry.kind === 'file' ? sourceOf(path.resolve(projectDirectory, entry.file)) : (compilation.entryText?.file ?? '');
  return { compilation, file, metafile: await findFiles(compilation, file) };
}

/** A program whose modules are read and divided. */
interface ReadProgram extends FoundProgram, DividedModules {
  /** The module that it begins with. */
  readonly entryId: string;
  readonly modules: ReadonlyMap<string, GraphModule>;
}

async function readProgram(found: FoundProgram): Promise<ReadProgram> {
  const { compilation, metafile } = found;
  const modules = await readTexts(compilation, {
    inputs: Object.entries(metafile.inputs),
    outputs: Object.values(metafile.outputs),
    projectDirectory: compilation.projectDirectory,
    loaded: compilation.loaded,
    given: compilation.entryText,
    onlyDeclares: (one) => isWithin(one, bridgesDirectory),
    isPackage: (one) => compilation.isPackage(one),
    firstSite: (one) => compilation.firstSites.get(one),
    external: (one, specifier) => compilation.externals.get(`${one} ${specifier}`),
  });
  const entryId = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint !== undefined)?.entryPoint ?? '';
  const divided = divideModules(modules, entryId, statelessModules(modules, compilation.freshPackages));
  return { ...found, entryId, modules, ...divided };
}

const packagesName = ({ bundleName }: ProgramOptions): string =>
  bundleName === undefined ? 'threadmill-packages.js' : `${bundleName}-packages.js`;

function linkShared(program: ReadProgram, fileName: string, putSites = numberSites): Bundle {
  const roots = new Map([...program.roots].map(([id, root]) => [id, root.module]));
  return link(program, { modules: program.shared, result: { kind: 'getters', modules: roots }, fileName, putSites });
}

type LinkParts = Pick<LinkOptions, 'modules' | 'result' | 'isOffered' | 'fileName' | 'putSites'>;

function link({ compilation, roots }: ReadProgram, parts: LinkParts): Bundle {
  const isModule = (id: string): boolean =>
    id === 'fast-check' || id === testRunner || (compilation.harness !== undefined && Object.hasOwn(evaluatedOnce, id));
  const { code, map, isAsync } = linked(compilation, {
    ...parts,
    formatOf: (id) =>
      isModule(id) ? 'module' : (roots.get(id)?.format ?? compilation.loadedByNode.get(id) ?? 'built-in'),
    parameters: bundleParameters,
    prologue,
    place: (one, position) => compilation.place(one, position),
    mayMiss: compilation.mayMiss,
  });
  return { code, fileName: parts.fileName, sourceMap: map, esModules: esModulesIn(parts.modules), isAsync };
}

/** @param inputs files of which there are no modules in the program */
function compiledOf(
  { bundleName, isOffered }: ProgramOptions,
  program: ReadProgram,
  packages: Bundle | null,
  inputs: readonly string[] = [],
): CompiledScenario {
  const { compilation, file, entryId, modules, own } = program;
  const { sites } = compilation;
  return {
    file,
    own: link(program, {
      modules: own,
      result: { kind: 'exports', entry: entryId },
      isOffered,
      fileName: `${bundleName ?? 'threadmill-scenario'}.js`,
      putSites: numberSites,
    }),
    packages,
    projectDirectory: compilation.projectDirectory,
    freshPackages: [...compilation.freshPackages],
    external: compilation.external,
    firstSite: sites.first,
    sites: sites.sites,
    calls: Int32Array.from(sites.calls),
    files: sites.files,
    mayEditRealm: compilation.mayEditRealm,
    inputs: [...[...modules.values()].map((module) => module.file), ...inputs].filter(
      (one) => one !== compilation.entryText?.file,
    ),
  };
}

function esModulesIn(modules: ReadonlyMap<string, GraphModule>): string[] {
  return [...modules.values()].filter(({ isCommonJs }) => !isCommonJs).map(({ file }) => file);
}

/** The modules of a program. Errors name the file of the module. */
async function readTexts(compilation: Compilation, options: ReadGraphOptions): ReturnType<typeof readGraph> {
  try {
    return await readGraph(options);
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    throw compilation.fail(`${compilation.place(error.file, error.position)}: ${error.message}. Correct the syntax.`);
  }
}

function linked(compilation: Compilation, options: LinkOptions): LinkedBundle {
  try {
    return linkBundle(options);
  } catch (error) {
    if (error instanceof ForAwaitError) throw new UsageError(`${error.message}.`);
    if (!(error instanceof LinkError)) throw error;
    const { module, specifier, name } = error.missing;
    const said = compilation.refused.get(module.file);
    if (said?.message.includes(`"${name}"`) === true) throw said;
    const position = compilation.transformed.get(module.file)?.imports.get(specifier) ?? { line: 1, column: 1 };
    throw new UsageError(`${compilation.place(module.file, position)}: ${error.message}. Correct it and run again.`);
  }
}
