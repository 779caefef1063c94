import path from 'node:path';
import { build } from 'esbuild';
import { transformSync } from 'oxc-transform';

/** Text in some language of the project's, and the maps that lead from it to what the user wrote, the last first. */
export interface SourceText {
  readonly code: string;
  /** Source maps version 3, JSON. */
  readonly maps: readonly string[];
}

export type Language = 'js' | 'jsx' | 'ts' | 'tsx';

export interface JavaScriptOptions {
  /** Absolute. */
  readonly file: string;
  readonly language: Language;
  /** Whether the text has syntax that Node itself, or not every Node that is supported, takes: decorators, `using`, JSX. */
  readonly needsLowering: boolean;
  readonly projectDirectory: string;
}

/**
 * Takes the types out of a text, and turns what no Node understands into what every Node does.
 *
 * Types are taken out by a tool that leaves every name as it is, since names are there for the program to see; the other
 * one renames what hides an outer name, and so is left what the first cannot do, with names put back at run time.
 */
export async function toJavaScript(source: SourceText, options: JavaScriptOptions): Promise<SourceText> {
  const { file, language, needsLowering } = options;
  if (needsLowering) return lower(source, options);
  if (language !== 'ts') return source;
  const { code, map, errors } = transformSync(file, source.code, { lang: 'ts', sourcemap: true });
  const error = errors.find(({ severity }) => (severity as string) === 'Error');
  if (error !== undefined) throw new Error(`${file}: ${error.message}`);
  return { code, maps: map === undefined ? source.maps : [JSON.stringify(map), ...source.maps] };
}

async function lower(source: SourceText, { file, language, projectDirectory }: JavaScriptOptions): Promise<SourceText> {
  const result = await build({
    entryPoints: [file],
    absWorkingDir: projectDirectory,
    outfile: path.join(projectDirectory, 'threadmill-lowered.js'),
    bundle: false,
    write: false,
    target: 'node20',
    keepNames: true,
    sourcemap: 'external',
    sourcesContent: false,
    legalComments: 'none',
    logLevel: 'silent',
    plugins: [
      {
        name: 'threadmill-text',
        setup(context) {
          context.onLoad({ filter: /.*/, namespace: 'file' }, () => ({ contents: source.code, loader: language }));
        },
      },
    ],
  });
  const code = result.outputFiles.find((output) => output.path.endsWith('.js'))?.text ?? '';
  const map = result.outputFiles.find((output) => output.path.endsWith('.map'))?.text;
  return { code, maps: map === undefined ? source.maps : [map, ...source.maps] };
}
