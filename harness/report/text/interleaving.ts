import type { Counterexample, Operation } from '../../results/schema.js';
import { brokenOperation } from '../trace/broken-operation.js';
import { selectRows } from '../trace/elision.js';
import type { Row } from '../trace/elision.js';
import type { Colors } from './output.js';
import { visible } from './printable.js';
import { displayWidth, fitColumns, oneLine, padColumns } from './columns.js';
import { formatCount, formatNumber } from './words.js';
import { factsOf } from '../../results/operation-facts.js';
import { failureHeadline } from './failure-message.js';
import { addressText, valueText } from './operation.js';

export interface InterleavingOptions {
  readonly widthColumns: number;
  readonly colors: Colors;
  /** The most operations to show. Omitted ones are counted. Default 60. */
  readonly maximumOperations?: number | undefined;
}

const defaultMaximumOperations = 60;
const gapColumns = 2;
const minimumAgentColumns = 12;
const maximumAgentColumns = 36;
/** The least room for source text beside the agents' columns. With less room it goes below. */
const minimumSourceTextColumns = 30;
const maximumValueColumns = 48;

/** The layout of the lines. */
interface Layout {
  readonly widthColumns: number;
  /** The agents that have a column, in order. */
  readonly agents: readonly number[];
  readonly stepColumns: number;
  readonly agentColumns: number;
  /** Whether source lines are beside the agents' columns. Otherwise they are below each operation. */
  readonly sourceBeside: boolean;
  /** Whether all agents share one column, each operation with its agent's name, because there are too many columns. */
  readonly narrative: boolean;
}

/**
 * Draws a counterexample's trace: one column per agent, one operation a row with its source line, a rule where an agent
 * was preempted, and a mark where it broke.
 */
export function renderInterleaving(counterexample: Counterexample, options: InterleavingOptions): string[] {
  const { trace } = counterexample;
  if (trace.length === 0) return [];
  const rows = selectRows(
    trace,
    brokenOperation(counterexample),
    options.maximumOperations ?? defaultMaximumOperations,
  );
  const shown = rows.flatMap((row) => (row.kind === 'operation' ? [row.operation] : []));
  const painter = new Painter(
    counterexample,
    chooseLayout(counterexample, shown, options.widthColumns),
    options.colors,
  );
  const lines = painter.header();
  for (const row of rows) lines.push(...painter.row(row));
  lines.push(...painter.footer());
  return lines;
}

/** The name of an agent, by its number. */
export function agentName(counterexample: Counterexample, agent: number): string {
  return oneLine(counterexample.agents[agent] ?? `agent ${agent}`);
}

function chooseLayout(counterexample: Counterexample, shown: readonly Operation[], widthColumns: number): Layout {
  const agents = [...new Set(counterexample.trace.map((operation) => operation.agent))].sort((a, b) => a - b);
  const stepColumns = Math.max(8, ...shown.map((operation) => String(operation.step).length + 4));
  const widest = Math.max(
    minimumAgentColumns,
    ...agents.map((agent) => displayWidth(agentName(counterexample, agent))),
    ...shown.map((operation) => displayWidth(operationCell(operation))),
  );
  const natural = Math.min(widest, maximumAgentColumns) + gapColumns;
  const shortNames = shortFileNames(counterexample.trace);
  const placeColumns = Math.max(0, ...shown.map((operation) => displayWidth(placeText(operation, shortNames))));
  const besideColumns = stepColumns + natural * agents.length + placeColumns + gapColumns + minimumSourceTextColumns;
  if (besideColumns <= widthColumns) {
    return { widthColumns, agents, stepColumns, agentColumns: natural, sourceBeside: true, narrative: false };
  }
  const available = Math.floor((widthColumns - stepColumns) / agents.length);
  if (available >= Math.min(natural, minimumAgentColumns + 8)) {
    const agentColumns = Math.min(natural, available);
    return { widthColumns, agents, stepColumns, agentColumns, sourceBeside: false, narrative: false };
  }
  const nameColumns = Math.max(...agents.map((agent) => displayWidth(agentName(counterexample, agent)))) + gapColumns;
  return { widthColumns, agents, stepColumns, agentColumns: nameColumns, sourceBeside: false, narrative: true };
}

