import path from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../errors.js';
import type { Reporter } from '../results/events.js';
import { collect } from './arguments.js';
import type { CommandContext } from './context.js';
import { appendRequestedFile, writeRequestedFile } from './write-file.js';

/** Every reporter of `--reporter`. */
export const reporterNames = ['default', 'json', 'junit', 'github'] as const;
type ReporterName = (typeof reporterNames)[number];

/** The options that choose reports and where they go. */
export interface ReportFlags {
  readonly json?: string;
  readonly reporter?: readonly ReporterName[];
  readonly output?: string;
  readonly summary?: string;
  readonly verbose?: boolean;
}

/** Adds the options of `ReportFlags` to a command. */
export function addReportOptions(command: Command): Command {
  return command
    .option('--json <file>', 'also write the record to this file')
    .option(
      '--reporter <name>',
      `${reporterNames.join(', ')}; repeatable (default: default)`,
      collect(parseReporterName),
    )
    .option('--output <file>', 'write the junit report to this file instead of stdout')
    .option(
      '--summary <file>',
      'append a Markdown summary to this file; github always appends one to $GITHUB_STEP_SUMMARY',
    )
    .option('--verbose', 'also show the interleavings of expected failures');
}

/** @throws UsageError if the options contradict each other */
export function checkReportFlags(flags: ReportFlags): void {
  const reporters = reportersOf(flags);
  if (flags.output !== undefined && !reporters.has('junit')) {
    throw new UsageError('--output names the file of the junit report. Add --reporter junit, or leave out --output.');
  }
  const onStdout = onStdoutOf(flags);
  const alone = onStdout.find((name) => reporterKinds[name].elsewhere !== undefined);
  const elsewhere = alone === undefined ? undefined : reporterKinds[alone].elsewhere;
  if (elsewhere !== undefined && onStdout.length > 1) {
    throw new UsageError(
      `The reporters ${onStdout.join(' and ')} cannot share stdout. Write ${alone} to a file with ${elsewhere}.`,
    );
  }
}

/** Whether a command prints for people rather than for a program. */
export function isForPeople(flags: ReportFlags): boolean {
  return reportersOf(flags).has('default');
}

/** What it takes to make a reporter. */
interface Making {
  readonly context: CommandContext;
  readonly flags: ReportFlags;
  readonly names: ReadonlySet<ReporterName>;
  readonly runArguments: readonly string[];
  /** Writes to stdout. */
  readonly write: (text: string) => void;
}

interface ReporterKind {
  /**
   * For output that programs read, and that has to have stdout to itself: the option that sends it elsewhere. Undefined
   * for output that people read, beside that of other reporters and a line of progress.
   */
  readonly elsewhere: string | undefined;
  /** Makes one. What it needs is loaded only now. */
  readonly make: (making: Making) => Promise<Reporter>;
}

/** The reporters. A name without an entry does not compile. */
const reporterKinds: Readonly<Record<ReporterName, ReporterKind>> = {
  default: { elsewhere: undefined, make: makeDefault },
  json: { elsewhere: '--json FILE', make: makeJson },
  junit: { elsewhere: '--output FILE', make: makeJunit },
  github: { elsewhere: undefined, make: makeGithub },
};

async function makeDefault({ context, flags, runArguments }: Making): Promise<Reporter> {
  const { createDefaultReporter } = await import('../report/reporters/default.js');
  const { streamOutput } = await import('../report/text/output.js');
  const output = streamOutput(context.stdout, context.environment);
  return createDefaultReporter({ output, verbose: flags.verbose, runArguments });
}

async function makeGithub({ context, names, runArguments, write }: Making): Promise<Reporter> {
  const { createGithubReporter } = await import('../report/reporters/github.js');
  const filePrefix = workspacePrefix(context);
  return createGithubReporter({ write, filePrefix, runArguments, printsSeed: !names.has('default') });
}

