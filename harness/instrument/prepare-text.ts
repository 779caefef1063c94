import path from 'node:path';
import type { LoadedText } from './link/read-graph.js';
import type { Language } from './link/to-javascript.js';
import { examine, transform, type TransformResult } from './transform.js';

/** What is made of a file, the same for every bundle that it goes into. */
export interface PreparedText {
  readonly text: LoadedText;
  /** Undefined if the file is left as it is. */
  readonly transformed: TransformResult | undefined;
  /** What a scenario file names as `external`. */
  readonly external: readonly string[] | undefined;
  /** The literal names, as they are written, of each import() that has a second argument. */
  readonly importsWithOptions: readonly string[];
}

export interface PrepareTextOptions {
  /** Absolute. */
  readonly file: string;
  readonly source: string;
  /** Whether to add scheduling points. */
  readonly instrument: boolean;
}

const languages: Readonly<Record<string, Language>> = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.tsx': 'tsx',
  '.jsx': 'jsx',
};

/** Source text whose preparations are kept, in characters: those used last stay. The trees they come with are 50 times that. */
const maximumKeptLength = 1_000_000;

/** The preparations used last, the latest last. The scenarios of a project import mostly the same files. */
class KeptTexts {
  readonly #kept = new Map<string, { readonly source: string; readonly prepared: PreparedText }>();
  #length = 0;

  get(key: string, source: string): PreparedText | undefined {
    const found = this.#kept.get(key);
    if (found === undefined) return undefined;
    this.#remove(key);
    if (found.source !== source) return undefined;
    this.set(key, source, found.prepared);
    return found.prepared;
  }

  set(key: string, source: string, prepared: PreparedText): void {
    this.#kept.set(key, { source, prepared });
    this.#length += source.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#length <= maximumKeptLength) break;
      this.#remove(oldest);
    }
  }

  #remove(key: string): void {
    this.#length -= this.#kept.get(key)?.source.length ?? 0;
    this.#kept.delete(key);
  }
}

const kept = new KeptTexts();

/**
 * Reads a file's text, and instruments it. What was made of the same text before is used again.
 *
 * @throws SourceError if the text cannot be parsed, or instrumented
 */
export function prepareText({ file, source, instrument }: PrepareTextOptions): PreparedText {
  const key = `${instrument} ${file}`;
  const known = kept.get(key, source);
  if (known !== undefined) return known;
  const language = languages[path.extname(file)] ?? 'jsx';
  const transformed = instrument ? transform({ file, source }) : undefined;
  const { isModule, hasTopLevelAwait, needsLowering, importsWithOptions, state, external } =
    transformed ?? examine(file, source);
  const text: LoadedText = {
    code: transformed?.code ?? source,
    maps: transformed === undefined ? [] : [transformed.map],
    isModule,
    hasTopLevelAwait,
    needsLowering,
    language,
    state,
  };
  const prepared = { text, external, transformed, importsWithOptions };
  kept.set(key, source, prepared);
  return prepared;
}
