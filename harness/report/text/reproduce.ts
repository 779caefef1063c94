import type { Counterexample } from '../../results/schema.js';
import { plainLine } from './printable.js';

/** What every shell takes as it is; `=` at the beginning is something to zsh. */
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
 * The command that finds a failure anew from its seed and path.
 *
 * @param runArguments what else the path depends on, such as `--strategy pct`
 */
export function rerunCommand(counterexample: Counterexample, runArguments: readonly string[] = []): string {
  const { scenario, seed, path } = counterexample;
  const where = ['--seed', String(seed), '--path', path, ...runArguments];
  return ['npx threadmill run', quoteFile(scenario.file), ...where.map(quote)].join(' ');
}

/**
 * An argument as one pastes it into a shell: one word, in which nothing is expanded, and one line, which looks the same
 * wherever it is printed. What could not be printed as it is stands in the quotes of bash, zsh and ksh, byte by byte.
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

/** A file that begins like an option is none. */
function quoteFile(file: string): string {
  return quote(file.startsWith('-') ? `./${file}` : file);
}
