import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import type {
  BuildFailure,
  BuildResult,
  OnLoadResult,
  OnResolveArgs,
  OnResolveResult,
  Plugin,
  PluginBuild,
} from 'esbuild';
import { HarnessError, UsageError } from '../errors.js';
import type { Site } from '../results/schema.js';
import { bundleParameters, type Bundle, type CompiledScenario } from './compiled.js';
import { buildSteadily } from './esbuild-service.js';
import type { Position } from './lines.js';
import { linkBundle, LinkError, type ExternalFormat, type LinkOptions } from './link/link-bundle.js';
import { anyExports, outlineOf } from './link/outline.js';
import { readGraph, type LoadedText, type ReadGraphOptions } from './link/read-graph.js';
import { TextError } from './link/to-javascript.js';
import { packageName } from './package-name.js';
import { prepareText, type PreparedText } from './prepare-text.js';
import type { SitePlace } from './site-marks.js';
import { sourceOf } from './source-of.js';
import { bridgesDirectory, harnessRoot, isWithin, sourceName } from './source-names.js';
import { isModule, isValid, SourceError, type TransformResult } from './transform.js';
import { spellPlace } from '../place.js';

/** What a program begins with. */
export type ProgramEntry =
  | {
      readonly kind: 'file';
      /** JavaScript, TypeScript or JSON. Relative ones are relative to the project. */
      readonly file: string;
    }
  | {
      readonly kind: 'text';
      readonly text: string;
      /** Absolute. Relative specifiers are relative to it. */
      readonly directory: string;
      readonly format: 'module' | 'commonjs' | 'json';
      /** As Node names it: `__filename` of CommonJS, such as `[worker eval]`, or `import.meta.url`, such as a `data:` URL. */
      readonly name: string;
    };

/** How to compile anything that a program may run. */
export interface ProgramOptions {
  readonly entry: ProgramEntry;
  /** Absolute. Sites and messages name files relative to it. */
  readonly projectDirectory: string;
  /** npm packages to evaluate again for each execution, with the scenario's own files. Default none. */
  readonly freshPackages?: readonly string[] | undefined;
  /** Whether it is a file of tests, for which the engine has modules in place of vitest and node:test. Default false. */
  readonly hasTests?: boolean | undefined;
  /** Whether to add scheduling points; without them, the code runs at its normal speed. Default true. */
  readonly instrument?: boolean | undefined;
  /**
   * The beginning of the names of the bundles' files: unique among the bundles that one agent evaluates. Default
   * `threadmill-scenario`.
   */
  readonly bundleName?: string | undefined;
  /**
   * The number of the first site: as many as there are already in the bundles that are evaluated beside this one. Default 0,
   * the unknown site, which only the first program has.
   */
  readonly firstSite?: number | undefined;
}

export interface CompileOptions extends Omit<ProgramOptions, 'entry' | 'bundleName' | 'firstSite'> {
  /** The scenario file; relative ones are relative to the project. */
  readonly file: string;
}

/** The harness's own modules: next to this file, as TypeScript if this file is TypeScript. */
const extension = path.extname(fileURLToPath(import.meta.url));
/** Specifiers of the harness, wherever it is installed. Bridges are part of the experiment: each execution gets fresh ones. */
const evaluatedAfresh: Readonly<Record<string, string>> = {
  'threadmill/bridges': path.join(bridgesDirectory, `index${extension}`),
  'threadmill/bridges/records': path.join(bridgesDirectory, `records${extension}`),
  'threadmill/bridges/hostile': path.join(bridgesDirectory, `hostile${extension}`),
};
const evaluatedOnce: Readonly<Record<string, string>> = {
  threadmill: path.join(harnessRoot, 'harness', `authoring${extension}`),
  'threadmill/invariants': path.join(harnessRoot, 'invariants', `index${extension}`),
  'threadmill/record-table': path.join(harnessRoot, 'harness', 'scenario', `record-table${extension}`),
};