class Painter {
  readonly #counterexample: Counterexample;
  readonly #layout: Layout;
  readonly #colors: Colors;
  readonly #paints: readonly ((text: string) => string)[];
  readonly #shortNames: ReadonlyMap<string, string>;
  readonly #brokenOperation: Operation | undefined;

  constructor(counterexample: Counterexample, layout: Layout, colors: Colors) {
    this.#counterexample = counterexample;
    this.#layout = layout;
    this.#colors = colors;
    this.#paints = [colors.cyan, colors.yellow, colors.magenta, colors.green, colors.blue];
    this.#shortNames = shortFileNames(counterexample.trace);
    this.#brokenOperation = brokenOperation(counterexample);
  }

  header(): string[] {
    const { agents, stepColumns, agentColumns, sourceBeside, narrative } = this.#layout;
    const earlier = this.#counterexample.trace[0]?.step ?? 0;
    const lines: string[] = [];
    if (!narrative) {
      const names = agents.map((agent, column) => {
        const name = fitColumns(agentName(this.#counterexample, agent), agentColumns - gapColumns);
        const isLast = column === agents.length - 1 && !sourceBeside;
        return this.#paint(agent, isLast ? name : padColumns(name, agentColumns), true);
      });
      const source = sourceBeside ? this.#colors.dim('source') : '';
      lines.push(`${' '.repeat(2)}${padColumns('step', stepColumns - 2)}${names.join('')}${source}`);
    }
    if (earlier > 0) lines.push(this.#elision(`${formatCount(earlier, 'earlier step')} not kept`));
    return lines;
  }

  row(row: Row): string[] {
    if (row.kind === 'gap') {
      const perAgent = row.perAgent.map(([agent, count]) => `${agentName(this.#counterexample, agent)} ${count}`);
      return [this.#elision(`${formatCount(row.count, 'step')} left out (${perAgent.join(', ')})`)];
    }
    if (row.kind === 'missing') return [this.#elision(`${formatCount(row.count, 'step')} not kept`)];
    if (row.kind === 'rounds') return [this.#elision(describeRounds(row.count, row.length))];
    if (row.kind === 'within') return [this.#within(row.agent, row.count, row.folders)];
    const { operation, previous } = row;
    const lines: string[] = [];
    if (operation.turn === 'preemption') lines.push(this.#preemption(previous));
    const isBroken = operation === this.#brokenOperation;
    lines.push(...this.#operation(operation, isBroken));
    if (isBroken) lines.push(this.#broken());
    return lines;
  }

  footer(): string[] {
    return this.#brokenOperation === undefined ? [this.#broken()] : [];
  }

  #operation(operation: Operation, isBroken: boolean): string[] {
    const { agents, stepColumns, agentColumns, sourceBeside, narrative, widthColumns } = this.#layout;
    const mark = isBroken ? this.#colors.red('✗ ') : '  ';
    const step = mark + this.#colors.dim(padColumns(String(operation.step), stepColumns - 2));
    const source = this.#sourceText(operation);
    if (narrative) {
      const name = this.#paint(
        operation.agent,
        padColumns(agentName(this.#counterexample, operation.agent), agentColumns),
      );
      const room = widthColumns - stepColumns - agentColumns;
      const line = step + name + fitColumns(operationCell(operation), room);
      if (source === '') return [line];
      return [line, ' '.repeat(stepColumns + agentColumns) + this.#colors.dim(fitColumns(source, room))];
    }
    const before = ' '.repeat(agents.indexOf(operation.agent) * agentColumns);
    const text = fitColumns(operationCell(operation), sourceBeside ? agentColumns - gapColumns : widthColumns);
    const painted = isBroken ? this.#colors.red(text) : this.#paint(operation.agent, text);
    if (sourceBeside) {
      if (source === '') return [step + before + painted];
      const after = ' '.repeat(agentColumns * agents.length - before.length - displayWidth(text));
      const room = widthColumns - stepColumns - agentColumns * agents.length;
      return [step + before + painted + after + this.#colors.dim(fitColumns(source, room))];
    }
    // The rest of this row is empty, so the text may extend to the right, or begin further left if necessary.
    const place = (length: number): string =>
      ' '.repeat(Math.max(0, Math.min(before.length, widthColumns - stepColumns - length)));
    const first = step + place(displayWidth(text)) + painted;
    if (source === '') return [first];
    const fitted = fitColumns(source, widthColumns - stepColumns);
    return [first, ' '.repeat(stepColumns) + place(displayWidth(fitted)) + this.#colors.dim(fitted)];
  }

  #within(agent: number, count: number, folders: readonly string[]): string {
    const { agents, stepColumns, agentColumns, narrative, widthColumns } = this.#layout;
    const text = `… ${formatCount(count, 'step')} in ${folders.map(oneLine).join(', ')} …`;
    if (narrative) {
      const name = this.#paint(agent, padColumns(agentName(this.#counterexample, agent), agentColumns));
      const room = widthColumns - stepColumns - agentColumns;
      return ' '.repeat(stepColumns) + name + this.#colors.dim(fitColumns(text, room));
    }
    const fitted = fitColumns(text, widthColumns - stepColumns);
    const before = agents.indexOf(agent) * agentColumns;
    const indent = Math.max(0, Math.min(before, widthColumns - stepColumns - displayWidth(fitted)));
    return ' '.repeat(stepColumns + indent) + this.#colors.dim(fitted);
  }

  #preemption(previous: Operation | undefined): string {
    const who = previous === undefined ? 'another agent' : agentName(this.#counterexample, previous.agent);
    return this.#colors.bold(this.#colors.yellow(this.#rule(`preempted: ${who} could have continued`)));
  }

  #broken(): string {
    const { failure } = this.#counterexample;
    const what = failure.invariant ?? failure.verdict;
    const difference =
      failure.expected !== undefined && failure.found !== undefined
        ? `expected ${failure.expected}, found ${failure.found}`
        : failureHeadline(failure);
    const text = `✗ ${oneLine(what)}: ${oneLine(difference)}`;
    const indent = ' '.repeat(this.#layout.stepColumns);
    return indent + this.#colors.bold(this.#colors.red(fitColumns(text, this.#layout.widthColumns - indent.length)));
  }

  #elision(text: string): string {
    const indent = ' '.repeat(this.#layout.stepColumns);
    return this.#colors.dim(fitColumns(`${indent}… ${text} …`, this.#layout.widthColumns));
  }

  #rule(text: string): string {
    const start = `${' '.repeat(2)}── ${text} `;
    return start + '─'.repeat(Math.max(2, Math.min(this.#layout.widthColumns, 100) - displayWidth(start)));
  }

  #sourceText(operation: Operation): string {
    return `${placeText(operation, this.#shortNames)}  ${oneLine(operation.source ?? '')}`.trim();
  }

  #paint(agent: number, text: string, bold = false): string {
    const paint = this.#paints[this.#layout.agents.indexOf(agent) % this.#paints.length] ?? this.#colors.white;
    return bold ? this.#colors.bold(paint(text)) : paint(text);
  }
}

/** Describes the repetitions of a loop, such as `the same 2 steps, 300 times more`. */
export function describeRounds(count: number, length: number): string {
  const steps = length === 1 ? 'step' : `${formatNumber(length)} steps`;
  return `the same ${steps}, ${formatCount(count / length, 'time')} more`;
}

/** Such as `Atomics.load #0[3] → 7`. */
function operationCell(operation: Operation): string {
  const { kind, address } = operation;
  const place = address === undefined ? '' : ` ${addressText(address)}`;
  const value = valueText(operation);
  if (value === undefined) return kind + place;
  const direction = factsOf(operation).isOutward === true ? '←' : '→';
  return `${kind}${place} ${direction} ${fitColumns(oneLine(value), maximumValueColumns)}`;
}

/** Such as `counter.scenario.ts:14`. */
function placeText({ site }: Operation, shortNames: ReadonlyMap<string, string>): string {
  return site === undefined ? '' : `${visible(shortNames.get(site.file) ?? site.file)}:${site.line}`;
}

/** The base name of each file, unless two files of the trace share it. */
export function shortFileNames(trace: readonly Operation[]): Map<string, string> {
  const files = new Set(trace.flatMap((operation) => (operation.site === undefined ? [] : [operation.site.file])));
  const lastPart = (file: string): string => file.slice(file.lastIndexOf('/') + 1);
  const uses = new Map<string, number>();
  for (const file of files) uses.set(lastPart(file), (uses.get(lastPart(file)) ?? 0) + 1);
  return new Map([...files].map((file) => [file, uses.get(lastPart(file)) === 1 ? lastPart(file) : file]));
}
