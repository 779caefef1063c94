import type { Counterexample } from '../../results/schema.js';
import { plainLine } from './printable.js';

/** Arguments that need no quotes in any shell. A leading `=` means something in zsh. */
const plainArgument = /^[\w./:@%+-][\w./:@%+=-]*$/;

/** The command that replays a saved counterexample. */
export function replayCommand(file: string): string {
  return `npx threadmill replay ${quoteFile(file)}`;
}

/** The command that makes a page of a saved counterexample. */
export function pageCommand(file: string): string {
  return `npx threadmill report ${quoteFile(file)}`;
}

/**
 * The command that finds a failure again from its seed and path.
 *
 * @param runArguments what else the path depends on, such as `--strategy pct`
 */
export function rerunCommand(counterexample: Counterexample, runArguments: readonly string[] = []): string {
  const { scenario, seed, path, exhaustive } = counterexample;
  const fromSeed = ['--seed', String(seed), '--path', path, ...runArguments];
  const where = exhaustive === undefined ? fromSeed : exhaustiveArguments(exhaustive);
  if (scenario.test === undefined)
    return ['npx threadmill run', quoteFile(scenario.file), ...where.map(quote)].join(' ');
  const test = ['--test', quote(scenario.test)];
  return ['npx threadmill test', quoteFile(scenario.file), ...test, ...where.map(quote)].join(' ');
}

function exhaustiveArguments({ preemptions }: NonNullable<Counterexample['exhaustive']>): string[] {
  return preemptions === null ? ['--exhaustive'] : ['--exhaustive', '--preemptions', String(preemptions)];
}

/**
 * An argument to paste into a shell: one word in which nothing is expanded, on one line that looks the same wherever it
 * is printed. Unprintable bytes are escaped in the `$'...'` quotes of bash, zsh and ksh.
 */
export function quote(argument: string): string {
  if (plainArgument.test(argument)) return argument;
  if (plainLine(argument) === argument) return `'${argument.replaceAll("'", String.raw`'\''`)}'`;
  const bytes = [...Buffer.from(argument)].map((byte) => {
    const character = String.fromCharCode(byte);
    return /[\w ./:@%+=-]/.test(character) ? character : `\\${byte.toString(8).padStart(3, '0')}`;
  });
  return `$'${bytes.join('')}'`;
}

/** Keeps a file name that begins with `-` from being taken for an option. */
function quoteFile(file: string): string {
  return quote(file.startsWith('-') ? `./${file}` : file);
}