/** What files of tests import. Of node:test, which is built in, the engine has its own in any case. */
const testRunner = 'vitest';

/** Files without an extension are JavaScript, as in Node. */
const instrumented = /(?:\.[cm]?[jt]sx?|[\\/][^.\\/]+)$/;
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

/** Numbers the scheduling points of the bundles being made. */
class SiteTable {
  readonly first: number;
  readonly sites: (Site | null)[];
  readonly calls: number[] = [];
  readonly files: string[] = [];

  constructor(first: number) {
    this.first = first;
    this.sites = first === 0 ? [null] : [];
  }

  /**
   * Gives the scheduling points of a file their numbers, one after another.
   *
   * @param file as sites name it
   * @param absolute as stacks name it
   * @returns the first of them
   */
  add(places: readonly SitePlace[], file: string, absolute: string): number {
    const first = this.first + this.sites.length;
    const index = this.files.push(absolute) - 1;
    for (const { position, called } of places) {
      const site = this.first + this.sites.push({ file, line: position.line, column: position.column }) - 1;
      for (const { line, column } of called) this.calls.push(site, index, line, column);
    }
    return first;
  }
}

/** A text that is not in a file, as if it were in one. */
interface EntryText {
  readonly file: string;
  readonly text: string;
  readonly name: string;
}

/** How the file of a text would end. */
const textExtensions = { module: '.mjs', commonjs: '.cjs', json: '.json' } as const;

function entryText(entry: ProgramEntry): EntryText | undefined {
  if (entry.kind === 'file') return undefined;
  const { text, directory, format, name } = entry;
  const base = name.startsWith('data:') ? '[data]' : path.basename(name).replaceAll(/[^\w.[\] -]/g, '_');
  return { file: path.join(directory, `${base}${textExtensions[format]}`), text, name };
}

/** Shared by both bundles of one program. */
class Compilation {
  readonly projectDirectory: string;
  readonly freshPackages: ReadonlySet<string>;
  readonly instrument: boolean;
  readonly hasTests: boolean;
  readonly sites: SiteTable;
  readonly entryText: EntryText | undefined;
  readonly inputs = new Set<string>();
  /** The result of transforming each file, for messages that point into it. */
  readonly transformed = new Map<string, TransformResult>();
  /** The texts of the files, as given to the bundler. */
  readonly loaded = new Map<string, LoadedText>();
  /** The number of each file's first scheduling point. */
  readonly firstSites = new Map<string, number>();
  /** What each file's specifiers mean to the engine's `require`, by file and specifier. */
  readonly externals = new Map<string, string>();
  /** Module ids that the bundle of own files requires, with their files. */
  readonly packages = new Map<string, string>();
  /** How those, and anything else left to the engine's `require`, provide their exports. */
  readonly externalFormats = new Map<string, ExternalFormat>([
    ['fast-check', 'module'],
    [testRunner, 'module'],
  ]);
  mayEditRealm = false;
  /** Files that the bundler rejects although they are valid, with its error. */
  readonly refused = new Map<string, UsageError>();
  /** An error that already has its message; esbuild only reports that there was one. */
  failure: UsageError | undefined;

  constructor(options: ProgramOptions) {
    this.sites = new SiteTable(options.firstSite ?? 0);
    this.entryText = entryText(options.entry);
    this.projectDirectory = options.projectDirectory;
    this.freshPackages = new Set(options.freshPackages);
    this.instrument = options.instrument ?? true;
    this.hasTests = options.hasTests ?? false;
  }

  relative(file: string): string {
    if (file === this.entryText?.file) return path.basename(file, path.extname(file));
    return sourceName(this.projectDirectory, file);
  }

  place(file: string, position: Position): string {
    return spellPlace({ file: this.relative(file), ...position });
  }

  fail(message: string): UsageError {
    this.failure ??= new UsageError(message);
    return this.failure;
  }

  isFresh(file: string): boolean {
    const name = packageName(file);
    return name !== undefined && this.freshPackages.has(name);
  }

