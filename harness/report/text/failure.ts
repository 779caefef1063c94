import type { Counterexample, Failure, Operation, ScenarioResult, ShrinkingEnd } from '../../results/schema.js';
import { brokenOperation, isNoteTaking } from '../trace/broken-operation.js';
import { isOwnCode } from '../trace/library.js';
import { renderDifference } from './difference.js';
import { agentName, renderInterleaving } from './interleaving.js';
import type { Output } from './output.js';
import { pageCommand, replayCommand, rerunCommand } from './reproduce.js';
import { renderStressFailure, stressOccasion, stressSummary } from './stress.js';
import { oneLine, padColumns, printableLines } from './columns.js';
import {
  formatAgents,
  formatCount,
  formatDuration,
  formatExpectation,
  formatFound,
  formatInterleavings,
  formatNumber,
  formatParams,
} from './words.js';
import { spellPlace } from '../../place.js';
import { describeFailure, failureMessage } from './failure-message.js';

type Look = Pick<Output, 'colors' | 'widthColumns'>;

export interface FailureOptions extends Look {
  /** What a rerun needs besides seed and path, such as `--strategy pct`. */
  readonly runArguments?: readonly string[] | undefined;
  /** Draws the interleaving. Default true. */
  readonly interleaving?: boolean | undefined;
}

const labelColumns = 13;
const maximumStackLines = 12;

/** The full report of a scenario that did not meet its expectation, as lines of text. */
export function renderUnmet(
  result: ScenarioResult,
  counterexample: Counterexample | null,
  options: FailureOptions,
): string[] {
  const { colors } = options;
  const found = formatFound(result);
  const expected = formatExpectation(result.expected);
  const { stress } = result;
  const name = colors.bold(oneLine(result.name));
  if (result.verdict === 'interrupted') {
    return [
      `${colors.red('✗')} ${name}  ${colors.red(found)}`,
      `  ${colors.dim(result.file)}`,
      '',
      result.test === undefined
        ? `  Nothing had failed when the run was interrupted. Whether it does as expected (${expected}) is not known.`
        : '  Nothing had failed when the run was interrupted. Whether it fails under some schedule is not known.',
    ];
  }
  const isTest = result.test !== undefined;
  const headline = `${colors.red('✗')} ${name}  ${colors.red(found)}${isTest ? '' : `, expected ${expected}`}`;
  if (stress !== null && stress.failure !== null) {
    const saved = result.counterexample?.file ?? null;
    const story = counterexample === null ? [] : renderCounterexample(counterexample, saved, options);
    return [headline, ...indent([...renderStressFailure(result, stress, options), ...story])];
  }
  if (counterexample !== null) {
    const after =
      result.executionsToFind === null ? '' : `, after ${formatCount(result.executionsToFind, 'execution')}`;
    const saved = result.counterexample?.file ?? null;
    return [headline + after, ...indent(renderCounterexample(counterexample, saved, options))];
  }
  const lines = [headline, `  ${colors.dim(result.file)}`];
  const failure = result.counterexample?.failure;
  if (failure !== undefined) {
    lines.push('', ...indent(printableLines(failureMessage(failure))));
    lines.push(...indent(expectedAndFound(failure, colors)));
    const saved = result.counterexample?.file ?? null;
    if (saved !== null) lines.push('', '  Replay it:', `    ${colors.bold(replayCommand(saved))}`);
  }
  if (result.verdict === 'held') {
    lines.push('', `  ${survived(result)}`);
    if (stress !== null) {
      lines.push(
        `  If the defect is rare, disturb the agents more or for longer: ${colors.bold('--amplify 1 --repeat 50')}.`,
      );
      lines.push(
        '  If it needs an order that threads rarely take, the controlled engine can find it: leave out --engine.',
      );
      return lines;
    }
    lines.push(
      `  If the defect is rare, search for longer with ${colors.bold('--runs')} or ${colors.bold('--budget')}.`,
    );
    lines.push("  If the code is correct now, change the scenario to expect 'held'.");
  }
  return lines;
}

/** The report of a counterexample: what broke, under which circumstances, how it happened, and how to repeat it. */
export function renderCounterexample(
  counterexample: Counterexample,
  savedFile: string | null,
  options: FailureOptions,
): string[] {
  const { colors } = options;
  const { failure, agents, preemptions, steps, traceHash } = counterexample;
  const site = failureSite(counterexample);
  const [title = '', ...more] = printableLines(describeFailure(failure, agents));
  const lines = [
    colors.dim(site === undefined ? counterexample.scenario.file : spellPlace(site)),
    '',
    colors.red(title),
    ...more.map((line) => `  ${line}`),
    ...expectedAndFound(failure, colors),
    ...labelled(failure.agent === undefined ? 'at' : 'by', whoAndWhen(counterexample, failure)),
    ...labelled('agents', formatAgents(counterexample)),
    ...labelled('params', formatParams(counterexample.params)),
    ...labelled('preemptions', `${formatNumber(preemptions)} in ${formatCount(steps, 'step')}, trace ${traceHash}`),
    ...labelled('shrinking', describeShrinking(counterexample)),
    ...labelled('replays', counterexample.confirmed === false ? 'none: the run was interrupted first' : undefined),
  ];
  if (failure.stack !== undefined) {
    const stack = printableLines(failure.stack);
    lines.push('', ...stack.slice(0, maximumStackLines).map((line) => colors.dim(line)));
    if (stack.length > maximumStackLines) lines.push(colors.dim(`… ${stack.length - maximumStackLines} more lines`));
  }
  if (options.interleaving !== false) {
    const drawn = renderInterleaving(counterexample, { colors, widthColumns: options.widthColumns - 2 });
    if (drawn.length > 0) lines.push('', ...drawn);
  }
  lines.push('', ...reproduction(counterexample, savedFile, options));
  return lines;
}

