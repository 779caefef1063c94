import { create } from 'xmlbuilder2';
import type { Reporter } from '../../results/events.js';
import type { Counterexample, RunRecord, ScenarioResult } from '../../results/schema.js';
import { failureSite, renderMet, renderUnmet } from '../text/failure.js';
import { textOutput } from '../text/output.js';
import { plainLine } from '../text/printable.js';
import { oneLine } from '../text/columns.js';
import { formatExpectation, formatFound } from '../text/words.js';

export interface JunitReporterOptions {
  readonly write: (text: string) => void;
  /** What a rerun needs besides seed and path, such as `--strategy pct`. */
  readonly runArguments?: readonly string[] | undefined;
}

interface Finished {
  readonly result: ScenarioResult;
  readonly counterexample: Counterexample | null;
}

/** The run as JUnit XML when it has finished, with a test case for each scenario. */
export function createJunitReporter({ write, runArguments }: JunitReporterOptions): Reporter {
  const finished: Finished[] = [];
  return {
    handle(event) {
      if (event.kind === 'scenarioFinished') finished.push(event);
      if (event.kind === 'runFinished') write(junitXml(event.record, finished, runArguments));
    },
  };
}

function junitXml(
  record: RunRecord,
  finished: readonly Finished[],
  runArguments: readonly string[] | undefined,
): string {
  const look = { ...textOutput(), runArguments };
  const errors = finished.filter(({ result }) => result.verdict === 'interrupted').length;
  const failures = finished.filter(({ result }) => !result.met).length - errors;
  const totals = { tests: finished.length, failures, errors, time: seconds(record.durationMs) };
  // XML cannot express most control characters, so the texts below show them as escapes.
  const document = create({ version: '1.0', encoding: 'UTF-8', invalidCharReplacement: '\ufffd' });
  const suites = document.ele('testsuites', { name: 'threadmill', ...totals });
  const suite = suites.ele('testsuite', { name: 'threadmill', timestamp: record.startedAt, skipped: 0, ...totals });
  const properties = suite.ele('properties');
  for (const [name, value] of Object.entries({ seed: record.seed, threadmill: record.threadmill, node: record.node })) {
    properties.ele('property', { name, value: plainLine(String(value)) });
  }
  for (const { result, counterexample } of finished) {
    // Tools that show failures in the code need the place of the failure, which may be in another file.
    const site = result.met || counterexample === null ? undefined : failureSite(counterexample);
    const testCase = suite.ele('testcase', {
      classname: plainLine(result.file),
      name: oneLine(result.name),
      file: plainLine(site?.file ?? result.file),
      ...(site === undefined ? {} : { line: site.line }),
      time: seconds(result.durationMs),
    });
    if (!result.met) {
      const found = formatFound(result);
      // An unfinished scenario has not failed, and must not count as passed.
      const element = result.verdict === 'interrupted' ? 'error' : 'failure';
      testCase
        .ele(element, { type: result.verdict, message: `${found}, expected ${formatExpectation(result.expected)}` })
        .txt(xmlText(renderUnmet(result, counterexample, look)));
    }
    const remarks = [
      ...(result.met ? [renderMet(result, look)] : []),
      ...result.notes.map((note) => `note: ${oneLine(note)}`),
    ];
    if (remarks.length > 0) testCase.ele('system-out').txt(xmlText(remarks));
  }
  return `${document.end({ prettyPrint: true })}\n`;
}

/** Lines as the content of an element. They may also end up in the log of a job, where a line may be a command. */
function xmlText(lines: readonly string[]): string {
  return lines.map(plainLine).join('\n');
}

function seconds(durationMs: number): string {
  return (durationMs / 1_000).toFixed(3);
}
