import type { Reporter } from '../../results/events.js';
import type { Counterexample, ScenarioResult } from '../../results/schema.js';
import { failureSite, renderUnmet } from '../text/failure.js';
import { textOutput } from '../text/output.js';
import { plainLine, visible } from '../text/printable.js';
import { oneLine, printableLines } from '../text/columns.js';
import { formatExpectation, formatFound } from '../text/words.js';

export interface GithubReporterOptions {
  readonly write: (text: string) => void;
  /** The path from the repository to the project, such as `packages/queue/`. */
  readonly filePrefix?: string | undefined;
  /** What a rerun needs besides seed and path, such as `--strategy pct`. */
  readonly runArguments?: readonly string[] | undefined;
  /** Whether to print the seed in the log, at the beginning and at the end. Default false. */
  readonly printsSeed?: boolean | undefined;
}

/**
 * Annotations for GitHub Actions: an error at the line where a scenario broke, a warning for each note.
 *
 * @see https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
export function createGithubReporter({
  write,
  filePrefix = '',
  runArguments,
  printsSeed = false,
}: GithubReporterOptions): Reporter {
  // Annotations are not shown in a monospaced font, so columns would not line up.
  const look = { ...textOutput(), runArguments, interleaving: false };

  const annotate = (
    level: 'error' | 'warning',
    properties: Readonly<Record<string, string | number | undefined>>,
    lines: readonly string[],
  ): void => {
    const given = Object.entries(properties).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}=${escapeProperty(visible(String(value)))}`],
    );
    write(
      `::${level}${given.length === 0 ? '' : ` ${given.join(',')}`}::${escapeData(lines.map(plainLine).join('\n'))}\n`,
    );
  };

  const scenarioFinished = (result: ScenarioResult, counterexample: Counterexample | null): void => {
    if (!result.met) {
      const site = counterexample === null ? undefined : failureSite(counterexample);
      const found = formatFound(result);
      const title = `${oneLine(result.name)}: ${found}, expected ${formatExpectation(result.expected)}`;
      const file = filePrefix + (site?.file ?? result.file);
      annotate(
        'error',
        { file, line: site?.line ?? 1, col: site?.column, title },
        renderUnmet(result, counterexample, look),
      );
    }
    for (const note of result.notes)
      annotate('warning', { file: filePrefix + result.file, title: oneLine(result.name) }, printableLines(note));
  };

  return {
    handle(event) {
      if (printsSeed && event.kind === 'runStarted') write(`threadmill  seed ${event.seed}\n`);
      if (printsSeed && event.kind === 'runFinished') write(`seed ${event.record.seed}\n`);
      if (event.kind === 'note') annotate('warning', { title: 'threadmill' }, printableLines(event.message));
      if (event.kind === 'scenarioFinished') scenarioFinished(event.result, event.counterexample);
    },
  };
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
