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

The page is one file that loads nothing. Open the trace in https://ui.perfetto.dev or chrome://tracing.
threadmill replay prints a counterexample in the terminal.

Exit codes:
  0  the page was written
  2  bad usage, or a file that is not a counterexample
  3  the harness itself failed, for example to write the file`;

/** Adds `threadmill report`. */
export function addReportCommand(program: Command, context: CommandContext): void {
  program
    .command('report')
    .description('Make a page of a saved counterexample, to step through in a browser.')
    .argument('<file>', 'a counterexample from results/corpus/')
    .option('--output <file>', 'file of the page (default: <name>.html in the working directory)')
    .option('--trace <file>', 'also write the operations to this file, in the Trace Event format')
    .addHelpText('after', examples)
    .action(async (file: string, flags: ReportFlags) => {
      await reportCommand(context, file, flags);
    });
}

async function reportCommand(context: CommandContext, file: string, flags: ReportFlags): Promise<void> {
  const { projectDirectory, environment, stdout } = context;
  const [{ readCounterexample }, { renderCounterexamplePage }, { scenarioSources }, { streamOutput }] =
    await Promise.all([
      import('../results/read-counterexample.js'),
      import('../report/html/counterexample-page.js'),
      import('../campaign/scenario-sources.js'),
      import('../report/text/output.js'),
    ]);
  const counterexample = readCounterexample(path.resolve(projectDirectory, file));
  const output = flags.output ?? `${path.basename(file, path.extname(file))}.html`;
  let sources: ReadonlyMap<string, string> = new Map();
  let missing: string | undefined;
  try {
    sources = await scenarioSources(projectDirectory, counterexample.scenario, file);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    missing = error.message;
  }
  const page = await renderCounterexamplePage(counterexample, { sources, file });
  writeRequestedFile(projectDirectory, output, page, '--output');
  const printed = streamOutput(stdout, environment);
  printed.print([`Wrote the page to ${output}`]);
  if (missing !== undefined) {
    printed.print([`It shows the saved line of each operation, without the lines around it: ${missing}`]);
  }
  if (flags.trace !== undefined) await writeTrace(context, counterexample, flags.trace);
}
