import { operationKinds, type OperationKind } from '../operation-kinds.js';
import * as at from './layout.js';
import { wakeResults, type KernelMemory } from './layout.js';
import { findLastingWaits } from './lasting-waits.js';
import { elementSizeShift, kindMask } from './operations.js';
import { agentMask, traceHashHalves } from './trace.js';

/**
 * What an operation does to what it addresses:
 *
 * - `reads`, `writes` a word of memory;
 * - `waits` reads the word, and may join those that wait there; `queues` changes who waits there;
 * - `wakes` returns from a wait, which changes who waits there only if time ended it;
 * - `posts` to a port; `judged` is an event of the history, which invariants look at together with the store;
 * - `starts` an agent; `task` is what an event loop has chosen; `timed` depends on the time alone; `own` concerns its agent alone.
 */
type Effect =
  'reads' | 'writes' | 'waits' | 'queues' | 'wakes' | 'posts' | 'judged' | 'starts' | 'task' | 'timed' | 'own';

const effects: Readonly<Record<OperationKind, Effect>> = {
  begin: 'task',
  read: 'reads',
  write: 'writes',
  'Atomics.load': 'reads',
  'Atomics.store': 'writes',
  'Atomics.add': 'writes',
  'Atomics.sub': 'writes',
  'Atomics.and': 'writes',
  'Atomics.or': 'writes',
  'Atomics.xor': 'writes',
  'Atomics.exchange': 'writes',
  'Atomics.compareExchange': 'writes',
  'Atomics.wait': 'waits',
  'Atomics.wait returns': 'wakes',
  'Atomics.waitAsync': 'waits',
  'Atomics.waitAsync settles': 'queues',
  'Atomics.notify': 'queues',
  postMessage: 'posts',
  message: 'task',
  listen: 'task',
  close: 'task',
  'set timer': 'own',
  timer: 'task',
  'clear timer': 'own',
  'set immediate': 'own',
  immediate: 'task',
  pause: 'own',
  resume: 'task',
  clock: 'timed',
  'history.write': 'judged',
  'history.acknowledge': 'judged',
  'history.read': 'judged',
  'new Worker': 'starts',
  terminate: 'own',
  exit: 'own',
  'worker online': 'task',
  'worker output': 'task',
  'worker error': 'task',
  'worker exit': 'task',
  'background work': 'task',
};

const codedEffects: readonly Effect[] = operationKinds.map((kind) => effects[kind]);

/** The effect of an operation, from its number in the trace. */
function effectOf(operation: number): Effect {
  return codedEffects[operation & kindMask] ?? 'own';
}

/** Tasks whose resource is a port, which is numbered in the order in which ports are made. */
const portTasks: ReadonlySet<number> = new Set(
  (['message', 'listen', 'close'] as const).map((kind) => operationKinds.indexOf(kind)),
);
/** The same for agents. */
const agentTasks: ReadonlySet<number> = new Set(
  (['worker online', 'worker output', 'worker error', 'worker exit'] as const).map((kind) =>
    operationKinds.indexOf(kind),
  ),
);

/** Memory whose parts of 8 bytes, or all of whose bytes, count as one place, since operations of several sizes meet there. */
const wholeWordShift = 3;
const wholeBufferShift = 31;

/**
 * Says which operations of an execution concern the same thing, by numbers of their places in memory.
 *
 * Operations of one size that are aligned meet only if they begin at the same byte. If a buffer is used with several sizes, all
 * operations on the same 8 bytes meet; if it may be used through a DataView, which aligns nothing, all on the same buffer.
 */
class Places {
  readonly #sizes = new Map<number, number>();
  #anyDataView = false;

  /** Looks at the operations of one execution. */
  begin({ words, trace }: KernelMemory): void {
    this.#sizes.clear();
    this.#anyDataView = words[at.DATA_VIEWS] === 1;
    const end = words[at.TRACE_POSITION]! * at.traceEntryWords;
    for (let entry = 0; entry < end; entry += at.traceEntryWords) {
      const size = trace[entry + at.TRACE_OPERATION]! >>> elementSizeShift;
      if (size === 0) continue;
      const buffer = trace[entry + at.TRACE_RESOURCE]!;
      const known = this.#sizes.get(buffer);
      if (known !== size) this.#sizes.set(buffer, (known ?? 0) | size);
    }
  }

