/** One documented behaviour of Worker: a small program, and what it logs wherever it runs. */
export interface WorkerCase {
  /** Unique in its theme. */
  readonly title: string;
  /** The body of `run(log)` in main.mjs: `log` takes JSON values. `main-module.ts` says what it can use. */
  readonly main: string;
  /** The text of worker.mjs. */
  readonly worker?: string;
  /** Other files beside main.mjs. */
  readonly files?: Readonly<Record<string, string>>;
  /** What is logged, in this order. A program whose order Node leaves open puts it in order, or checks it, before it logs. */
  readonly logs: readonly unknown[];
  /** An uncaught error ends the program: it is printed by plain Node, and is the message of a crash. */
  readonly crash?: RegExp;
  /** Under control, the program is refused, or ends otherwise, for a reason that docs/controlled.md gives. */
  readonly controlled?: { readonly verdict: 'crash' | 'uncontrolled'; readonly message: RegExp };
  /** The first version of Node that has this, as `major.minor` of each release line; default all. */
  readonly since?: readonly string[];
}

/** Cases about one part of the documentation. */
export interface Theme {
  /** Also the name of a folder. */
  readonly name: string;
  readonly cases: readonly WorkerCase[];
}

/** The folder of a case: its title in letters, digits and dashes. */
export function folderOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}

/**
 * Whether this Node is in one of these release lines, at that version or later, or in a later line than all of them.
 *
 * @param firsts the first version of each line, as `22.18`, ascending
 */
export function nodeHas(firsts: readonly string[], version = process.versions.node): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const lines = firsts.map((first) => first.split('.').map(Number));
  const last = lines.at(-1)?.[0] ?? 0;
  return major > last || lines.some(([line, from = 0]) => line === major && minor >= from);
}
