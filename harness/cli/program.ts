import { Command, CommanderError } from 'commander';
import { HarnessError, UsageError } from '../errors.js';
import { streamOutput, type OutputStream } from '../report/text/output.js';
import { threadmillVersion } from '../version.js';
import { addCompareCommand } from './compare.js';
import type { CommandContext } from './context.js';
import { exitCodes } from './exit-codes.js';
import { addHistoryCommand } from './history.js';
import { addInitCommand } from './init.js';
import { addListCommand } from './list.js';
import { addMergeCommand } from './merge.js';
import { addReplayCommand } from './replay.js';
import { addReportCommand } from './report.js';
import { addRunCommand } from './run.js';
import { addTestCommand } from './test.js';

const examples = `
Examples:
  threadmill init                                         write a first scenario
  threadmill run                                          run every scenario under scenarios/
  threadmill run --seed 42 --runs 50000
  threadmill test                                         run the tests of vitest and node:test that are there
  threadmill replay results/corpus/<counterexample>.json  see a failure again
  threadmill report results/corpus/<counterexample>.json  step through it in a browser

threadmill <command> --help shows the options of a command.`;

/**
 * Runs one command to its end.
 *
 * @param commandArguments without node and the script
 * @returns the exit code
 */
export async function runProgram(commandArguments: readonly string[], context: CommandContext): Promise<number> {
  let exitCode: number = exitCodes.met;
  const program = createProgram(context, (code) => {
    exitCode = code;
  });
  try {
    if (commandArguments.some((argument) => argument.includes('\0'))) {
      throw new UsageError(
        'An argument contains a NUL character, which no file or scenario can have in its name. Remove it.',
      );
    }
    await program.parseAsync(commandArguments, { from: 'user' });
    return exitCode;
  } catch (error) {
    return explain(error, context);
  }
}

function createProgram(context: CommandContext, setExitCode: (exitCode: number) => void): Command {
  const program = new Command('threadmill');
  program
    .description('Stress-tests Node programs in which worker threads and coroutines share state.')
    .version(threadmillVersion(), '--version', 'print the version')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => print(context.stdout, context, text),
      writeErr: (text) => print(context.stderr, context, text),
    })
    .addHelpText('after', examples);
  addRunCommand(program, context, setExitCode);
  addTestCommand(program, context, setExitCode);
  addMergeCommand(program, context, setExitCode);
  addHistoryCommand(program, context);
  addReplayCommand(program, context, setExitCode);
  addReportCommand(program, context);
  addCompareCommand(program, context, setExitCode);
  addListCommand(program, context);
  addInitCommand(program, context);
  return program;
}

/** Reports an error once, without the harness's own stack, and returns its exit code. */
function explain(error: unknown, context: CommandContext): number {
  const { stderr, environment, signal } = context;
  // Commander has already printed the error.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.met : exitCodes.usage;
  // A user who asked to stop knows that the work was cut short.
  if (signal.aborted && !(error instanceof HarnessError)) return exitCodes.unmet;
  const isExpected = error instanceof UsageError || error instanceof HarnessError;
  const message = error instanceof Error ? error.message : String(error);
  const wantsStack = (environment['THREADMILL_DEBUG'] ?? '') !== '';
  const lines = [`error: ${message}`];
  if (!isExpected) lines.push('This is a bug in threadmill; please report it.');
  if (wantsStack && error instanceof Error) lines.push(error.stack ?? '');
  else if (!isExpected) lines.push('Set THREADMILL_DEBUG=1 in the environment to see its stack.');
  print(stderr, context, lines.join('\n'));
  return error instanceof UsageError ? exitCodes.usage : exitCodes.harness;
}

/** Prints text of several lines, which may quote the command line or a file. */
function print(stream: OutputStream, { environment }: CommandContext, text: string): void {
  streamOutput(stream, environment).print(text.replace(/\n$/, '').split('\n'));
}