  /** @returns a number, the same for all operations that meet there */
  of(buffer: number, offset: number): number {
    const part = offset >>> this.#shiftOf(this.#sizes.get(buffer) ?? 0);
    // Small numbers are quicker to find.
    return part < 0x10000 ? buffer * 0x10000 + part : (buffer + 0x10000) * 2 ** 32 + part;
  }

  #shiftOf(sizes: number): number {
    if (this.#anyDataView && (sizes & 1) !== 0) return wholeBufferShift;
    return (sizes & (sizes - 1)) === 0 ? 0 : wholeWordShift;
  }
}

/** The numbers of one place, kept together: halves of the hashes of its last write, and of the last change of who waits there. */
const WRITE = 0;
const QUEUE = 2;
const placeNumbers = 4;

/**
 * Identifies executions up to the order of operations that are independent of each other: two executions have the same number if
 * they are the same Mazurkiewicz trace (Mazurkiewicz, "Trace Theory", Advances in Petri Nets 1986), and different ones otherwise,
 * as far as 53 bits can tell.
 *
 * Each operation is hashed with those that it directly depends on: the one before it in its agent, the last write of its word, and so
 * on. A write need not know the reads before it, since each of them knows the write that it saw. The sum of all hashes does not depend
 * on the order of what is independent. Values are left out: they follow from what comes before, except for parameters and random
 * numbers, which are no matter of the order.
 *
 * An execution of more operations than the trace keeps is identified by all of them in their order.
 */
export class InterleavingHash {
  readonly #memory: KernelMemory;
  readonly #places = new Places();
  /** By agent: hashes of its last operation, and of the one that started it. */
  readonly #last = new Int32Array(2 * at.maximumAgents);
  readonly #born = new Int32Array(2 * at.maximumAgents);
  readonly #slots = new Map<number, number>();
  #state = new Int32Array(64 * placeNumbers);
  /** By port: what it is called, from its first use. */
  readonly #ports = new Map<number, number>();
  /** The places in the trace of waits that lasted. */
  readonly #lasting = new Set<number>();
  #judgedLow = 0;
  #judgedHigh = 0;
  #writesLow = 0;
  #writesHigh = 0;
  #low = 0;
  #high = 0;

  constructor(memory: KernelMemory) {
    this.#memory = memory;
  }