  isPackage(file: string): boolean {
    return packageName(file) !== undefined && !isWithin(file, bridgesDirectory) && !this.isFresh(file);
  }
}

/**
 * Bundles a scenario file with its imports, instrumented: its own files and bridges in one bundle, npm packages
 * and the harness's authoring functions in another. Nothing is written to disk, nothing is printed.
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
  const { entry, bundleName } = options;
  const file =
    entry.kind === 'file'
      ? sourceOf(path.resolve(options.projectDirectory, entry.file))
      : (compilation.entryText?.file ?? '');
  const own = await makeBundle(compilation, {
    fileName: `${bundleName ?? 'threadmill-scenario'}.js`,
    entry: { kind: 'file', file },
    plugin: ownPlugin(compilation),
  });
  let packages: Bundle | null = null;
  if (compilation.packages.size > 0) {
    const requires = [...compilation.packages.values()].map((target) => `require(${JSON.stringify(target)});`);
    packages = await makeBundle(compilation, {
      fileName: bundleName === undefined ? 'threadmill-packages.js' : `${bundleName}-packages.js`,
      entry: { kind: 'text', text: requires.join('\n') },
      plugin: packagesPlugin(compilation),
    });
  }
  return {
    file,
    own,
    packages,
    projectDirectory: compilation.projectDirectory,
    freshPackages: [...compilation.freshPackages],
    firstSite: compilation.sites.first,
    sites: compilation.sites.sites,
    calls: Int32Array.from(compilation.sites.calls),
    files: compilation.sites.files,
    mayEditRealm: compilation.mayEditRealm,
    inputs: [...compilation.inputs].filter((one) => one !== compilation.entryText?.file),
  };
}

interface BundleOptions {
  readonly fileName: string;
  readonly entry: { readonly kind: 'file'; readonly file: string } | { readonly kind: 'text'; readonly text: string };
  readonly plugin: Plugin;
}

const packagesEntry = 'threadmill-packages-entry.js';

/** The modules of a bundle. Errors name the file of the module. */
async function readTexts(
  compilation: Compilation,
  options: ReadGraphOptions,
): Promise<Awaited<ReturnType<typeof readGraph>>> {
  try {
    return await readGraph(options);
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    throw compilation.fail(`${compilation.place(error.file, error.position)}: ${error.message}. Correct the syntax.`);
  }
}

async function makeBundle(compilation: Compilation, options: BundleOptions): Promise<Bundle> {
  const { projectDirectory } = compilation;
  const { entry } = options;
  const bundle = (): Promise<BuildResult<{ write: false; metafile: true }>> =>
    buildSteadily({
      ...(entry.kind === 'file'
        ? { entryPoints: [entry.file] }
        : {
            stdin: {
              contents: entry.text,
              resolveDir: projectDirectory,
              sourcefile: packagesEntry,
              loader: 'js' as const,
            },
          }),
      absWorkingDir: projectDirectory,
      outfile: path.join(projectDirectory, options.fileName),
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
      // The bundler finds the files and their errors; its output text is not used. This format accepts sloppy code too.
      format: 'cjs',
      target: 'node20',
      // Files may claim to have no side effects, but Node would evaluate them anyway.
      ignoreAnnotations: entry.kind === 'file',
      legalComments: 'none',
      logLevel: 'silent',
      logLimit: 1,
      plugins: [options.plugin],
    });
  let result: Awaited<ReturnType<typeof bundle>> | undefined;
  while (result === undefined) {
    try {
      result = await bundle();
    } catch (error) {
      if (error instanceof HarnessError) throw error;
      const described =
        compilation.failure ??
        describeFailure(compilation, error, entry.kind === 'file' ? entry.file : projectDirectory);
      const file = compilation.failure === undefined ? refusedFile(compilation, error) : undefined;
      if (file === undefined) throw described;
      compilation.refused.set(file, described);
    }
  }
  const { metafile } = result;
  const known = metafile.inputs[packagesEntry]?.imports ?? [];
  const roots = new Map(
    [...compilation.packages].flatMap(([id, target]) => {
      const found = known.find(({ original, path: resolved }) => (original ?? resolved) === target);
      return found === undefined ? [] : [[id, found.path] as const];
    }),
  );
  const modules = await readTexts(compilation, {
    inputs: Object.entries(metafile.inputs).filter(([id]) => id !== packagesEntry),
    outputs: Object.values(metafile.outputs),
    projectDirectory,
    loaded: compilation.loaded,
    given: compilation.entryText,
    onlyDeclares: (file) => isWithin(file, bridgesDirectory),
    firstSite: (file) => compilation.firstSites.get(file),
    external: (file, specifier) => compilation.externals.get(`${file} ${specifier}`),
  });
  for (const { file } of modules.values()) compilation.inputs.add(file);
  const entryId = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint !== undefined)?.entryPoint ?? '';
  const { code, map } = linked(compilation, {
    modules,
    result: entry.kind === 'file' ? { kind: 'exports', entry: entryId } : { kind: 'getters', modules: roots },
    formatOf: (id) => compilation.externalFormats.get(id) ?? 'commonjs',
    parameters: bundleParameters,
    prologue,
    fileName: options.fileName,
    mayMiss: compilation.refused.size > 0,
  });
  const esModules = [...modules.values()].filter(({ isCommonJs }) => !isCommonJs).map((module) => module.file);
  return { code, fileName: options.fileName, sourceMap: map, esModules };
}

