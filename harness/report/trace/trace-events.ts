import { gapsOf, previousOperation } from '../../results/kept-trace.js';
import type { Counterexample, Operation } from '../../results/schema.js';
import { brokenOperation } from './broken-operation.js';
import { findBlockedSpans, findFlows } from './flows.js';
import { visibleValue } from '../text/printable.js';
import { formatCount, formatVerdict } from '../text/words.js';
import { spellPlace } from '../../place.js';
import { failureMessage } from '../text/failure-message.js';
import { addressText, valueText } from '../text/operation.js';

/** One event of the Trace Event format, as chrome://tracing and Perfetto open it. */
export interface TraceEvent {
  readonly name: string;
  readonly cat: string;
  /** Metadata, a complete event, an instant, the start or the end of a flow. */
  readonly ph: 'M' | 'X' | 'i' | 's' | 'f';
  /** Microseconds. */
  readonly ts: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
  /** Joins the start of a flow with its end. */
  readonly id?: number;
  /** An instant's extent: its thread or its process. */
  readonly s?: 't' | 'p';
  /** The end of a flow belongs to the enclosing event, not to the next one. */
  readonly bp?: 'e';
  readonly args?: Readonly<Record<string, string | number>>;
}

/** A file of the Trace Event format: its JSON object form. */
export interface TraceEventFile {
  readonly traceEvents: readonly TraceEvent[];
  readonly displayTimeUnit: 'ms';
  readonly otherData: Readonly<Record<string, string | number>>;
}

/** The clock is invented: all operations take the same time. */
const operationUs = 10;
const operationDurationUs = 8;
const pid = 1;

/**
 * A counterexample's trace in the Trace Event format: a process with a thread for each agent, an event for each operation
 * on a clock that counts operations, flows from each message to its delivery and from each notification to the agent that it woke,
 * and instants where an agent was preempted and where it broke. Sorted by time.
 */
export function traceEvents(counterexample: Counterexample): TraceEventFile {
  const { scenario, failure, traceHash, seed, path, steps } = counterexample;
  const timed = [
    ...operationEvents(counterexample),
    ...blockedEvents(counterexample),
    ...flowEvents(counterexample),
    ...preemptionEvents(counterexample),
    ...gapEvents(counterexample),
    ...failureEvents(counterexample),
  ].sort((left, right) => left.ts - right.ts);
  return visibleValue({
    traceEvents: [...nameEvents(counterexample), ...timed],
    displayTimeUnit: 'ms' as const,
    otherData: {
      scenario: scenario.name,
      file: scenario.file,
      verdict: formatVerdict(failure.verdict, failure.invariant),
      message: failureMessage(failure, counterexample.agents),
      traceHash,
      seed,
      path,
      steps,
    },
  });
}

function nameEvents({ agents }: Counterexample): TraceEvent[] {
  const metadata = { cat: '__metadata', ph: 'M', ts: 0, pid } as const;
  return [
    { ...metadata, name: 'process_name', tid: 0, args: { name: 'threadmill' } },
    ...agents.flatMap((name, agent): TraceEvent[] => [
      { ...metadata, name: 'thread_name', tid: threadOf(agent), args: { name } },
      { ...metadata, name: 'thread_sort_index', tid: threadOf(agent), args: { sort_index: agent } },
    ]),
  ];
}

function operationEvents({ trace }: Counterexample): TraceEvent[] {
  return trace.map((operation, place) => ({
    name: operation.kind,
    cat: 'operation',
    ph: 'X',
    ts: startUs(trace, place),
    dur: operationDurationUs,
    pid,
    tid: threadOf(operation.agent),
    args: argumentsOf(operation),
  }));
}

function blockedEvents(counterexample: Counterexample): TraceEvent[] {
  const { trace } = counterexample;
  return findBlockedSpans(counterexample).map(({ agent, from, to }) => {
    const ts = startUs(trace, from) + operationDurationUs;
    const dur = startUs(trace, to ?? trace.length) - ts;
    return { name: 'blocked in Atomics.wait', cat: 'blocked', ph: 'X', ts, dur, pid, tid: threadOf(agent) };
  });
}

function flowEvents(counterexample: Counterexample): TraceEvent[] {
  const { trace } = counterexample;
  return findFlows(counterexample).flatMap(({ kind, from, to }, index): TraceEvent[] => {
    const flow = { name: kind, cat: 'flow', pid, id: index + 1 };
    const middleUs = (place: number): number => startUs(trace, place) + operationDurationUs / 2;
    return [
      { ...flow, ph: 's', ts: middleUs(from), tid: threadOf(trace[from]!.agent) },
      { ...flow, ph: 'f', bp: 'e', ts: middleUs(to), tid: threadOf(trace[to]!.agent) },
    ];
  });
}

function preemptionEvents({ trace, agents }: Counterexample): TraceEvent[] {
  return trace.flatMap((operation, place): TraceEvent[] => {
    if (operation.turn !== 'preemption') return [];
    // The previous agent was preempted. It is unknown if its operations are not kept.
    const preempted = previousOperation(trace, place)?.agent ?? operation.agent;
    const by = agents[operation.agent] ?? `agent ${operation.agent}`;
    const args = { by, step: operation.step };
    const ts = startUs(trace, place);
    return [
      { name: `preempted by ${by}`, cat: 'preemption', ph: 'i', s: 't', ts, pid, tid: threadOf(preempted), args },
    ];
  });
}

/** Where steps were not kept. */
function gapEvents({ trace }: Counterexample): TraceEvent[] {
  return gapsOf(trace).map(({ place, steps }) => {
    const name = `${formatCount(steps, 'step')} not kept`;
    const ts = startUs(trace, place) - steps * operationUs;
    return { name, cat: 'gap', ph: 'i', s: 'p', ts, pid, tid: threadOf(trace[place]!.agent) };
  });
}

function failureEvents(counterexample: Counterexample): TraceEvent[] {
  const { trace, failure } = counterexample;
  const broken = brokenOperation(counterexample);
  const place = broken === undefined ? trace.length : trace.indexOf(broken);
  const name = formatVerdict(failure.verdict, failure.invariant);
  const { expected, found } = failure;
  const message = failureMessage(failure, counterexample.agents);
  const args = { message, ...(expected === undefined ? {} : { expected }), ...(found === undefined ? {} : { found }) };
  const tid = threadOf(failure.agent ?? trace.at(-1)?.agent ?? 0);
  return [{ name, cat: 'failure', ph: 'i', s: 'p', ts: startUs(trace, place), pid, tid, args }];
}

function argumentsOf(operation: Operation): Record<string, string | number> {
  const { step, address, turn, site, source } = operation;
  const value = valueText(operation);
  return {
    step,
    ...(address === undefined ? {} : { address: addressText(address) }),
    ...(value === undefined ? {} : { value }),
    ...(turn === undefined ? {} : { turn }),
    ...(site === undefined ? {} : { site: spellPlace(site) }),
    ...(source === undefined ? {} : { source }),
  };
}

/** The time at which the operation at a place of the trace begins. Steps that were not kept count too. */
function startUs(trace: readonly Operation[], place: number): number {
  let missing = 0;
  for (const gap of gapsOf(trace)) if (gap.place <= place) missing += gap.steps;
  return (missing + place) * operationUs;
}

/** Viewers take thread 0 for the idle thread. */
function threadOf(agent: number): number {
  return agent + 1;
}
