import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Metafile } from 'esbuild';
import type { ModuleState } from '../module-state.js';
import type { GraphModule, RequestKind, Target } from './module-graph.js';
import { readSyntax, type ModuleSyntax } from './module-syntax.js';
import { isModuleByName } from './package-type.js';
import { toJavaScript, type Language, type SourceText } from './to-javascript.js';

/** What was given to the bundler for one file. */
export interface LoadedText extends SourceText {
  readonly language: Language;
  /** Whether it has import or export statements, import.meta, or top-level await. */
  readonly isModule: boolean;
  readonly hasTopLevelAwait: boolean;
  readonly needsLowering: boolean;
  readonly state: ModuleState;
}

/** A text as the linker takes it. */
interface ReadText {
  readonly source: SourceText;
  readonly syntax: ModuleSyntax;
}

/** What was read of texts that are still in use: other scenarios of a run import the same files. */
const alreadyRead = new WeakMap<LoadedText, ReadText>();

export interface ReadGraphOptions {
  readonly inputs: readonly (readonly [string, Metafile['inputs'][string]])[];
  readonly outputs: readonly Metafile['outputs'][string][];
  readonly projectDirectory: string;
  /** What was loaded, by absolute path; files that are missing here are data. */
  readonly loaded: ReadonlyMap<string, LoadedText>;
  /** A text that is not in a file, and its name in Node. */
  readonly given: { readonly file: string; readonly text: string; readonly name: string } | undefined;
  /** Whether evaluating a file is known to do nothing except declare its exports. */
  readonly onlyDeclares: (file: string) => boolean;
  readonly isPackage: (file: string) => boolean;
  /** The number of a file's first scheduling point; undefined if it is not instrumented. */
  readonly firstSite: (file: string) => number | undefined;
  /** The id under which the engine's `require` knows what a file calls by a specifier. */
  readonly external: (file: string, specifier: string) => string | undefined;
}

const isKind = (kind: string): kind is RequestKind =>
  kind === 'import-statement' || kind === 'require-call' || kind === 'dynamic-import';

/** What esbuild found out about a bundle's files, and their texts as JavaScript: the input of linking. */
export async function readGraph(options: ReadGraphOptions): Promise<Map<string, GraphModule>> {
  const { projectDirectory, external } = options;
  const bytes = new Map(
    options.outputs.flatMap(({ inputs }) =>
      Object.entries(inputs).map(([id, { bytesInOutput }]) => [id, bytesInOutput] as const),
    ),
  );
  const modules = new Map<string, GraphModule>();
  for (const [id, { imports }] of options.inputs) {
    const file = path.resolve(projectDirectory, id.replace(/ with \{[^}]*\}$/, ''));
    const targets = new Map<string, Target>();
    for (const one of imports) {
      if (one.external === true || !isKind(one.kind)) continue;
      targets.set(`${one.kind} ${one.original ?? one.path}`, { kind: 'module', id: one.path });
    }
    const loaded = options.loaded.get(file);
    const isModule = loaded !== undefined && (loaded.isModule || isModuleByName(file));
    let read = loaded === undefined ? undefined : alreadyRead.get(loaded);
    if (read === undefined) {
      const data = options.given?.file === file ? options.given.text : undefined;
      const source =
        loaded === undefined ? await dataText(id, file, data) : await javaScript(file, loaded, projectDirectory);
      read = { source, syntax: readSyntax(file, source.code, isModule ? 'module' : 'commonjs') };
      if (loaded !== undefined) alreadyRead.set(loaded, read);
    }
    modules.set(id, {
      id,
      file,
      name: options.given?.file === file ? options.given.name : undefined,
      isPackage: options.isPackage(file),
      isCommonJs: !isModule,
      isStrict: loaded?.language.startsWith('ts') === true,
      hasNodeInterop: isModuleByName(file),
      hasEffects: (bytes.get(id) ?? 0) > 0 && !options.onlyDeclares(file),
      state: loaded?.state,
      ...read,
      firstSite: options.firstSite(file),
      leadsTo: imports.flatMap((one) => (one.external === true ? [] : [one.path])),
      target: (kind, specifier) => {
        const target = targets.get(`${kind} ${specifier}`);
        if (target !== undefined) return target;
        const outside = external(file, specifier);
        return outside === undefined ? undefined : { kind: 'external', id: outside };
      },
    });
  }
  return modules;
}

function javaScript(file: string, loaded: LoadedText, projectDirectory: string): Promise<SourceText> {
  const { language, needsLowering } = loaded;
  return toJavaScript(loaded, { file, language, needsLowering, projectDirectory });
}

/** A file that is not code: its value, as a CommonJS module. */
async function dataText(id: string, file: string, given: string | undefined): Promise<SourceText> {
  if (id.startsWith('(disabled)')) return { code: '', maps: [] };
  const text = given ?? (await readFile(file, 'utf8'));
  const value = JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
  return { code: `module.exports=${path.extname(file) === '.txt' ? value : `JSON.parse(${value})`};`, maps: [] };
}
