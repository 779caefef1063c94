import * as at from './layout.js';
import type { KernelMemory } from './layout.js';

/** One visible operation, as it is in memory. */
export interface TraceEntry {
  readonly agent: number;
  /** Why the turn came to the agent, one of `turnReasons`. */
  readonly turnReason: number;
  /** From `operationCodes`. */
  readonly operation: number;
  readonly site: number;
  /** The shared buffer, port or timer that was addressed; 0 for none. */
  readonly resource: number;
  readonly offset: number;
  readonly step: number;
  readonly value: number;
}

const turnReasonShift = 8;
/** The bits of an entry's first word that hold its agent. */
export const agentMask = 0xff;

/** Appends to the trace; the caller holds the turn. Does not advance the step. */
export function appendToTrace(
  memory: KernelMemory,
  siteHashes: Int32Array,
  agent: number,
  operation: number,
  site: number,
  resource: number,
  offset: number,
  value: number,
): void {
  const { words, trace } = memory;
  let position = words[at.TRACE_POSITION]!;
  if (position === at.traceCapacity) {
    foldTrace(memory, siteHashes);
    position = 0;
  }
  const entry = position * at.traceEntryWords;
  trace[entry + at.TRACE_AGENT] = agent | (words[at.TURN_REASON]! << turnReasonShift);
  trace[entry + at.TRACE_OPERATION] = operation;
  trace[entry + at.TRACE_SITE] = site;
  trace[entry + at.TRACE_RESOURCE] = resource;
  trace[entry + at.TRACE_OFFSET] = offset;
  trace[entry + at.TRACE_STEP] = words[at.STEP]!;
  memory.traceValues[position * (at.traceEntryWords / 2) + at.traceValueNumber] = value;
  words[at.TURN_REASON] = 0;
  words[at.TRACE_POSITION] = position + 1;
}

/** Folds the operations in memory into the running hash and starts a new lap. */
function foldTrace(memory: KernelMemory, siteHashes: Int32Array): void {
  const { words } = memory;
  if (words[at.TRACE_LAPS] === 0) {
    const kept = Math.min(at.traceHeadCapacity, at.traceCapacity);
    memory.traceHead.set(memory.trace.subarray(0, kept * at.traceEntryWords));
  }
  [words[at.TRACE_HASH_LOW], words[at.TRACE_HASH_HIGH]] = traceHashHalves(memory, siteHashes);
  words[at.TRACE_LAPS] = words[at.TRACE_LAPS]! + 1;
  words[at.TRACE_POSITION] = 0;
}

/** What `traceHash` is made of: two 32-bit integers. */
export function traceHashHalves(memory: KernelMemory, siteHashes: Int32Array): [number, number] {
  const { words, trace } = memory;
  let low = words[at.TRACE_HASH_LOW]!;
  let high = words[at.TRACE_HASH_HIGH]!;
  const end = words[at.TRACE_POSITION]! * at.traceEntryWords;
  for (let entry = 0; entry < end; entry += at.traceEntryWords) {
    // One multiplication per field, independent of each other: long traces are folded at a few nanoseconds an operation.
    let mixed =
      Math.imul(trace[entry + at.TRACE_AGENT]!, 0x9e3779b1) ^
      Math.imul(trace[entry + at.TRACE_OPERATION]!, 0x85ebca6b) ^
      Math.imul(siteHashes[trace[entry + at.TRACE_SITE]!] ?? 0, 0xc2b2ae35) ^
      Math.imul(trace[entry + at.TRACE_RESOURCE]!, 0x27d4eb2f) ^
      Math.imul(trace[entry + at.TRACE_OFFSET]!, 0x165667b1) ^
      Math.imul(trace[entry + at.TRACE_STEP]!, 0xd3a2646d) ^
      Math.imul(trace[entry + at.traceEntryWords - 2]!, 0xfd7046c5) ^
      Math.imul(trace[entry + at.traceEntryWords - 1]!, 0xb55a4f09);
    mixed ^= mixed >>> 15;
    low = Math.imul(low ^ mixed, 0x2c1b3c6d);
    low ^= low >>> 13;
    high = Math.imul(high + mixed, 0x297a2d39) ^ (high >>> 17);
  }
  return [low, high];
}

/**
 * Identifies the sequence of operations performed so far: agents, operations, locations, values, and the source
 * positions they came from. 16 hexadecimal digits; not cryptographic.
 */
export function traceHash(memory: KernelMemory, siteHashes: Int32Array): string {
  return traceHashHalves(memory, siteHashes)
    .map((half) => (half >>> 0).toString(16).padStart(8, '0'))
    .join('');
}

/** The last `limit` operations, in order. */
export function lastTraceEntries(memory: KernelMemory, limit: number): TraceEntry[] {
  const { words, trace, traceValues } = memory;
  const position = words[at.TRACE_POSITION]!;
  const available = words[at.TRACE_LAPS]! > 0 ? at.traceCapacity : position;
  const count = Math.min(limit, available);
  const entries: TraceEntry[] = [];
  for (let back = count; back > 0; back--) {
    entries.push(entryAt(trace, traceValues, (position - back + at.traceCapacity) % at.traceCapacity));
  }
  return entries;
}

/**
 * At most `head + tail` operations, in order: all of them if that is enough, otherwise the first `head` (at most
 * `traceHeadCapacity`) and the last ones.
 */
export function keptTraceEntries(memory: KernelMemory, head: number, tail: number): TraceEntry[] {
  const { words } = memory;
  const laps = words[at.TRACE_LAPS]!;
  const performed = laps * at.traceCapacity + words[at.TRACE_POSITION]!;
  if (performed <= Math.min(head + tail, at.traceCapacity)) return lastTraceEntries(memory, performed);
  const headCount = Math.min(head, at.traceHeadCapacity, at.traceCapacity);
  const [trace, values] = laps === 0 ? [memory.trace, memory.traceValues] : [memory.traceHead, memory.traceHeadValues];
  const entries: TraceEntry[] = [];
  for (let index = 0; index < headCount; index++) entries.push(entryAt(trace, values, index));
  entries.push(...lastTraceEntries(memory, Math.min(head + tail, performed) - headCount));
  return entries;
}

function entryAt(trace: Int32Array, values: Float64Array, index: number): TraceEntry {
  const entry = index * at.traceEntryWords;
  const agentAndReason = trace[entry + at.TRACE_AGENT]!;
  return {
    agent: agentAndReason & agentMask,
    turnReason: agentAndReason >>> turnReasonShift,
    operation: trace[entry + at.TRACE_OPERATION]!,
    site: trace[entry + at.TRACE_SITE]!,
    resource: trace[entry + at.TRACE_RESOURCE]!,
    offset: trace[entry + at.TRACE_OFFSET]!,
    step: trace[entry + at.TRACE_STEP]!,
    value: values[index * (at.traceEntryWords / 2) + at.traceValueNumber]!,
  };
}
