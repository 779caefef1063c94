import path from 'node:path';
import { UsageError } from '../errors.js';
import { Compilation } from './compilation.js';
import { bundleParameters, type Bundle, type CompiledScenario } from './compiled.js';
import { findFiles, testRunner } from './find-files.js';
import { divideModules } from './link/divide-modules.js';
import { ForAwaitError, linkBundle, LinkError, type LinkedBundle, type LinkOptions } from './link/link-bundle.js';
import type { GraphModule } from './link/module-graph.js';
import { readGraph, type ReadGraphOptions } from './link/read-graph.js';
import { statelessModules } from './link/stateless-modules.js';
import { TextError } from './link/to-javascript.js';
import type { CompileOptions, ProgramOptions } from './program-options.js';
import { sourceOf } from './source-files.js';
import { bridgesDirectory, isWithin } from './source-names.js';

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
  const compilation = new Compilation(options);
  const { entry, bundleName, projectDirectory } = options;
  const file =
    entry.kind === 'file' ? sourceOf(path.resolve(projectDirectory, entry.file)) : (compilation.entryText?.file ?? '');
  const metafile = await findFiles(compilation, file);
  const modules = await readTexts(compilation, {
    inputs: Object.entries(metafile.inputs),
    outputs: Object.values(metafile.outputs),
    projectDirectory,
    loaded: compilation.loaded,
    given: compilation.entryText,
    onlyDeclares: (one) => isWithin(one, bridgesDirectory),
    isPackage: (one) => compilation.isPackage(one),
    firstSite: (one) => compilation.firstSites.get(one),
    external: (one, specifier) => compilation.externals.get(`${one} ${specifier}`),
  });
  const entryId = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint !== undefined)?.entryPoint ?? '';
  const { own, shared, roots } = divideModules(modules, entryId, statelessModules(modules, compilation.freshPackages));
  const link = (fileName: string, parts: Pick<LinkOptions, 'modules' | 'result' | 'isOffered'>): Bundle => {
    const { code, map, isAsync } = linked(compilation, {
      ...parts,
      formatOf: (id) =>
        id === 'fast-check' || id === testRunner
          ? 'module'
          : (roots.get(id)?.format ?? compilation.loadedByNode.get(id) ?? 'built-in'),
      parameters: bundleParameters,
      prologue,
      fileName,
      place: (one, position) => compilation.place(one, position),
      mayMiss: compilation.mayMiss,
    });
    return { code, fileName, sourceMap: map, esModules: esModulesIn(parts.modules), isAsync };
  };
  return {
    file,
    own: link(`${bundleName ?? 'threadmill-scenario'}.js`, {
      modules: own,
      result: { kind: 'exports', entry: entryId },
      isOffered: options.isOffered,
    }),
    packages:
      roots.size === 0
        ? null
        : link(bundleName === undefined ? 'threadmill-packages.js' : `${bundleName}-packages.js`, {
            modules: shared,
            result: { kind: 'getters', modules: new Map([...roots].map(([id, root]) => [id, root.module])) },
          }),
    projectDirectory: compilation.projectDirectory,
    freshPackages: [...compilation.freshPackages],
    external: compilation.external,
    firstSite: compilation.sites.first,
    sites: compilation.sites.sites,
    calls: Int32Array.from(compilation.sites.calls),
    files: compilation.sites.files,
    mayEditRealm: compilation.mayEditRealm,
    inputs: [...modules.values()].map((module) => module.file).filter((one) => one !== compilation.entryText?.file),
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
