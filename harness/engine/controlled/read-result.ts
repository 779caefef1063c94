import path from 'node:path';
import { inspect } from 'node:util';
import {
  afterStates,
  agentStates,
  endReasons,
  livelockCauses,
  turnReasons,
  type KernelMemory,
} from '../../kernel/layout.js';
import * as at from '../../kernel/layout.js';
import { elementSizeShift, kindMask } from '../../kernel/operations.js';
import { operationKinds, type OperationKind } from '../../operation-kinds.js';
import { keptTraceEntries, lastTraceEntries, traceHash, type TraceEntry } from '../../kernel/trace.js';
import { WaiterQueue } from '../../kernel/waiter-queue.js';
import { agentName } from '../../results/agent-name.js';
import { headLength } from '../../results/kept-trace.js';
import type { BlockedAgent, Failure, Livelock } from '../../results/failure-schema.js';
import { factsOf } from '../../results/operation-facts.js';
import type { Address, MemoryAddress, Operation, Site } from '../../results/operation-schema.js';
import { saveNumber } from '../../results/save-number.js';
import { verdicts, type FailureVerdict, type Verdict } from '../../scenario/verdict.js';
import type { ExecutionResult } from '../execution-result.js';
import { afterResource, programResource } from './describe-task.js';
import { loggedValue } from './history-log.js';
import type { KnownCode } from './known-code.js';
import { mapStack } from '../map-stack.js';
import { readReport } from './report-area.js';

/** The kernel's number for each verdict; a missing verdict does not compile. Only the watchdog finds a `hang`. */
const reasonOf: Readonly<Record<Exclude<Verdict, 'hang'>, number>> = {
  held: endReasons.done,
  violation: endReasons.violation,
  deadlock: endReasons.deadlock,
  livelock: endReasons.livelock,
  crash: endReasons.crash,
  uncontrolled: endReasons.uncontrolled,
};

const verdictOf = (reason: number): Verdict =>
  verdicts.find((verdict) => verdict !== 'hang' && reasonOf[verdict] === reason) ?? 'hang';

const turnNames: Readonly<Record<number, 'preemption' | 'yield' | 'blocked'>> = {
  [turnReasons.preemption]: 'preemption',
  [turnReasons.yield]: 'yield',
  [turnReasons.blocked]: 'blocked',
};

/** How many operations at the end of a livelock are searched for the loop. */
const loopSearchLength = 600;

/** Reads the result of an execution from the kernel's memory. */
export class ResultReader {
  readonly #memory: KernelMemory;
  readonly #code: KnownCode;

  constructor(memory: KernelMemory, code: KnownCode) {
    this.#memory = memory;
    this.#code = code;
  }

  /** @param traceLength how many operations to include: if there are more, the first and the last */
  read(traceLength: number): ExecutionResult {
    return this.#executionResult(verdictOf(this.#memory.words[at.END_REASON]!), undefined, traceLength);
  }

  /** The result of an execution that did not end by itself, as the watchdog found it. */
  readFatal(verdict: FailureVerdict, message: string, traceLength: number): ExecutionResult {
    return this.#executionResult(verdict, message, traceLength);
  }

  #executionResult(verdict: Verdict, message: string | undefined, traceLength: number): ExecutionResult {
    const { words } = this.#memory;
    return {
      verdict,
      failure: verdict === 'held' ? null : this.#failure(verdict, message),
      steps: words[at.STEP]!,
      switches: words[at.SWITCHES]!,
      preemptions: words[at.PREEMPTIONS_TAKEN]!,
      traceHash: traceHash(this.#memory, this.#memory.siteHashes),
      trace: this.#trace(traceLength),
      ...this.#names(),
    };
  }