  /** The number of the last execution, a whole one below 2^53. */
  number(): number {
    const { words, trace, siteHashes } = this.#memory;
    if (words[at.TRACE_LAPS]! > 0) return combined(...traceHashHalves(this.#memory, siteHashes));
    this.#begin();
    let low = 0;
    let high = 0;
    const end = words[at.TRACE_POSITION]! * at.traceEntryWords;
    for (let entry = 0; entry < end; entry += at.traceEntryWords) {
      this.#operation(entry, trace[entry + at.TRACE_AGENT]! & agentMask);
      low = (low + this.#low) | 0;
      high = (high + this.#high) | 0;
    }
    return combined(low, high);
  }

  #begin(): void {
    const agents = this.#memory.words[at.AGENT_COUNT]!;
    for (let agent = 0; agent < agents; agent++) {
      this.#born[2 * agent] = agent;
      this.#born[2 * agent + 1] = ~agent;
      this.#last[2 * agent] = agent;
      this.#last[2 * agent + 1] = ~agent;
    }
    this.#slots.clear();
    this.#ports.clear();
    this.#judgedLow = this.#judgedHigh = this.#writesLow = this.#writesHigh = 0;
    this.#places.begin(this.#memory);
    findLastingWaits(this.#memory, this.#lasting);
  }

  /** Mixes into the hash of the current operation. */
  #mix(low: number, high: number): void {
    let mixed = Math.imul(this.#low ^ low, 0x9e3779b1);
    mixed ^= mixed >>> 15;
    this.#low = Math.imul(mixed, 0x85ebca6b) ^ (mixed >>> 13);
    mixed = Math.imul((this.#high + high) ^ (this.#low >>> 7), 0xc2b2ae35);
    mixed ^= mixed >>> 16;
    this.#high = Math.imul(mixed, 0x27d4eb2f) ^ (mixed >>> 14);
  }

  #operation(entry: number, agent: number): void {
    const { trace, siteHashes } = this.#memory;
    const operation = trace[entry + at.TRACE_OPERATION]!;
    const resource = trace[entry + at.TRACE_RESOURCE]!;
    this.#low = this.#last[2 * agent]!;
    this.#high = this.#last[2 * agent + 1]!;
    this.#mix(operation, siteHashes[trace[entry + at.TRACE_SITE]!] ?? 0);
    switch (effectOf(operation)) {
      case 'reads':
        this.#read(this.#slotOf(entry));
        break;
      case 'writes':
        this.#write(this.#slotOf(entry));
        break;
      case 'waits':
        this.#wait(entry, this.#slotOf(entry));
        break;
      case 'queues':
        this.#change(this.#slotOf(entry) + QUEUE);
        break;
      case 'wakes':
        this.#wake(entry);
        break;
      case 'posts':
        this.#post(resource);
        break;
      case 'judged':
        this.#judge();
        break;
      case 'timed':
        this.#mix(trace[entry + at.traceEntryWords - 2]!, trace[entry + at.traceEntryWords - 1]!);
        break;
      case 'starts':
        this.#start(resource);
        break;
      case 'task':
        this.#beginTask(operation & kindMask, resource);
        break;
      case 'own':
        break;
    }
    this.#last[2 * agent] = this.#low;
    this.#last[2 * agent + 1] = this.#high;
  }

  #slotOf(entry: number): number {
    const { trace } = this.#memory;
    return this.#slotAt(this.#places.of(trace[entry + at.TRACE_RESOURCE]!, trace[entry + at.TRACE_OFFSET]!));
  }

  #slotAt(key: number): number {
    const known = this.#slots.get(key);
    if (known !== undefined) return known;
    const slot = this.#slots.size * placeNumbers;
    this.#slots.set(key, slot);
    if (slot + placeNumbers > this.#state.length) {
      const larger = new Int32Array(2 * this.#state.length);
      larger.set(this.#state);
      this.#state = larger;
    }
    this.#state.fill(0, slot, slot + placeNumbers);
    return slot;
  }

  #read(slot: number): void {
    this.#mix(this.#state[slot + WRITE]!, this.#state[slot + WRITE + 1]!);
  }

  #write(slot: number): void {
    const state = this.#state;
    const [low, high] = [state[slot + WRITE]!, state[slot + WRITE + 1]!];
    this.#mix(low, high);
    state[slot + WRITE] = this.#low;
    state[slot + WRITE + 1] = this.#high;
    this.#writesLow = (this.#writesLow + this.#low - low) | 0;
    this.#writesHigh = (this.#writesHigh + this.#high - high) | 0;
  }

  #wait(entry: number, slot: number): void {
    this.#read(slot);
    if (this.#lasting.has(entry)) this.#change(slot + QUEUE);
  }

  /** Orders this operation after the last one that changed the same, and before the next. */
  #change(slot: number): void {
    const state = this.#state;
    this.#mix(state[slot]!, state[slot + 1]!);
    state[slot] = this.#low;
    state[slot + 1] = this.#high;
  }

  #wake(entry: number): void {
    const result = this.#memory.traceValues[entry / 2 + at.traceValueNumber]!;
    this.#mix(result, 0);
    if (result === wakeResults.timedOut) this.#change(this.#slotOf(entry) + QUEUE);
  }

  /** Messages over one port come from one agent, in its order; over a broadcast channel, from several. */
  #post(port: number): void {
    const channel = this.#memory.words[at.PORTS + port * at.portWords + at.PORT_CHANNEL]!;
    if (channel !== 0) this.#change(this.#slotAt(-1 - (channel >>> 0)) + QUEUE);
  }

  #judge(): void {
    this.#mix(this.#judgedLow, this.#judgedHigh);
    this.#mix(this.#writesLow, this.#writesHigh);
    this.#judgedLow = this.#low;
    this.#judgedHigh = this.#high;
  }

  #start(agent: number): void {
    this.#born[2 * agent] = this.#last[2 * agent] = Math.imul(this.#low, 0x165667b1);
    this.#born[2 * agent + 1] = this.#last[2 * agent + 1] = Math.imul(this.#high, 0xd3a2646d);
  }

  #beginTask(kind: number, resource: number): void {
    if (agentTasks.has(kind)) this.#mix(this.#born[2 * resource]!, this.#born[2 * resource + 1]!);
    else if (portTasks.has(kind)) this.#mix(this.#nameOf(resource), kind);
    else this.#mix(resource, kind);
  }

  #nameOf(port: number): number {
    const known = this.#ports.get(port);
    if (known !== undefined) return known;
    this.#ports.set(port, this.#low);
    return this.#low;
  }
}

function combined(low: number, high: number): number {
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}
