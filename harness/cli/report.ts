import path from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../errors.js';
import type { CommandContext } from './context.js';
import { writeRequestedFile } from './write-file.js';
import { writeTrace } from './write-trace.js';

interface ReportFlags {
  readonly output?: string;
  readonly trace?: string;
}

const examples = `
Examples:
  threadmill report results/corpus/counter--count--0a1b2c3d.json
  threadmill report results/corpus/counter--count--0a1b2c3d.json --output failure.html
  threadmill report results/corpus/counter--count--0a1b2c3d.json --trace failure.trace.json

The page is one file that loads nothing. The trace opens in https://ui.perfetto.dev and chrome://tracing.
threadmill replay prints a counterexample in the terminal.

Exit codes:
  0  the page has been written
  2  bad usage, or a file that is no counterexample
  3  the harness could not do its work, such as write the file`;

/** Adds `threadmill report`. */
export function addReportCommand(program: Command, context: CommandContext): void {
  program
    .command('report')
    .description('Make a page of one saved counterexample, to step through in a browser.')
    .argument('<file>', 'a counterexample from results/corpus/')
    .option('--output <file>', 'where the page goes (default: <name>.html in the working directory)')
    .option('--trace <file>', 'write the operations there too, in the Trace Event format')
    .addHelpText('after', examples)
    .action(async (file: string, flags: ReportFlags) => {
      await reportCommand(context, file, flags);
    });
}

async function reportCommand(context: CommandContext, file: string, flags: ReportFlags): Promise<void> {
  const { projectDirectory, environment, stdout } = context;
  const [{ readCounterexample }, { renderCounterexamplePage }, { scenarioSources }, { streamOutput }] =
    await Promise.all([
      import('../results/folder.js'),
      import('../report/html/counterexample-page.js'),
      import('../campaign/scenario-sources.js'),
      import('../report/text/output.js'),
    ]);
  const counterexample = readCounterexample(path.resolve(projectDirectory, file));
  const output = flags.output ?? `${path.basename(file, path.extname(file))}.html`;
  let sources: ReadonlyMap<string, string> = new Map();
  let missing: string | undefined;
  try {
    sources = await scenarioSources(projectDirectory, counterexample.scenario.file, file);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    missing = error.message;
  }
  const page = await renderCounterexamplePage(counterexample, { sources, file });
  writeRequestedFile(projectDirectory, output, page, '--output');
  const printed = streamOutput(stdout, environment);
  printed.print([`The page is ${output}`]);
  if (missing !== undefined) {
    printed.print([`It shows the lines of the operations, as they were saved, and none around them: ${missing}`]);
  }
  if (flags.trace !== undefined) await writeTrace(context, counterexample, flags.trace);
}
