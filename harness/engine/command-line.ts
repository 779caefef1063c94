/** Passed to explorers and stress processes whose program's output should be shown. */
export const showOutputArgument = '--show-output';

/** Whether this process was started with `showOutputArgument`. Call this before `presentAsProgram`. */
export const showsOutput = (): boolean => process.argv.includes(showOutputArgument);

/**
 * Makes the command line of this thread look as if Node had been started with only the scenario file. A program may pass it
 * on to its own threads and processes, which would not start with the harness's options.
 *
 * @param file the scenario file, absolute
 */
export function presentAsProgram(file: string): void {
  process.execArgv = [];
  process.argv = [process.execPath, file];
}