  /** If the program started workers. */
  #names(): Pick<ExecutionResult, 'agents'> {
    const { words } = this.#memory;
    const writers = words[at.WRITERS]!;
    const count = words[at.AGENT_COUNT]!;
    if (count <= writers + 1) return {};
    const names = Array.from({ length: count }, (_, agent) => {
      const name = agentName(agent, writers);
      const file =
        agent > writers
          ? this.#code.fileOf(words[at.AGENT_TABLE + agent * at.agentWords + at.AGENT_PROGRAM]!)
          : undefined;
      return file === undefined ? name : `${name} (${path.basename(file)})`;
    });
    return { agents: names };
  }

  #trace(length: number): Operation[] {
    const head = headLength(length);
    return keptTraceEntries(this.#memory, head, length - head).map((entry) => this.#operation(entry));
  }

  #site(site: number): Site | null {
    return this.#code.site(site);
  }

  #failure(verdict: FailureVerdict, message: string | undefined): Failure {
    const { words } = this.#memory;
    const report = readReport(this.#memory);
    const step = words[at.STEP]!;
    if (message !== undefined) return { verdict, message, agent: words[at.TURN]!, step };
    switch (verdict) {
      case 'deadlock':
        return { verdict, step, blocked: this.#blocked() };
      case 'livelock':
        return { verdict, agent: words[at.ENDED_BY]!, step, livelock: this.#livelock() };
      case 'violation':
      case 'crash':
      case 'hang':
      case 'uncontrolled':
        if (report === undefined) return { verdict, message: 'no report was left', step };
        return {
          ...report,
          verdict,
          ...(report.stack === undefined ? {} : { stack: mapStack(report.stack, this.#code.bundles) }),
        };
    }
  }

  /** The agents that could not continue when the execution ended in a deadlock. */
  #blocked(): BlockedAgent[] {
    const { words } = this.#memory;
    const waiters = new WaiterQueue(this.#memory);
    const blocked: BlockedAgent[] = [];
    for (let agent = 0; agent < words[at.AGENT_COUNT]!; agent++) {
      const row = at.AGENT_TABLE + agent * at.agentWords;
      const site = this.#site(words[row + at.AGENT_LAST_SITE]!);
      const since = site === null ? {} : { site };
      const operation = words[row + at.AGENT_LAST_OPERATION]!;
      if (words[row + at.AGENT_STATE_AT_END] === agentStates.waiting) {
        const location = waiters.locationOf(agent);
        const address =
          location === undefined
            ? undefined
            : memoryAddress(location.buffer, location.byteIndex, operation >>> elementSizeShift);
        blocked.push({ agent, on: 'Atomics.wait', ...(address === undefined ? {} : { address }), ...since });
      } else if (words[row + at.AGENT_UNSETTLED]! > 0) {
        const unsettled = words[row + at.AGENT_UNSETTLED]!;
        blocked.push({
          agent,
          on: 'promise',
          ...(agent === 0 ? this.#onMain(unsettled) : {}),
          lastOperation: kindOf(operation),
          ...since,
        });
      }
    }
    return blocked;
  }

  /** What has not finished on the main agent: readers or the program; neither if it is \`after\`. */
  #onMain(unsettled: number): Pick<BlockedAgent, 'readers' | 'program'> {
    const { words } = this.#memory;
    if (words[at.AFTER] === afterStates.begun) return {};
    return words[at.PROGRAM] === 1 ? { program: true } : { readers: unsettled };
  }

  #livelock(): Livelock {
    const { words } = this.#memory;
    const loop = repeatingLoop(lastTraceEntries(this.#memory, loopSearchLength)).map((entry) => this.#operation(entry));
    switch (words[at.LIVELOCK_CAUSE]) {
      case livelockCauses.waitsWithoutProgress:
        return { limit: 'waitsWithoutProgress', count: words[at.WAITS_WITHOUT_PROGRESS_LIMIT]!, loop };
      case livelockCauses.stepsWithoutProgress:
        return { limit: 'stepsWithoutProgress', count: words[at.STEPS_WITHOUT_PROGRESS_LIMIT]!, loop };
      default:
        return { limit: 'steps', count: words[at.STEP_LIMIT]!, loop };
    }
  }

  #operation(entry: TraceEntry): Operation {
    const kind = kindOf(entry.operation);
    const site = this.#site(entry.site);
    const turn = turnNames[entry.turnReason];
    const address = this.#address(kind, entry);
    return {
      step: entry.step,
      agent: entry.agent,
      kind,
      ...(address === undefined ? {} : { address }),
      ...this.#value(kind, entry),
      ...(turn === undefined ? {} : { turn }),
      ...(site === null ? {} : { site }),
    };
  }

  #address(kind: OperationKind, entry: TraceEntry): Address | undefined {
    const { resource, offset } = entry;
    const elementSize = entry.operation >>> elementSizeShift;
    if (elementSize > 0) return memoryAddress(resource, offset, elementSize);
    switch (addressed[kind]) {
      case 'port': {
        const peer = this.#memory.words[at.PORTS + resource * at.portWords + at.PORT_PEER]!;
        return { kind: 'port', port: resource, ...(peer === at.noPeer ? {} : { peer }) };
      }
      case 'timer':
        return { kind: 'timer', timer: resource };
      case 'worker':
        return { kind: 'worker', agent: resource };
      case 'coroutine':
        // A worker has only one writer.
        if (entry.agent !== 0) return undefined;
        if (resource === programResource) return { kind: 'program' };
        return resource === afterResource ? { kind: 'after' } : { kind: 'reader', reader: resource - 1 };
      default:
        return undefined;
    }
  }

  #value(kind: OperationKind, entry: TraceEntry): Partial<Operation> {
    const { value } = entry;
    switch (kind) {
      case 'Atomics.wait returns':
        return { result: value === 1 ? 'ok' : 'timed-out' };
      case 'Atomics.notify':
        return { woken: value };
      case 'exit':
      case 'worker exit':
        return { exitCode: value };
      case 'postMessage':
        return { receivers: value };
      case 'set timer':
        return { timeMs: saveNumber(value) };
      case 'clock':
        return { timeMs: saveNumber(value) };
      case 'history.write':
      case 'history.acknowledge':
      case 'history.read': {
        const recorded = printRecorded(loggedValue(this.#memory, entry.offset));
        return recorded === undefined ? {} : { recorded };
      }
      default:
        return factsOf({ kind }).access === undefined ? {} : { value: saveNumber(value) };
    }
  }
}

/** The address of operations that do not access an element of memory. */
const addressed: Readonly<Partial<Record<OperationKind, 'port' | 'timer' | 'coroutine' | 'worker'>>> = {
  postMessage: 'port',
  message: 'port',
  listen: 'port',
  close: 'port',
  'set timer': 'timer',
  timer: 'timer',
  'clear timer': 'timer',
  begin: 'coroutine',
  pause: 'coroutine',
  resume: 'coroutine',
  'history.write': 'coroutine',
  'history.acknowledge': 'coroutine',
  'history.read': 'coroutine',
  'new Worker': 'worker',
  terminate: 'worker',
  'worker online': 'worker',
  'worker output': 'worker',
  'worker error': 'worker',
  'worker exit': 'worker',
};

/** The kind of an operation as it is in the trace. */
export const kindOf = (operation: number): OperationKind => operationKinds[operation & kindMask] ?? 'begin';

function memoryAddress(resource: number, byteOffset: number, byteLength: number): MemoryAddress {
  return { kind: 'memory', buffer: resource - 1, byteOffset, byteLength: byteLength as MemoryAddress['byteLength'] };
}

const longestHistoryValue = 60;

/** A value from the history, short enough for one row. */
function printRecorded(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const text = inspect(value, { breakLength: Infinity, depth: 3 });
  return text.length > longestHistoryValue ? `${text.slice(0, longestHistoryValue)}…` : text;
}

/** The shortest sequence of operations that the end of the trace repeats three times; empty if there is none. */
function repeatingLoop(entries: readonly TraceEntry[]): readonly TraceEntry[] {
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
  return [];
}