async function makeJunit({ context, flags: { output }, runArguments, write }: Making): Promise<Reporter> {
  const { createJunitReporter } = await import('../report/reporters/junit.js');
  const writeJunit =
    output === undefined
      ? write
      : (text: string) => writeRequestedFile(context.projectDirectory, output, text, '--output');
  return createJunitReporter({ write: writeJunit, runArguments });
}

async function makeJson({ write }: Making): Promise<Reporter> {
  const { createJsonReporter } = await import('../report/reporters/json.js');
  return createJsonReporter(write);
}

/** One reporter that does all that the options ask for. */
export async function createReporter(
  context: CommandContext,
  flags: ReportFlags,
  runArguments: readonly string[],
): Promise<Reporter> {
  const { projectDirectory, environment, stdout, stderr } = context;
  const names = reportersOf(flags);
  const write = (text: string): void => void stdout.write(text);
  const making: Making = { context, flags, names, runArguments, write };
  const reporters: Reporter[] = [];
  for (const name of reporterNames) if (names.has(name)) reporters.push(await reporterKinds[name].make(making));
  for (const file of summaryFiles(context, flags)) {
    const { createMarkdownReporter } = await import('../report/reporters/markdown.js');
    const append = (text: string): void => appendRequestedFile(projectDirectory, file, text, '--summary');
    reporters.push(createMarkdownReporter({ write: append, runArguments }));
  }
  const { json } = flags;
  if (json !== undefined) {
    const { createJsonReporter } = await import('../report/reporters/json.js');
    reporters.push(createJsonReporter((text) => writeRequestedFile(projectDirectory, json, text, '--json')));
  }
  const isForMachines = onStdoutOf(flags).some((name) => reporterKinds[name].elsewhere !== undefined);
  if (isForMachines) return combine(reporters);
  const { createProgress } = await import('../report/reporters/progress.js');
  const { streamOutput } = await import('../report/text/output.js');
  // It takes long to load, and jobs have no terminal.
  const { createLogUpdate } = stderr.isTTY ? await import('log-update') : {};
  const progress = createProgress({
    stream: stderr,
    colors: streamOutput(stderr, environment).colors,
    createLogUpdate,
  });
  const clear: Reporter = {
    handle: (event) => {
      if (event.kind !== 'progress') progress.clear();
    },
  };
  return combine([clear, ...reporters, progress]);
}

/** If one reporter fails to write, the others still get the event. The first error is thrown after that. */
function combine(reporters: readonly Reporter[]): Reporter {
  return {
    handle: (event) => {
      const errors: unknown[] = [];
      for (const reporter of reporters) {
        try {
          reporter.handle(event);
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length > 0) throw errors[0];
    },
  };
}

function reportersOf(flags: ReportFlags): ReadonlySet<ReporterName> {
  return new Set(flags.reporter ?? ['default']);
}

function onStdoutOf(flags: ReportFlags): readonly ReporterName[] {
  return [...reportersOf(flags)].filter((name) => name !== 'junit' || flags.output === undefined);
}

/** Where summaries go: each file once, though it may have been named twice. */
function summaryFiles({ projectDirectory, environment }: CommandContext, flags: ReportFlags): ReadonlySet<string> {
  const { GITHUB_STEP_SUMMARY: ofGithub } = environment;
  const files = [flags.summary, reportersOf(flags).has('github') ? ofGithub : undefined];
  return new Set(
    files.flatMap((file) => (file === undefined || file === '' ? [] : [path.resolve(projectDirectory, file)])),
  );
}

/** GitHub expects paths relative to the repository, and the project may be a folder in it. */
function workspacePrefix({ environment, projectDirectory }: CommandContext): string {
  const workspace = environment['GITHUB_WORKSPACE'];
  if (workspace === undefined || workspace === '') return '';
  const prefix = path.relative(workspace, projectDirectory).replaceAll(path.sep, '/');
  return prefix === '' || prefix.startsWith('..') ? '' : `${prefix}/`;
}

function parseReporterName(text: string): ReporterName {
  const name = reporterNames.find((candidate) => candidate === text);
  if (name === undefined)
    throw new UsageError(`Unknown reporter "${text}". Expected one of ${reporterNames.join(', ')}.`);
  return name;
}
