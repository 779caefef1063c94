import type { Counterexample } from '../results/schema.js';
import type { CommandContext } from './context.js';
import { writeRequestedFile } from './write-file.js';

/** Writes a counterexample's operations where `--trace` says, in the Trace Event format, and prints the place. */
export async function writeTrace(
  { projectDirectory, environment, stdout }: CommandContext,
  counterexample: Counterexample,
  file: string,
): Promise<void> {
  const { traceEvents } = await import('../report/trace/trace-events.js');
  const { streamOutput } = await import('../report/text/output.js');
  writeRequestedFile(projectDirectory, file, `${JSON.stringify(traceEvents(counterexample), null, 1)}\n`, '--trace');
  const where = `Wrote the trace to ${file}. Open it in https://ui.perfetto.dev or chrome://tracing`;
  streamOutput(stdout, environment).print([where]);
}
