import { inspect } from 'node:util';
import type { CompiledScenario } from '../../instrument/compiled.js';
import {
  afterStates,
  agentStates,
  endReasons,
  livelockCauses,
  turnReasons,
  type KernelMemory,
} from '../../kernel/layout.js';
import * as at from '../../kernel/layout.js';
import { operationCodes, operationNames } from '../../kernel/operations.js';
import { keptTraceEntries, lastTraceEntries, traceHash, type TraceEntry } from '../../kernel/trace.js';
import { WaiterQueue } from '../../kernel/waiter-queue.js';
import { headLength } from '../../results/kept-trace.js';
import type { Failure, Operation, Site } from '../../results/schema.js';
import type { FailureVerdict, Verdict } from '../../scenario/verdict.js';
import type { ExecutionResult } from '../execution-result.js';
import { elementSizeShift } from './agent-points.js';
import { afterResource, coroutineName } from './describe-task.js';
import { loggedValue } from './history-log.js';
import { mapStack } from '../map-stack.js';
import { readReport } from './report-area.js';

const verdictOfReason: Readonly<Record<number, Verdict>> = {
  [endReasons.done]: 'held',
  [endReasons.violation]: 'violation',
  [endReasons.deadlock]: 'deadlock',
  [endReasons.livelock]: 'livelock',
  [endReasons.crash]: 'crash',
  [endReasons.uncontrolled]: 'uncontrolled',
};

const turnNames: Readonly<Record<number, 'preemption' | 'yield' | 'blocked'>> = {
  [turnReasons.preemption]: 'preemption',
  [turnReasons.yield]: 'yield',
  [turnReasons.blocked]: 'blocked',
};

/** How many operations at the end of a livelock are searched for the loop. */
const loopSearchLength = 600;

/** What the agents of an execution are called. */
export function agentName(agent: number): string {
  return agent === 0 ? 'readers' : `writer ${String(agent - 1)}`;
}

/** Reads what an execution came to out of the kernel's memory. */
export class ResultReader {
  readonly #memory: KernelMemory;
  readonly #compiled: CompiledScenario;
  readonly #siteHashes: Int32Array;

  constructor(memory: KernelMemory, compiled: CompiledScenario, siteHashes: Int32Array) {
    this.#memory = memory;
    this.#compiled = compiled;
    this.#siteHashes = siteHashes;
  }

  /** @param traceLength how many operations to include: if there are more, the first and the last */
  read(traceLength: number): ExecutionResult {
    return this.#outcome(verdictOfReason[this.#memory.words[at.END_REASON]!] ?? 'hang', undefined, traceLength);
  }

  /** The outcome of an execution that did not end by itself, as the watchdog found it. */
  readFatal(verdict: FailureVerdict, message: string, traceLength: number): ExecutionResult {
    return this.#outcome(verdict, message, traceLength);
  }

  #outcome(verdict: Verdict, message: string | undefined, traceLength: number): ExecutionResult {
    const { words } = this.#memory;
    return {
      verdict,
      failure: verdict === 'held' ? null : this.#failure(verdict, message),
      steps: words[at.STEP]!,
      switches: words[at.SWITCHES]!,
      preemptions: words[at.PREEMPTIONS_TAKEN]!,
      traceHash: traceHash(this.#memory, this.#siteHashes),
      trace: this.#trace(traceLength),
    };
  }

  #trace(length: number): Operation[] {
    const head = headLength(length);
    return keptTraceEntries(this.#memory, head, length - head).map((entry) => this.#operation(entry));
  }

