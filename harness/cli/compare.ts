import type { Command } from 'commander';
import { defaultComparison, type ComparisonRequest } from '../compare/options.js';
import type { Comparison } from '../results/comparison-schema.js';
import { parseCount, parseDurationMs, parseSeed } from './arguments.js';
import { parseBurst, parseCountOrNone, parseCounts, parseDurationOrNoneMs } from './compare-arguments.js';
import type { CommandContext, SetExitCode } from './context.js';
import { exitCodes } from './exit-codes.js';
import { writeRequestedFile } from './write-file.js';

/** The flags that are options of a comparison, under the names that commander gives them. */
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
  threadmill compare                                     all of them: about three minutes
  threadmill compare dual-queue dual-queue:published     what hardening costs
  threadmill compare --writers 8 --payload-words 64      a workload more like yours
  threadmill compare --rate 500 --burst 100/50ms         which of them keep up with bursts
  threadmill compare --markdown comparison.md --html comparison.html

A bridge is named for its folder; :published is the one an article printed, without it the hardened one.

Exit codes:
  0  no hardened bridge broke
  1  one did
  2  bad usage, such as a bridge that there is not
  3  the harness could not do its work`;

/** Adds `threadmill compare`. */
export function addCompareCommand(program: Command, context: CommandContext, setExitCode: SetExitCode): void {
  const by = defaultComparison;
  program
    .command('compare')
    .description('Put one workload of records through bridges: which of them hold, and what each costs.')
    .argument('[bridges...]', 'such as dual-queue or dual-queue:published (default: all that carry records)')
    .option('--writers <count>', `writer threads (default: ${by.writers})`, parseCount)
    .option('--writer-counts <list>', `also with so many (default: ${by.writerCounts.join(',')})`, parseCounts)
    .option('--readers <count>', `coroutines that read (default: ${by.readers})`, parseCountOrNone)
    .option('--read-every <duration>', `how often each does (default: ${by.readEveryMs}ms)`, parseDurationMs)
    .option('--payload-words <count>', `record size in 32-bit words (default: ${by.payloadWords})`, parseCount)
    .option('--keys <count>', `records in the table (default: ${by.keys})`, parseCount)
    .option('--queue-capacity <count>', `bound of each queue (default: ${by.queueCapacity})`, parseCount)
    .option('--rate <count>', 'records a second of each writer (default: as fast as it can)', parseCount)
    .option('--burst <count/pause>', 'records in bursts with a pause after each, such as 50/20ms', parseBurst)
    .option('--steady-rate <count>', `rate for latency (default: ${by.steadyRatePerSecond}, or --rate)`, parseCount)
    .option('--rounds <count>', `processes for each bridge (default: ${by.rounds})`, parseCount)
    .option('--scaling-rounds <count>', `and for each writer count (default: ${by.scalingRounds})`, parseCountOrNone)
    .option('--warmups <count>', `batches that do not count, each round (default: ${by.warmups})`, parseCountOrNone)
    .option('--batches <count>', `timed batches in each round (default: ${by.batches})`, parseCount)
    .option('--batch <duration>', `how long each is (default: ${by.batchMs}ms)`, parseDurationMs)
    .option('--records <count>', `a batch ends after so many at the latest (default: ${by.records})`, parseCount)
    .option(
      '--steady <duration>',
      `latency is measured for so long, each round (default: ${by.steadyMs}ms)`,
      parseDurationOrNoneMs,
    )
    .option(
      '--controlled <duration>',
      `exploration of each bridge; 0: none (default: ${by.controlledMs}ms)`,
      parseDurationOrNoneMs,
    )
    .option(
      '--budget <duration>',
      `begin no round that would end after it (default: ${by.budgetMs / 1_000}s)`,
      parseDurationMs,
    )
    .option(
      '--hang-timeout <duration>',
      `a silent process hangs (default: ${by.hangTimeoutMs / 1_000}s)`,
      parseDurationMs,
    )
    .option('--heap <MiB>', `heap of each thread (default: ${by.heapMiB})`, parseCount)
    .option('--seed <integer>', 'the order of rounds, and what is explored (default: a fresh one)', parseSeed)
    .option('--json <file>', 'write the comparison there too')
    .option('--markdown <file>', 'write it as Markdown')
    .option('--html <file>', 'write the page there (default: beside the JSON in results/compare/)')
    .option('--no-save', 'write nothing into results/')
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