/** One line for a scenario that met its expectation. */
export function renderMet(result: ScenarioResult, { colors }: Look): string {
  const name = `${colors.green('✓')} ${oneLine(result.name)}`;
  const found = formatFound(result);
  const { stress } = result;
  if (stress !== null) {
    const seen = stress.failure === null ? 'held' : `${found} as expected, ${stressOccasion(stress)}`;
    return `${name}  ${colors.dim(stress.failure === null ? `${seen}, ${stressSummary(stress)}` : seen)}`;
  }
  if (result.verdict === 'held') {
    const executions = formatCount(result.executions, 'execution');
    const counts = [executions, formatInterleavings(result)];
    // If every interleaving was asked for, what counts is that these were all.
    const isAskedFor = result.exhaustive !== undefined && result.interleavings === undefined;
    const seen = ['held', ...(isAskedFor ? counts.reverse() : counts), rate(result)];
    return `${name}  ${colors.dim(seen.filter((part) => part !== undefined).join(', '))}`;
  }
  const details = [`${found} as expected`];
  if (result.executionsToFind !== null) details.push(`after ${formatCount(result.executionsToFind, 'execution')}`);
  if (result.counterexample !== null) details.push(formatCount(result.counterexample.preemptions, 'preemption'));
  return `${name}  ${colors.dim(details.join(', '))}`;
}

/** The best place in the source to show a failure, in the user's own code if possible. */
export function failureSite(counterexample: Counterexample): Operation['site'] {
  const { failure, trace } = counterexample;
  const broken = brokenOperation(counterexample);
  if (broken !== undefined && isOwnCode(broken)) return broken.site;
  const isSited = (operation: Operation): boolean => operation.site !== undefined;
  const isFailed = (operation: Operation): boolean =>
    (failure.invariant === undefined || failure.assertion !== undefined) && operation.agent === failure.agent;
  // A violation at the end was caused by the last operation, not by an entry into the history.
  const isDone = (operation: Operation): boolean => !isNoteTaking(operation);
  const own = trace.filter(isOwnCode);
  const candidates = [own.findLast(isFailed), own.findLast(isDone), own.at(-1), broken, trace.findLast(isSited)];
  return candidates.find((operation) => operation?.site !== undefined)?.site;
}

function reproduction(counterexample: Counterexample, savedFile: string | null, options: FailureOptions): string[] {
  const { colors } = options;
  const lines: string[] = [];
  if (savedFile !== null) lines.push('Replay it:', `  ${colors.bold(replayCommand(savedFile))}`);
  const again = counterexample.exhaustive === undefined ? 'Find it again from its seed:' : 'Find it again:';
  lines.push(again, `  ${colors.bold(rerunCommand(counterexample, options.runArguments))}`);
  if (savedFile !== null) lines.push('See it as a page:', `  ${colors.bold(pageCommand(savedFile))}`);
  return lines;
}

const shrinkingEnds: Readonly<Record<ShrinkingEnd, string>> = {
  timeLimit: 'not fully shrunk: the time of limits.shrinkMs or --budget ran out',
  executionLimit: 'not fully shrunk: limits.shrinkExecutions was reached',
  processLimit: 'not fully shrunk: shrinking ended too many processes',
  interrupted: 'not fully shrunk: the run was interrupted; the next run continues',
};

function describeShrinking({ shrinkingEnded }: Counterexample): string | undefined {
  return shrinkingEnded === undefined ? undefined : shrinkingEnds[shrinkingEnded];
}

/** The agent that failed, and its step; only the step if no single agent failed. */
function whoAndWhen(counterexample: Counterexample, failure: Failure): string | undefined {
  const when = failure.step === undefined ? undefined : `step ${formatNumber(failure.step)}`;
  if (failure.agent === undefined) return when;
  const who = agentName(counterexample, failure.agent);
  return when === undefined ? who : `${who}, at ${when}`;
}

function survived(result: ScenarioResult): string {
  const interleavings = formatInterleavings(result);
  const seen = interleavings === undefined ? '' : `, ${interleavings}`;
  return `It held over ${formatCount(result.executions, 'execution')}${seen} in ${formatDuration(result.durationMs)} (${rate(result)}).`;
}

function rate(result: ScenarioResult): string {
  return `${formatNumber(result.executionsPerSecond)} a second`;
}

function labelled(label: string, text: string | undefined): string[] {
  if (text === undefined) return [];
  const [first = '', ...more] = printableLines(text);
  return [`  ${padColumns(label, labelColumns)}${first}`, ...more.map((line) => ' '.repeat(labelColumns + 2) + line)];
}

/** The expected and the found value, or their difference if it takes several lines. */
function expectedAndFound(failure: Failure, colors: Look['colors']): string[] {
  const difference = renderDifference(failure, colors);
  if (difference.length === 0) return [...labelled('expected', failure.expected), ...labelled('found', failure.found)];
  return difference.map((line, place) => `  ${padColumns(place === 0 ? 'difference' : '', labelColumns)}${line}`);
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? '' : `  ${line}`));
}
