import type { Command } from 'commander';
import { collect } from './arguments.js';
import type { CommandContext, SetExitCode } from './context.js';
import { exitCodes } from './exit-codes.js';
import {
  addExplorationOptions,
  explorationOptions,
  rerunArguments,
  type ExplorationFlags,
} from './exploration-flags.js';
import { addReportOptions, checkReportFlags, createReporter, type ReportFlags } from './reporters.js';

interface TestFlags extends ReportFlags, ExplorationFlags {
  readonly test?: readonly string[];
  readonly save: boolean;
}

const examples = `
Examples:
  threadmill test                                         every test of the project
  threadmill test test/queue.test.ts --runs 500
  threadmill test 'src/**/*.test.ts' --total-budget 2m    two minutes for all of them
  threadmill test test/queue.test.ts --test 'queue > drains in order'
  threadmill test --reporter junit --output junit.xml

A comment above a test, or at the head of a file, says how it is explored:
  // threadmill: skip
  // threadmill: runs=500 strategy=pct

Exit codes:
  0  no test failed under any schedule that was explored
  1  a test failed
  2  bad usage, or a file of tests that cannot be read
  3  the harness itself failed`;

/** Adds `threadmill test`. */
export function addTestCommand(program: Command, context: CommandContext, setExitCode: SetExitCode): void {
  const command = program
    .command('test')
    .description('Run the tests of vitest and node:test, as they are, each under many schedules.')
    .argument('[files...]', 'files of tests or globs (default: **/*.{test,spec}.{ts,mts,cts,tsx,js,mjs,cjs,jsx})')
    .option('--test <name>', 'only this test, or those of this suite: "suite > test"; repeatable', collect(String));
  addReportOptions(addExplorationOptions(command, 'test'))
    .option('--no-save', 'write nothing to results/')
    .addHelpText('after', examples)
    .action(async (files: string[], flags: TestFlags) => {
      await testCommand(context, files, flags, setExitCode);
    });
}

async function testCommand(
  context: CommandContext,
  files: readonly string[],
  flags: TestFlags,
  setExitCode: SetExitCode,
): Promise<void> {
  checkReportFlags(flags);
  const reporter = await createReporter(context, flags, rerunArguments(flags));
  const run = await context.campaign.run();
  const { test: names = [], save } = flags;
  const options = { ...explorationOptions(context, files, flags), tests: { names }, save };
  const record = await run(options, (event) => reporter.handle(event));
  setExitCode(record.met ? exitCodes.met : exitCodes.unmet);
}
