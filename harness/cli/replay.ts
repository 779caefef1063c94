import type { Command } from 'commander';
import type { ReplayResult } from '../campaign/api.js';
import type { Operation } from '../results/schema.js';
import type { Output } from '../report/text/output.js';
import { parseCount } from './arguments.js';
import type { CommandContext, SetExitCode } from './context.js';
import { exitCodes } from './exit-codes.js';
import { writeRequestedFile } from './write-file.js';
import { writeTrace } from './write-trace.js';
import { spellPlace } from '../place.js';
import { operationText } from '../report/text/operation.js';
import { agentName } from '../results/agent-name.js';

interface ReplayFlags {
  readonly times?: number;
  readonly json?: string;
  readonly trace?: string;
}

const examples = `
Examples:
  threadmill replay results/corpus/counter--count--0a1b2c3d.json
  threadmill replay results/corpus/counter--count--0a1b2c3d.json --times 200
  threadmill replay results/corpus/counter--count--0a1b2c3d.json --trace failure.trace.json

Open the trace in https://ui.perfetto.dev or chrome://tracing. threadmill report makes a page of a counterexample.

Exit codes:
  0  every replay gave the saved trace
  1  a replay gave another trace: the program under test has changed, or something in it is not controlled
  2  bad usage, or a file that is not a counterexample
  3  the harness itself failed`;

/** Adds `threadmill replay`. */
export function addReplayCommand(program: Command, context: CommandContext, setExitCode: SetExitCode): void {
  program
    .command('replay')
    .description('Run a saved counterexample again, operation by operation.')
    .argument('<file>', 'a counterexample from results/corpus/')
    .option('--times <count>', 'number of replays, which must all agree (default: 1)', parseCount)
    .option('--json <file>', 'also write the result to this file, as JSON')
    .option('--trace <file>', 'also write the operations to this file, in the Trace Event format')
    .addHelpText('after', examples)
    .action(async (file: string, flags: ReplayFlags) => {
      await replayCommand(context, file, flags, setExitCode);
    });
}

async function replayCommand(
  context: CommandContext,
  file: string,
  flags: ReplayFlags,
  setExitCode: SetExitCode,
): Promise<void> {
  const { projectDirectory, environment, stdout, signal } = context;
  const replay = await context.campaign.replay();
  const result = await replay({ projectDirectory, file, times: flags.times, signal });
  const { streamOutput } = await import('../report/text/output.js');
  const output = streamOutput(stdout, environment);
  const lines = await renderReplay(result, file, output);
  output.print(lines);
  if (flags.json !== undefined) {
    writeRequestedFile(projectDirectory, flags.json, `${JSON.stringify(result, null, 2)}\n`, '--json');
  }
  if (flags.trace !== undefined) await writeTrace(context, result.replayed ?? result.saved, flags.trace);
  setExitCode(result.agreeing === result.times ? exitCodes.met : exitCodes.unmet);
}

/** The result of replays, as lines of text. */
export async function renderReplay(result: ReplayResult, file: string, output: Output): Promise<string[]> {
  const { colors } = output;
  const [{ renderCounterexample }, { formatCount, formatVerdict }, { oneLine }] = await Promise.all([
    import('../report/text/failure.js'),
    import('../report/text/words.js'),
    import('../report/text/columns.js'),
  ]);
  const { saved, replayed, times, agreeing, traceHashes, firstDifference } = result;
  const shown = replayed ?? saved;
  const lines = [colors.bold(oneLine(saved.scenario.name)), ...renderCounterexample(shown, file, output), ''];
  if (agreeing === times) {
    const often =
      times === 1 ? 'the replay gave the saved trace' : `all ${formatCount(times, 'replay')} gave the saved trace`;
    lines.push(`${colors.green('✓')} ${often}: ${saved.traceHash}`);
    return lines;
  }
  lines.push(
    `${colors.red('✗')} ${agreeing} of ${formatCount(times, 'replay')} gave the saved trace ${saved.traceHash}`,
  );
  for (const { traceHash, count } of traceHashes) lines.push(`    ${traceHash}  ${count} times`);
  if (replayed === null) {
    lines.push('  It held this time. The report above shows the saved failure.');
    lines.push('  If you fixed the defect, delete the file or keep it as a regression test.');
  } else if (
    formatVerdict(replayed.failure.verdict, replayed.failure.invariant) !==
    formatVerdict(saved.failure.verdict, saved.failure.invariant)
  ) {
    lines.push(`  It was saved as ${formatVerdict(saved.failure.verdict, saved.failure.invariant)}.`);
  }
  if (firstDifference !== null) {
    lines.push('  Two replays first differ at:');
    lines.push(
      `    ${describeOperation(firstDifference.first, shown.agents)}`,
      `    ${describeOperation(firstDifference.second, shown.agents)}`,
    );
    lines.push('  Something there is not controlled. docs/controlled.md lists what is.');
  } else if (traceHashes.length === 1) {
    lines.push('  All replays gave the same trace, so the program has changed since the counterexample was saved.');
  }
  return lines;
}

function describeOperation(operation: Operation | null, agents: readonly string[]): string {
  if (operation === null) return 'no operation: this trace has ended';
  const { step, agent, site } = operation;
  const where = site === undefined ? '' : `  ${spellPlace(site)}`;
  return `step ${step}, ${agents[agent] ?? agentName(agent)}: ${operationText(operation)}${where}`;
}
