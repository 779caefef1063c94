import { HarnessError, UsageError } from '../errors.js';

/** The scenario file that ended its explorer, or left it unable to work. The others can still be run. */
interface OfOneFile {
  /** Relative to the project. */
  readonly file: string;
}

/** A scenario file breaks the process that explores it. */
export class BreakingScenario extends UsageError implements OfOneFile {
  readonly file: string;

  constructor(file: string, message: string) {
    super(`${file}: ${message}`);
    this.file = file;
  }
}

/** An explorer failed while it worked on a scenario file, and nothing shows that the file caused it. */
export class ExplorerFailure extends HarnessError implements OfOneFile {
  readonly file: string;

  constructor(file: string, message: string) {
    super(`${file}: an explorer failed: ${message}`);
    this.file = file;
  }
}

/** A file of tests cannot be read or collected. */
export class UnreadableTests extends UsageError implements OfOneFile {
  readonly file: string;

  /** @param message with the file and the place in it */
  constructor(file: string, message: string) {
    super(message);
    this.file = file;
  }
}

export type Breakage = BreakingScenario | ExplorerFailure | UnreadableTests;

/** Whether the other scenario files of a run can still be run. */
export const concernsOneFile = (error: unknown): error is Breakage =>
  error instanceof BreakingScenario || error instanceof ExplorerFailure || error instanceof UnreadableTests;

/**
 * The error to raise when something went wrong in the process that explores a scenario file.
 *
 * @param message what the process reported
 * @param realmChanges what the file is known to have changed in the realm: if anything, the file is to blame
 */
export function breakage(file: string, message: string, realmChanges: readonly string[]): Breakage {
  if (realmChanges.length === 0) return new ExplorerFailure(file, message);
  const firstLine = message.split('\n', 1)[0] ?? '';
  return new BreakingScenario(
    file,
    `the file changes ${realmChanges.join(', ')}, which breaks the process that explores it (${firstLine}); do not change what Node and the harness rely on, or limit the change to a part of run() that has no await and does not access shared memory`,
  );
}

const errorLike = (problems: readonly Breakage[], message: string): Error =>
  problems.some((problem) => problem instanceof ExplorerFailure) ? new HarnessError(message) : new UsageError(message);

/** The error with which a run ends if it ran no scenario. */
export const joinBreakages = (problems: readonly Breakage[]): Error =>
  errorLike(problems, problems.map(({ message }) => message).join('\n'));

/** The error with which a run of several files ends once the other files have been run. */
export const summarizeBreakages = (problems: readonly Breakage[]): Error =>
  errorLike(
    problems,
    `not fully explored (see the notes): ${problems.map(({ file }) => file).join(', ')}; everything else was run`,
  );
