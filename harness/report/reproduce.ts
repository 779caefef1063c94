import type { Counterexample } from '../results/schema.js';

const plainArgument = /^[\w./:@%+=-]+$/;

/** The command that replays a saved counterexample. */
export function replayCommand(file: string): string {
  return `npx threadmill replay ${quote(file)}`;
}

/** The command that makes a page of a saved counterexample. */
export function pageCommand(file: string): string {
  return `npx threadmill report ${quote(file)}`;
}

/**
 * The command that finds a failure anew from its seed and path.
 *
 * @param runArguments what else the path depends on, such as `--strategy pct`
 */
export function rerunCommand(counterexample: Counterexample, runArguments: readonly string[] = []): string {
  const { scenario, seed, path } = counterexample;
  const where = ['--seed', String(seed), '--path', path, ...runArguments];
  return ['npx threadmill run', ...[scenario.file, ...where].map(quote)].join(' ');
}

function quote(argument: string): string {
  return plainArgument.test(argument) ? argument : `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}
