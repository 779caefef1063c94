/** Given to explorers and stress processes whose program's output is to be seen. */
export const showOutputArgument = '--show-output';

/** Whether this process was started with `showOutputArgument`. To be asked before `presentAsProgram`. */
export const showsOutput = (): boolean => process.argv.includes(showOutputArgument);

/**
 * Makes the command line of this thread what it would be if Node had been started with nothing but the scenario file. A
 * program may hand it on, to threads and processes of its own, and they would not start with the harness's options.
 *
 * @param file the scenario file, absolute
 */
export function presentAsProgram(file: string): void {
  process.execArgv = [];
  process.argv = [process.execPath, file];
}
