import path from 'node:path';
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import { build } from 'esbuild';
import { transformSync } from 'oxc-transform';
import { Lines, type Position } from '../lines.js';

/** Text in one of the project's languages, and the maps that lead from it to what the user wrote, the last first. */
export interface SourceText {
  readonly code: string;
  /** Source maps version 3, JSON. */
  readonly maps: readonly string[];
}

/** A text that parses, but is not a valid program, such as one that declares a name twice. */
export class TextError extends Error {
  override readonly name = 'TextError';
  /** Absolute. */
  readonly file: string;
  /** In what the user wrote. */
  readonly position: Position;

  constructor(file: string, message: string, position: Position) {
    super(message);
    this.file = file;
    this.position = position;
  }
}

/** The position in what the user wrote that an offset in a text comes from. */
export function originalPosition({ code, maps }: SourceText, offset: number): Position {
  let position = new Lines(code).at(offset);
  for (const map of maps) {
    const { line, column } = originalPositionFor(new TraceMap(map), {
      line: position.line,
      column: position.column - 1,
    });
    if (line !== null) position = { line, column: column + 1 };
  }
  return position;
}

export type Language = 'js' | 'jsx' | 'ts' | 'tsx';

export interface JavaScriptOptions {
  /** Absolute. */
  readonly file: string;
  readonly language: Language;
  /** Whether the text has syntax that not every supported Node accepts: decorators, `using`, JSX. */
  readonly needsLowering: boolean;
  readonly projectDirectory: string;
}

/**
 * Removes the types from a text, and converts syntax that Node may not understand into syntax that every supported Node does.
 *
 * A tool that keeps all names removes the types, since programs can see names. The other tool renames what hides an outer name,
 * so it only does what the first cannot, and names are restored at run time.
 *
 * @throws TextError if the text is not a valid program
 */
export async function toJavaScript(source: SourceText, options: JavaScriptOptions): Promise<SourceText> {
  const { file, language, needsLowering } = options;
  if (needsLowering) return lower(source, options);
  if (language !== 'ts') return source;
  const { code, map, errors } = transformSync(file, source.code, { lang: 'ts', sourcemap: true });
  const error = errors.find(({ severity }) => (severity as string) === 'Error');
  if (error !== undefined)
    throw new TextError(file, error.message, originalPosition(source, error.labels[0]?.start ?? 0));
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