  #site(site: number): Site | null {
    return this.#compiled.sites[site] ?? null;
  }

  #siteText(site: number): string {
    const found = this.#site(site);
    return found === null ? 'an unknown place' : `${found.file}:${String(found.line)}:${String(found.column)}`;
  }

  #failure(verdict: FailureVerdict, message: string | undefined): Failure {
    const { words } = this.#memory;
    const report = readReport(this.#memory);
    const step = words[at.STEP]!;
    if (message !== undefined) return { verdict, message, agent: words[at.TURN]!, step };
    if (verdict === 'deadlock') return { verdict, message: this.#describeDeadlock(), step };
    if (verdict === 'livelock') return { verdict, message: this.#describeLivelock(), agent: words[at.ENDED_BY]!, step };
    if (report === undefined) return { verdict, message: 'no report was left', step };
    return {
      verdict,
      message: report.message,
      ...(report.agent === undefined ? {} : { agent: report.agent }),
      step: report.step,
      ...(report.invariant === undefined ? {} : { invariant: report.invariant }),
      ...(report.expected === undefined ? {} : { expected: report.expected }),
      ...(report.found === undefined ? {} : { found: report.found }),
      ...(report.assertion === undefined ? {} : { assertion: report.assertion }),
      ...(report.stack === undefined ? {} : { stack: mapStack(report.stack, this.#compiled) }),
    };
  }

  #describeDeadlock(): string {
    const { words } = this.#memory;
    const waiters = new WaiterQueue(this.#memory);
    const lines = ['nobody can go on, and no time-out is pending:'];
    for (let agent = 0; agent < words[at.AGENT_COUNT]!; agent++) {
      const row = at.AGENT_TABLE + agent * at.agentWords;
      const since = this.#siteText(words[row + at.AGENT_LAST_SITE]!);
      if (words[row + at.AGENT_STATE_AT_END] === agentStates.waiting) {
        const location = waiters.locationOf(agent);
        const where =
          location === undefined ? '' : ` on #${String(location.buffer - 1)}, byte ${String(location.byteIndex)},`;
        lines.push(`${agentName(agent)} waits in Atomics.wait${where} since ${since}`);
      } else if (words[row + at.AGENT_UNSETTLED]! > 0) {
        const operation = operationNames[words[row + at.AGENT_LAST_OPERATION]! & 0xff] ?? 'begin';
        const count =
          agent === 0
            ? words[at.AFTER] === afterStates.begun
              ? `${coroutineName(afterResource)} awaits`
              : `${String(words[row + at.AGENT_UNSETTLED])} of the readers await`
            : `${agentName(agent)} awaits`;
        lines.push(`${count} what nobody settles; the last operation there: ${operation} at ${since}`);
      }
    }
    return lines.join('\n');
  }

  #describeLivelock(): string {
    const { words } = this.#memory;
    const cause = words[at.LIVELOCK_CAUSE];
    const reached =
      cause === livelockCauses.waitsWithoutProgress
        ? `${String(words[at.WAITS_WITHOUT_PROGRESS_LIMIT])} waits brought nothing new (limits.waitsWithoutProgress)`
        : cause === livelockCauses.stepsWithoutProgress
          ? `${String(words[at.STEPS_WITHOUT_PROGRESS_LIMIT])} steps brought nothing new (limits.stepsWithoutProgress)`
          : `${String(words[at.STEP_LIMIT])} steps were not enough (limits.steps)`;
    const loop = repeatingLoop(lastTraceEntries(this.#memory, loopSearchLength));
    if (loop === undefined) return reached;
    const lines = loop.map((entry) => {
      const operation = this.#operation(entry);
      const what = [operation.operation, operation.location, operation.value]
        .filter((part) => part !== undefined)
        .join(' ');
      return `  ${agentName(entry.agent)}: ${what} at ${this.#siteText(entry.site)}`;
    });
    return [`${reached}; this repeats:`, ...lines].join('\n');
  }

  #operation(entry: TraceEntry): Operation {
    const code = entry.operation & ((1 << elementSizeShift) - 1);
    const elementSize = entry.operation >>> elementSizeShift;
    const site = this.#site(entry.site);
    const turn = turnNames[entry.turnReason];
    const location = describeLocation(entry, elementSize);
    const value = historyOperations.has(code)
      ? describeHistoryValue(loggedValue(this.#memory, entry.offset))
      : describeValue(code, entry);
    return {
      step: entry.step,
      agent: entry.agent,
      operation: operationNames[code] ?? 'unknown',
      ...(location === undefined ? {} : { location }),
      ...(value === undefined ? {} : { value }),
      ...(turn === undefined ? {} : { turn }),
      ...(site === null ? {} : { site }),
    };
  }
}

const portOperations: ReadonlySet<number> = new Set([
  operationCodes.postMessage,
  operationCodes.message,
  operationCodes.listen,
  operationCodes.close,
]);
const historyOperations: ReadonlySet<number> = new Set([
  operationCodes['history.write'],
  operationCodes['history.acknowledge'],
  operationCodes['history.read'],
]);
const coroutineOperations: ReadonlySet<number> = new Set([
  ...historyOperations,
  operationCodes.begin,
  operationCodes.pause,
  operationCodes.resume,
]);
const timerOperations: ReadonlySet<number> = new Set([
  operationCodes['set timer'],
  operationCodes.timer,
  operationCodes['clear timer'],
]);
const valuelessOperations: ReadonlySet<number> = new Set([
  operationCodes.begin,
  operationCodes.listen,
  operationCodes.close,
  operationCodes.message,
  operationCodes.timer,
  operationCodes['clear timer'],
  operationCodes['set immediate'],
  operationCodes.immediate,
  operationCodes.pause,
  operationCodes.resume,
  operationCodes['Atomics.waitAsync settles'],
]);

function describeLocation(entry: TraceEntry, elementSize: number): string | undefined {
  const code = entry.operation & ((1 << elementSizeShift) - 1);
  if (elementSize > 0) {
    const element = entry.offset / elementSize;
    return Number.isInteger(element)
      ? `#${String(entry.resource - 1)}[${String(element)}]`
      : `#${String(entry.resource - 1)} byte ${String(entry.offset)}`;
  }
  if (portOperations.has(code)) return `port ${String(entry.resource)}`;
  if (timerOperations.has(code)) return `timer ${String(entry.resource)}`;
  // Which of the coroutines that share the main agent; a worker has but one writer.
  if (coroutineOperations.has(code) && entry.agent === 0) return coroutineName(entry.resource);
  return undefined;
}

function describeValue(code: number, entry: TraceEntry): string | undefined {
  if (valuelessOperations.has(code)) return undefined;
  if (code === operationCodes['Atomics.wait returns']) return entry.value === 1 ? 'ok' : 'timed-out';
  if (code === operationCodes['Atomics.notify']) return `woke ${String(entry.value)}`;
  if (code === operationCodes['set timer']) return `${String(entry.value)} ms`;
  if (code === operationCodes.clock) return `${entry.value.toFixed(3)} ms`;
  if (code === operationCodes.postMessage) return entry.value === 0 ? 'to nobody' : undefined;
  return String(entry.value);
}

const longestHistoryValue = 60;

/** A value from the history, short enough for one row. */
function describeHistoryValue(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const text = inspect(value, { breakLength: Infinity, depth: 3 });
  return text.length > longestHistoryValue ? `${text.slice(0, longestHistoryValue)}…` : text;
}

/** The shortest sequence of operations that the end of the trace repeats three times. */
function repeatingLoop(entries: readonly TraceEntry[]): readonly TraceEntry[] | undefined {
  const last = entries.length;
  const same = (first: TraceEntry | undefined, second: TraceEntry | undefined): boolean =>
    first !== undefined &&
    first.agent === second?.agent &&
    first.operation === second.operation &&
    first.site === second.site;
  for (let period = 1; period * 3 <= last; period++) {
    let repeats = true;
    for (let back = 1; repeats && back <= period * 2; back++)
      repeats = same(entries[last - back], entries[last - back - period]);
    if (repeats) return entries.slice(last - period);
  }
  return undefined;
}