/** The file that the bundler rejected, if it is valid and its outline was not tried yet. */
function refusedFile(compilation: Compilation, error: unknown): string | undefined {
  const message = (error as Partial<BuildFailure>).errors?.[0];
  if (message === undefined || message.location === null || message.text.startsWith('Could not resolve'))
    return undefined;
  const file = path.resolve(compilation.projectDirectory, message.location.file);
  const loaded = compilation.loaded.get(file);
  if (loaded === undefined || compilation.refused.has(file) || !isValid(file, loaded.code)) return undefined;
  return file;
}

function linked(compilation: Compilation, options: LinkOptions): ReturnType<typeof linkBundle> {
  try {
    return linkBundle(options);
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    const { module, specifier, name } = error.missing;
    const said = compilation.refused.get(module.file);
    if (said?.message.includes(`"${name}"`) === true) throw said;
    const position = compilation.transformed.get(module.file)?.imports.get(specifier) ?? { line: 1, column: 1 };
    throw new UsageError(`${compilation.place(module.file, position)}: ${error.message}. Correct it and run again.`);
  }
}

/** Makes the message for an error that esbuild found; esbuild's positions are in the instrumented text. */
function describeFailure(compilation: Compilation, error: unknown, entryFile: string): UsageError {
  const message = (error as Partial<BuildFailure>).errors?.[0];
  if (message?.text.startsWith('Could not resolve') === true && message.location === null) {
    return new UsageError(
      `${compilation.relative(entryFile)}: no such file. Give the path of a scenario file, relative to the project.`,
    );
  }
  if (message === undefined)
    return new UsageError(`${compilation.relative(entryFile)}: could not be compiled: ${String(error)}`);
  const { location } = message;
  if (location === null) return new UsageError(`${compilation.relative(entryFile)}: ${message.text}`);
  const file = path.resolve(compilation.projectDirectory, location.file);
  const missing = /^Could not resolve "(.*)"$/.exec(message.text)?.[1];
  if (missing !== undefined) return notFound(compilation, missing, file);
  const made = compilation.transformed.get(file);
  let position: Position = { line: location.line, column: location.column + 1 };
  if (made !== undefined) {
    const original = originalPositionFor(new TraceMap(made.map), { line: location.line, column: location.column });
    if (original.line !== null) position = { line: original.line, column: original.column + 1 };
  }
  return new UsageError(`${compilation.place(file, position)}: ${message.text}. Correct it and run again.`);
}

/** Marks resolutions that the plugins start themselves. */
const resolving = { threadmill: 'resolving' };

