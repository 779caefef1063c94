import type { Command } from 'commander';
import { defaultComparison, type ComparisonRequest } from '../compare/options.js';
import type { Comparison } from '../results/comparison-schema.js';
import { parseCount, parseDurationMs, parseSeed } from './arguments.js';
import { parseBurst, parseCountOrNone, parseCounts, parseDurationOrNoneMs } from './compare-arguments.js';
import type { CommandContext, SetExitCode } from './context.js';
import { exitCodes } from './exit-codes.js';
import { writeRequestedFile } from './write-file.js';

/** The options of a comparison, under the names that commander gives them. */
interface CompareFlags {
  readonly writers?: number;
  readonly writerCounts?: number[];
  readonly readers?: number;
  readonly readEvery?: number;
  readonly payloadWords?: number;
  readonly keys?: number;
  readonly queueCapacity?: number;
  readonly records?: number;
  readonly rate?: number;
  readonly burst?: { readonly records: number; readonly pauseMs: number };
  readonly steadyRate?: number;
  readonly rounds?: number;
  readonly scalingRounds?: number;
  readonly warmups?: number;
  readonly batches?: number;
  readonly batch?: number;
  readonly steady?: number;
  readonly controlled?: number;
  readonly budget?: number;
  readonly hangTimeout?: number;
  readonly heap?: number;
  readonly seed?: number;
  readonly json?: string;
  readonly markdown?: string;
  readonly html?: string;
  readonly save: boolean;
}

const examples = `
Examples:
  threadmill compare                                     all bridges: about three minutes
  threadmill compare dual-queue dual-queue:published     what hardening costs
  threadmill compare --writers 8 --payload-words 64      a workload more like yours
  threadmill compare --rate 500 --burst 100/50ms         which bridges keep up with bursts
  threadmill compare --markdown comparison.md --html comparison.html

A bridge has the name of its folder. With :published it is the version that an article printed, without it the hardened one.

Exit codes:
  0  no hardened bridge broke
  1  a hardened bridge broke
  2  bad usage, such as an unknown bridge
  3  the harness itself failed`;

/** Adds `threadmill compare`. */
export function addCompareCommand(program: Command, context: CommandContext, setExitCode: SetExitCode): void {
  const by = defaultComparison;
  program
    .command('compare')
    .description('Put one workload of records through bridges, and show which of them hold and what each costs.')
    .argument('[bridges...]', 'such as dual-queue or dual-queue:published (default: all bridges that carry records)')
    .option('--writers <count>', `writer threads (default: ${by.writers})`, parseCount)
    .option(
      '--writer-counts <list>',
      `measure these numbers of writers too (default: ${by.writerCounts.join(',')})`,
      parseCounts,
    )
    .option('--readers <count>', `coroutines that read (default: ${by.readers})`, parseCountOrNone)
    .option('--read-every <duration>', `how often each reader reads (default: ${by.readEveryMs}ms)`, parseDurationMs)
    .option('--payload-words <count>', `record size in 32-bit words (default: ${by.payloadWords})`, parseCount)
    .option('--keys <count>', `records in the table (default: ${by.keys})`, parseCount)
    .option('--queue-capacity <count>', `capacity of each queue (default: ${by.queueCapacity})`, parseCount)
    .option('--rate <count>', 'records a second from each writer (default: as fast as possible)', parseCount)
    .option('--burst <count/pause>', 'write in bursts, with a pause after each, such as 50/20ms', parseBurst)
    .option(
      '--steady-rate <count>',
      `--rate while latency is measured (default: ${by.steadyRatePerSecond}, or --rate)`,
      parseCount,
    )
    .option('--rounds <count>', `rounds of each bridge, a process each (default: ${by.rounds})`, parseCount)
    .option(
      '--scaling-rounds <count>',
      `rounds of each number of writers (default: ${by.scalingRounds})`,
      parseCountOrNone,
    )
    .option('--warmups <count>', `untimed batches at the start of a round (default: ${by.warmups})`, parseCountOrNone)
    .option('--batches <count>', `timed batches in each round (default: ${by.batches})`, parseCount)
    .option('--batch <duration>', `length of a batch (default: ${by.batchMs}ms)`, parseDurationMs)
    .option('--records <count>', `most records in a batch (default: ${by.records})`, parseCount)
    .option(
      '--steady <duration>',
      `how long each round measures latency (default: ${by.steadyMs}ms)`,
      parseDurationOrNoneMs,
    )
    .option(
      '--controlled <duration>',
      `how long to explore each bridge; 0 for not at all (default: ${by.controlledMs}ms)`,
      parseDurationOrNoneMs,
    )
    .option(
      '--budget <duration>',
      `start no round that would end later than this (default: ${by.budgetMs / 1_000}s)`,
      parseDurationMs,
    )
    .option(
      '--hang-timeout <duration>',
      `a process that is silent for this long has hung (default: ${by.hangTimeoutMs / 1_000}s)`,
      parseDurationMs,
    )
    .option('--heap <MiB>', `heap of each thread in MiB (default: ${by.heapMiB})`, parseCount)
    .option('--seed <integer>', 'decides the order of rounds and what is explored (default: a fresh one)', parseSeed)
    .option('--json <file>', 'also write the comparison to this file, as JSON')
    .option('--markdown <file>', 'also write it to this file, as Markdown')
    .option('--html <file>', 'write the page to this file (default: beside the JSON in results/compare/)')
    .option('--no-save', 'write nothing to results/')
    .addHelpText('after', examples)
    .action(async (bridges: string[], flags: CompareFlags) => {
      await compareCommand(context, bridges, flags, setExitCode);
    });
}

