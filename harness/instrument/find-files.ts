import { existsSync, realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import type {
  BuildFailure,
  BuildResult,
  Metafile,
  OnLoadResult,
  OnResolveArgs,
  OnResolveResult,
  Plugin,
  PluginBuild,
  ResolveResult,
} from 'esbuild';
import { HarnessError, UnresolvedImport, UsageError } from '../errors.js';
import type { Compilation } from './compilation.js';
import { buildSteadily } from './esbuild-service.js';
import { evaluatedAfresh, evaluatedOnce } from './harness-modules.js';
import type { Position } from './lines.js';
import { anyExports, outlineOf } from './link/outline.js';
import type { ExternalFormat } from './link/link-bundle.js';
import { isModuleByName } from './link/package-type.js';
import type { LoadedText } from './link/read-graph.js';
import { prepareText, type PreparedText } from './prepare-text.js';
import { sourceOf } from './source-files.js';
import { harnessRoot, isHarness, isWithin } from './source-names.js';
import { isModule, isValid, SourceError } from './transform.js';

/** What files of tests import. Of node:test, which is built in, the engine has its own in any case. */
export const testRunner = 'vitest';

/** Files without an extension are JavaScript, as in Node. */
const instrumented = /(?:\.[cm]?[jt]sx?|[\\/][^.\\/]+)$/;

/**
 * Finds everything that a file needs, and loads the texts into the compilation.
 *
 * @param entry absolute
 * @throws UsageError if a file cannot be found, read or parsed
 */
export async function findFiles(compilation: Compilation, entry: string): Promise<Metafile> {
  compilation.entry = entry;
  const { projectDirectory } = compilation;
  const bundle = (): Promise<BuildResult<{ write: false; metafile: true }>> =>
    buildSteadily({
      entryPoints: [entry],
      absWorkingDir: projectDirectory,
      outfile: path.join(projectDirectory, 'threadmill-bundle.js'),
      bundle: true,
      write: false,
      metafile: true,
      platform: 'node',
      // The bundler finds the files and their errors; its output text is not used. This format accepts sloppy code too.
      format: 'cjs',
      target: 'node20',
      // Files may claim to have no side effects, but Node would evaluate them anyway.
      ignoreAnnotations: true,
      legalComments: 'none',
      logLevel: 'silent',
      logLimit: 1,
      plugins: [plugin(compilation)],
    });
  for (;;) {
    try {
      return (await bundle()).metafile;
    } catch (error) {
      if (error instanceof HarnessError) throw error;
      const described = compilation.failure ?? describeFailure(compilation, error, entry);
      const file = compilation.failure === undefined ? refusedFile(compilation, error) : undefined;
      if (file === undefined) throw described;
      compilation.refused.set(file, described);
    }
  }
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

/** What esbuild itself makes of a specifier. */
function resolved(context: PluginBuild, args: OnResolveArgs): Promise<ResolveResult> {
  const { importer, namespace, resolveDir, kind } = args;
  return context.resolve(args.path, { importer, namespace, resolveDir, kind, pluginData: resolving });
}

function notFound(compilation: Compilation, specifier: string, importer: string): UnresolvedImport {
  const position = compilation.transformed.get(importer)?.imports.get(specifier) ?? { line: 1, column: 1 };
  const isFile = /^\.{0,2}\//.test(specifier);
  const remedy = isFile
    ? 'Correct the path, or create the file.'
    : `Install it (npm install ${packageNameOf(specifier)}), or correct the name.`;
  return new UnresolvedImport(
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

/** What is always left to the engine's `require`. */
function external({ hasTests }: Compilation, specifier: string): OnResolveResult | undefined {
  if (specifier === 'fast-check' || (hasTests && specifier === testRunner)) return { path: specifier, external: true };
  if (specifier === anyExports) return whenCalled({ path: specifier });
  if (isBuiltin(specifier))
    return { path: specifier.startsWith('node:') ? specifier : `node:${specifier}`, external: true };
  return undefined;
}

async function outlined(compilation: Compilation, file: string, text: LoadedText): Promise<OnLoadResult> {
  const { projectDirectory } = compilation;
  compilation.mayMiss = true;
  const contents = await outlineOf(text, text.isModule, { ...text, file, projectDirectory });
  return { contents, loader: 'js', resolveDir: path.dirname(file) };
}

async function load(compilation: Compilation, file: string): Promise<OnLoadResult | undefined> {
  const given = file === compilation.entryText?.file ? compilation.entryText.text : undefined;
  if (given !== undefined && file.endsWith('.json')) return { contents: given, loader: 'json' };
  if (!instrumented.test(file)) return undefined;
  const known = compilation.refused.has(file) ? compilation.loaded.get(file) : undefined;
  if (known !== undefined) return outlined(compilation, file, known);
  let source: string;
  try {
    source = given ?? (await readFile(file, 'utf8'));
  } catch (error) {
    throw compilation.fail(
      `${compilation.relative(file)}: cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)}). Check the path and its permissions.`,
    );
  }
  const isOwn = !compilation.isPackage(file) && !isHarness(file);
  // Invariants look at the store from outside the execution.
  const isOutside = isWithin(file, path.join(harnessRoot, 'invariants'));
  let prepared: PreparedText;
  try {
    prepared = prepareText({ file, source, instrument: compilation.instrument && !isOutside });
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw compilation.fail(`${compilation.place(file, error.position)}: ${error.message}. ${error.remedy}`);
  }
  const { text, transformed, importsWithOptions } = prepared;
  // Its imports are looked for after this.
  if (file === compilation.entry && prepared.external !== undefined) compilation.external = prepared.external;
  compilation.loaded.set(file, text);
  if (transformed !== undefined) {
    compilation.transformed.set(file, transformed);
    // The bundler may be started again.
    if (!compilation.firstSites.has(file))
      compilation.firstSites.set(file, compilation.sites.add(transformed.sites, compilation.relative(file), file));
    const mayEditRealm = isOwn ? transformed.mayEditRealm : !isHarness(file) && text.state.changesGlobals;
    if (mayEditRealm) compilation.mayEditRealm = true;
  }
  // The bundler accepts no top-level await in the format that accepts sloppy code.
  if (text.hasTopLevelAwait) return outlined(compilation, file, text);
  // The bundler looks for files by literal names only if nothing is told besides.
  const contents = text.code + importsWithOptions.map((name) => `\n;()=>import(${name});`).join('');
  return { contents, loader: text.language, resolveDir: path.dirname(file) };
}

/** The file that the project's own tsconfig.json puts in the place of a built-in module, which esbuild would leave alone. */
function aliased(compilation: Compilation, { path: specifier, importer }: OnResolveArgs): OnResolveResult | undefined {
  if (!isBuiltin(specifier) || compilation.isPackage(importer) || isHarness(importer)) return undefined;
  const file = compilation.aliases.fileOf(specifier, importer);
  return file === undefined ? undefined : { path: file };
}

/** Whether a file is an ES module: then imports get its exports, otherwise `module.exports` and its properties. */
async function formatOf(file: string): Promise<ExternalFormat> {
  if (!instrumented.test(file)) return 'built-in';
  return isModuleByName(file) || isModule(file, await readFile(file, 'utf8')) ? 'module' : 'built-in';
}

/** The file that an import means by a URL, if it exists. */
function fileOfUrl(specifier: string): string | undefined {
  if (!/^file:/i.test(specifier) || !URL.canParse(specifier)) return undefined;
  const url = new URL(specifier);
  if (url.search !== '' || url.hash !== '') return undefined;
  const file = sourceOf(fileURLToPath(url));
  return existsSync(file) ? realpathSync(file) : undefined;
}

function plugin(compilation: Compilation): Plugin {
  return {
    name: 'threadmill',
    setup(context) {
      const resolve = async (args: OnResolveArgs): Promise<OnResolveResult | undefined> => {
        const { kind } = args;
        if (kind === 'entry-point')
          return compilation.entryText === undefined ? undefined : { path: compilation.entryText.file };
        if (kind === 'require-resolve') return whenCalled(args);
        const outside = external(compilation, args.path);
        if (outside !== undefined) return aliased(compilation, args) ?? outside;
        if (compilation.harness !== undefined && Object.hasOwn(evaluatedOnce, args.path)) {
          compilation.usesHarness = true;
          return { path: args.path, external: true };
        }
        const harness = evaluatedOnce[args.path] ?? evaluatedAfresh[args.path];
        if (harness !== undefined) return { path: harness };
        const meant = kind.startsWith('require') ? undefined : fileOfUrl(args.path);
        if (meant !== undefined && !compilation.nodeLoads.has(meant)) return { path: meant };
        // Code that asks for what is not there gets an error then; packages ask for optional modules, and work without them.
        const mayMiss = kind === 'dynamic-import' || (kind === 'require-call' && compilation.isPackage(args.importer));
        const isPath = /^(?:\.{0,2}\/|[A-Za-z]:)/.test(args.path);
        const mayBeLoadedByNode = !isPath || compilation.nodeLoads.hasFiles || args.path.includes('node_modules');
        if (!mayMiss && !mayBeLoadedByNode && !args.path.endsWith('.node')) return undefined;
        const { errors, path: file } = await resolved(context, { ...args, path: meant ?? args.path });
        if (errors.length > 0) return mayMiss ? whenCalled(args) : undefined;
        // Left to esbuild wherever possible: what a plugin resolves loses the "type" of its package.json.
        if (file.endsWith('.node')) return { path: file, external: true };
        if (!compilation.nodeLoads.has(file)) return undefined;
        compilation.loadedByNode.set(file, await formatOf(file));
        return { path: file, external: true };
      };
      context.onResolve({ filter: /.*/ }, noting(compilation, resolve));
      context.onLoad({ filter: /.*/, namespace: 'file' }, (args) => load(compilation, args.path));
    },
  };
}
