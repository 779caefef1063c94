import { UsageError } from '../errors.js';
import { spellPlace } from '../place.js';
import path from 'node:path';
import type { MarkedBundle } from './harness-bundle.js';
import type { Position } from './lines.js';
import type { LoadedText } from './link/read-graph.js';
import type { ExternalFormat } from './link/link-bundle.js';
import { LoadedByNode } from './loaded-by-node.js';
import { packageName } from './package-name.js';
import { PathAliases } from './path-aliases.js';
import { entryText, type EntryText, type ProgramOptions } from './program-options.js';
import { SiteTable } from './site-table.js';
import { bridgesDirectory, isWithin, sourceName } from './source-names.js';
import type { TransformResult } from './transform.js';

/** What is known of a program while it is compiled. */
export class Compilation {
  readonly projectDirectory: string;
  readonly freshPackages: ReadonlySet<string>;
  readonly instrument: boolean;
  readonly hasTests: boolean;
  readonly aliases = new PathAliases();
  #external: readonly string[] | undefined;
  #loadedByNode: LoadedByNode | undefined;
  /** How what Node loads itself provides its exports, by file. */
  readonly loadedByNode = new Map<string, ExternalFormat>();
  readonly sites: SiteTable;
  readonly entryText: EntryText | undefined;
  /** The result of transforming each file, for messages that point into it. */
  readonly transformed = new Map<string, TransformResult>();
  /** The texts of the files, as given to the bundler. */
  readonly loaded = new Map<string, LoadedText>();
  /** The number of each file's first scheduling point. */
  readonly firstSites = new Map<string, number>();
  /** What each file's specifiers mean to the engine's `require`, by file and specifier. */
  readonly externals = new Map<string, string>();
  /** What the build has saved of the harness, if it is used here. */
  readonly harness: MarkedBundle | undefined;
  /** Whether the program imports any of it. */
  usesHarness = false;
  /** The file that the program begins with, absolute. */
  entry: string | undefined;
  mayEditRealm = false;
  /** Whether imported names may be missing, because the bundler did not see all exports. */
  mayMiss = false;
  /** Files that the bundler rejects although they are valid, with its error. */
  readonly refused = new Map<string, UsageError>();
  /** An error that already has its message; esbuild only reports that there was one. */
  failure: UsageError | undefined;

  constructor(options: ProgramOptions, harness?: MarkedBundle) {
    this.harness = harness;
    this.sites = new SiteTable(options.firstSite ?? 0);
    this.entryText = entryText(options.entry);
    this.projectDirectory = options.projectDirectory;
    this.freshPackages = new Set(options.freshPackages);
    this.instrument = options.instrument ?? true;
    this.hasTests = options.hasTests ?? false;
    if (options.external !== undefined) this.external = options.external;
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

  /** As the options have it. */
  get external(): readonly string[] {
    return this.#external ?? [];
  }

  set external(names: readonly string[]) {
    this.#external ??= names;
  }

  /** Asked for the first time when the entry has been read. */
  get nodeLoads(): LoadedByNode {
    return (this.#loadedByNode ??= new LoadedByNode(this.projectDirectory, this.external));
  }

  /** Whether a file belongs to an npm package, and not to the project. */
  isPackage(file: string): boolean {
    return packageName(file) !== undefined && !isWithin(file, bridgesDirectory);
  }
}