/** What a specifier resolves to, or undefined if it is not found: then esbuild will report it. */
async function resolvedFile(context: PluginBuild, args: OnResolveArgs): Promise<string | undefined> {
  const { importer, namespace, resolveDir, kind } = args;
  const result = await context.resolve(args.path, { importer, namespace, resolveDir, kind, pluginData: resolving });
  return result.errors.length > 0 || result.external || result.namespace !== 'file' ? undefined : result.path;
}

/** Whether a name leads to nothing: code that requests it at run time then gets an error. */
async function isNowhere(context: PluginBuild, args: OnResolveArgs): Promise<boolean> {
  if (Object.hasOwn(evaluatedOnce, args.path) || Object.hasOwn(evaluatedAfresh, args.path)) return false;
  const { importer, namespace, resolveDir, kind } = args;
  const { errors } = await context.resolve(args.path, { importer, namespace, resolveDir, kind, pluginData: resolving });
  return errors.length > 0;
}

function notFound(compilation: Compilation, specifier: string, importer: string): UsageError {
  const position = compilation.transformed.get(importer)?.imports.get(specifier) ?? { line: 1, column: 1 };
  const isFile = /^\.{0,2}\//.test(specifier);
  const remedy = isFile
    ? 'Correct the path, or create the file.'
    : `Install it (npm install ${packageNameOf(specifier)}), or correct the name.`;
  return new UsageError(
    `${compilation.place(importer, position)}: cannot find ${isFile ? 'the file' : 'the package'} "${specifier}". ${remedy}`,
  );
}

function packageNameOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Marks what `require` will look for from its own file, as in Node, if and when it is called. */
const leftToRunTime = { threadmill: 'left to run time' };
const whenCalled = (args: Pick<OnResolveArgs, 'path'>): OnResolveResult => ({
  path: args.path,
  external: true,
  pluginData: leftToRunTime,
});

/** Records what a resolution left to the engine's `require`. */
function noting(compilation: Compilation, resolve: (args: OnResolveArgs) => Promise<OnResolveResult | undefined>) {
  return async (args: OnResolveArgs): Promise<OnResolveResult | undefined> => {
    if (args.pluginData === resolving) return undefined;
    const result = await resolve(args);
    if (result?.external === true && result.pluginData !== leftToRunTime)
      compilation.externals.set(`${args.importer} ${args.path}`, result.path ?? args.path);
    return result;
  };
}

/** What both bundles leave to the engine's `require`. */
function external({ hasTests }: Compilation, specifier: string): OnResolveResult | undefined {
  if (specifier === 'fast-check' || (hasTests && specifier === testRunner)) return { path: specifier, external: true };
  if (specifier === anyExports) return whenCalled({ path: specifier });
  if (isBuiltin(specifier))
    return { path: specifier.startsWith('node:') ? specifier : `node:${specifier}`, external: true };
  return undefined;
}

async function load(compilation: Compilation, file: string, isOwn: boolean): Promise<OnLoadResult | undefined> {
  const given = file === compilation.entryText?.file ? compilation.entryText.text : undefined;
  if (given !== undefined && file.endsWith('.json')) return { contents: given, loader: 'json' };
  if (!instrumented.test(file)) return undefined;
  const known = compilation.refused.has(file) ? compilation.loaded.get(file) : undefined;
  if (known !== undefined) {
    const { projectDirectory } = compilation;
    const contents = await outlineOf(known, known.isModule, { ...known, file, projectDirectory });
    return { contents, loader: 'js', resolveDir: path.dirname(file) };
  }
  let source: string;
  try {
    source = given ?? (await readFile(file, 'utf8'));
  } catch (error) {
    throw compilation.fail(
      `${compilation.relative(file)}: cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)}). Check the path and its permissions.`,
    );
  }
  // Invariants look at the store from outside the execution.
  const isOutside = !isOwn && isWithin(file, path.join(harnessRoot, 'invariants'));
  let prepared: PreparedText;
  try {
    prepared = prepareText({ file, source, instrument: compilation.instrument && !isOutside });
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw compilation.fail(`${compilation.place(file, error.position)}: ${error.message}. ${error.remedy}`);
  }
  const { text, transformed, importsWithOptions } = prepared;
  compilation.loaded.set(file, text);
  if (transformed !== undefined) {
    compilation.transformed.set(file, transformed);
    compilation.firstSites.set(file, compilation.sites.add(transformed.sites, compilation.relative(file), file));
    if (isOwn && transformed.mayEditRealm) compilation.mayEditRealm = true;
  }
  // The bundler looks for files by literal names only if nothing is told besides.
  const contents = text.code + importsWithOptions.map((name) => `\n;()=>import(${name});`).join('');
  return { contents, loader: text.language, resolveDir: path.dirname(file) };
}