async function compareCommand(
  context: CommandContext,
  bridges: readonly string[],
  flags: CompareFlags,
  setExitCode: SetExitCode,
): Promise<void> {
  const { environment, stdout, stderr, signal } = context;
  const [compare, { streamOutput }, { createCompareProgress }, { writeComparisonTable }] = await Promise.all([
    context.campaign.compare(),
    import('../report/text/output.js'),
    import('../compare/report/progress.js'),
    import('../compare/report/table.js'),
  ]);
  const progress = createCompareProgress({ stream: stderr, colors: streamOutput(stderr, environment).colors });
  let comparison: Comparison;
  try {
    const onProgress = progress.show.bind(progress);
    comparison = await compare(requestOf(bridges, flags), { seed: flags.seed, signal, onProgress });
  } finally {
    progress.clear();
  }
  writeComparisonTable(comparison, streamOutput(stdout, environment));
  await writeFiles(context, comparison, flags);
  setExitCode(comparison.met ? exitCodes.met : exitCodes.unmet);
}

function requestOf(bridges: readonly string[], flags: CompareFlags): ComparisonRequest {
  const request = {
    bridges,
    writers: flags.writers,
    writerCounts: flags.writerCounts,
    readers: flags.readers,
    readEveryMs: flags.readEvery,
    payloadWords: flags.payloadWords,
    keys: flags.keys,
    queueCapacity: flags.queueCapacity,
    records: flags.records,
    ratePerSecond: flags.rate,
    burst: flags.burst,
    steadyRatePerSecond: flags.steadyRate,
    rounds: flags.rounds,
    scalingRounds: flags.scalingRounds,
    warmups: flags.warmups,
    batches: flags.batches,
    batchMs: flags.batch,
    steadyMs: flags.steady,
    controlledMs: flags.controlled,
    budgetMs: flags.budget,
    hangTimeoutMs: flags.hangTimeout,
    heapMiB: flags.heap,
  };
  return request;
}

async function writeFiles(context: CommandContext, comparison: Comparison, flags: CompareFlags): Promise<void> {
  const { projectDirectory, environment, stdout } = context;
  const { streamOutput } = await import('../report/text/output.js');
  const output = streamOutput(stdout, environment);
  const told = (what: string, file: string): void => output.print([`${what} ${file}`]);
  let { html } = flags;
  if (flags.save) {
    const { writeComparison } = await import('../results/folder.js');
    const file = writeComparison(projectDirectory, comparison);
    told('record', file);
    html ??= file.replace(/\.json$/, '.html');
  }
  if (flags.json !== undefined) {
    writeRequestedFile(projectDirectory, flags.json, `${JSON.stringify(comparison, null, 2)}\n`, '--json');
    told('json', flags.json);
  }
  if (flags.markdown !== undefined) {
    const { comparisonMarkdown } = await import('../compare/report/markdown.js');
    writeRequestedFile(projectDirectory, flags.markdown, comparisonMarkdown(comparison), '--markdown');
    told('markdown', flags.markdown);
  }
  if (html !== undefined) {
    const { renderComparisonPage } = await import('../compare/report/page.js');
    writeRequestedFile(projectDirectory, html, await renderComparisonPage(comparison), '--html');
    told('page', html);
  }
}