function ownPlugin(compilation: Compilation): Plugin {
  /** A module of the packages bundle, with the id by which the bundle of own files requires it. */
  const fromPackages = async (id: string, file: string): Promise<OnResolveResult> => {
    if (!compilation.packages.has(id)) {
      compilation.packages.set(id, file);
      compilation.externalFormats.set(id, await formatOf(file));
    }
    return { path: id, external: true };
  };
  return {
    name: 'threadmill-own',
    setup(context) {
      const resolve = async (args: OnResolveArgs): Promise<OnResolveResult | undefined> => {
        const text = compilation.entryText;
        if (args.kind === 'entry-point') return text === undefined ? undefined : { path: text.file };
        if (args.kind === 'require-resolve') return whenCalled(args);
        const outside = external(compilation, args.path);
        if (outside !== undefined) return outside;
        if (args.kind === 'dynamic-import' && (await isNowhere(context, args))) return whenCalled(args);
        const harness = evaluatedOnce[args.path];
        if (harness !== undefined) return fromPackages(args.path, harness);
        const bridge = evaluatedAfresh[args.path];
        if (bridge !== undefined) return { path: bridge };
        // Left to esbuild wherever possible: what a plugin resolves loses the "type" of its package.json.
        if (/^\.{0,2}\//.test(args.path) && !/node_modules|\.node$/.test(args.path)) return undefined;
        const file = await resolvedFile(context, args);
        if (file === undefined) return undefined;
        if (file.endsWith('.node')) return { path: file, external: true };
        return compilation.isPackage(file) ? fromPackages(file, file) : undefined;
      };
      context.onResolve({ filter: /.*/ }, noting(compilation, resolve));
      context.onLoad({ filter: /.*/, namespace: 'file' }, (args) => load(compilation, args.path, true));
    },
  };
}

function packagesPlugin(compilation: Compilation): Plugin {
  return {
    name: 'threadmill-packages',
    setup(context) {
      const resolve = async (args: OnResolveArgs): Promise<OnResolveResult | undefined> => {
        if (args.kind === 'require-resolve') return whenCalled(args);
        const outside = external(compilation, args.path);
        if (outside !== undefined) return outside;
        const harness = evaluatedOnce[args.path] ?? evaluatedAfresh[args.path];
        if (harness !== undefined) return { path: harness };
        if (args.kind !== 'require-call' && args.kind !== 'dynamic-import') return undefined;
        const file = await resolvedFile(context, args);
        // Packages may request optional modules that are not installed, and work without them.
        if (file === undefined) return whenCalled(args);
        return file.endsWith('.node') ? { path: file, external: true } : undefined;
      };
      context.onResolve({ filter: /.*/ }, noting(compilation, resolve));
      context.onLoad({ filter: /.*/, namespace: 'file' }, (args) => load(compilation, args.path, false));
    },
  };
}

/** Whether a package's file is an ES module: then imports get its exports, otherwise `module.exports` and its properties. */
async function formatOf(file: string): Promise<ExternalFormat> {
  return instrumented.test(file) && isModule(file, await readFile(file, 'utf8')) ? 'module' : 'commonjs';
}
