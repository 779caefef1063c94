import { operationKinds, type OperationKind } from '../operation-kinds.js';
import * as at from './layout.js';
import { elementSizeShift, kindMask } from './operations.js';

/** What an operation does, as bits: most do one thing, some two, some nothing that others could notice (0). */
export const acts = {
  /** Reads memory. */
  read: 1,
  /** Changes memory. */
  write: 2,
  /** Changes who waits at a place in memory. */
  queue: 4,
  /** Is an event of the history: invariants look at it, at the others, and at the store. */
  judge: 8,
  /** May give another agent a task. */
  post: 16,
  /** Begins a task, which the event loop has chosen among those that there were. */
  task: 32,
  /** Depends on the time, or lets it pass. */
  time: 64,
  /** Is taken to meet everything. */
  all: 128,
} as const;

const memory = acts.read | acts.write | acts.queue;

/** In place of an agent's number: a post that no single agent is known to get. */
const anyAgent = -1;

/** An operation, as far as it matters which others it may change places with. */
export interface Access {
  acts: number;
  /** Of memory: the buffer. Of a task: its agent; of a post: the agent that gets it, or -1 for any. */
  resource: number;
  /** In bytes. */
  offset: number;
  size: number;
}

/**
 * Coarser than what `interleaving.ts` says of the same kinds: this decides what must be tried, so it may take too much to meet, and never
 * too little.
 */
const actsOf: Readonly<Record<OperationKind, number>> = {
  begin: acts.task,
  read: acts.read,
  write: acts.write,
  'Atomics.load': acts.read,
  'Atomics.store': acts.write,
  'Atomics.add': acts.write,
  'Atomics.sub': acts.write,
  'Atomics.and': acts.write,
  'Atomics.or': acts.write,
  'Atomics.xor': acts.write,
  'Atomics.exchange': acts.write,
  'Atomics.compareExchange': acts.write,
  'Atomics.wait': acts.read | acts.queue,
  'Atomics.wait returns': 0,
  'Atomics.waitAsync': acts.read | acts.queue,
  'Atomics.waitAsync settles': acts.all,
  'Atomics.notify': acts.queue,
  postMessage: acts.post,
  message: acts.task,
  listen: acts.task,
  close: acts.all,
  'set timer': acts.time,
  timer: acts.task | acts.time,
  'clear timer': 0,
  'set immediate': 0,
  immediate: acts.task,
  pause: 0,
  resume: acts.task,
  clock: acts.time,
  'history.write': acts.judge,
  'history.acknowledge': acts.judge,
  'history.read': acts.judge,
  'new Worker': acts.all,
  terminate: acts.all,
  exit: acts.all,
  'worker online': acts.all,
  'worker output': acts.all,
  'worker error': acts.all,
  'worker exit': acts.all,
  'background work': acts.all,
};

const codedActs = operationKinds.map((kind) => actsOf[kind]);
const begins = operationKinds.indexOf('begin');
const waits: ReadonlySet<number> = new Set(
  (['Atomics.wait', 'Atomics.waitAsync'] as const).map((name) => operationKinds.indexOf(name)),
);
const returns = operationKinds.indexOf('Atomics.wait returns');
const notifies = operationKinds.indexOf('Atomics.notify');

/**
 * Describes an operation that is being performed. What it may do counts, not what it did: a wait that does not block, or a
 * `compareExchange` that changes nothing, would have done so in another order.
 *
 * @param words the kernel's
 * @param operation as the trace has it; so are the rest
 */
export function accessOf(
  words: Int32Array,
  agent: number,
  operation: number,
  resource: number,
  offset: number,
): Access {
  const kind = operation & kindMask;
  let does = codedActs[kind] ?? acts.all;
  // A wait that can time out may leave those that wait there by itself, and when depends on when it began.
  if (words[at.WAIT_IS_TIMED] === 1) {
    if (kind === returns) does = acts.queue | acts.time;
    else if (waits.has(kind)) does |= acts.time;
  }
  // A wait that does not block is ended by giving its agent a task.
  if (kind === notifies && words[at.WAITS_ASYNC] === 1) does = acts.all;
  // The agent that started this one learns of it.
  if (kind === begins && agent > words[at.WRITERS]!) does = acts.all;
  if ((does & memory) !== 0) {
    const size = operation >>> elementSizeShift;
    // A DataView is recorded as if it accessed one byte.
    const isVague = size === 1 && words[at.DATA_VIEWS] === 1;
    return { acts: does, resource, offset: isVague ? 0 : offset, size: isVague ? 2 ** 30 : size };
  }
  if ((does & acts.task) !== 0) return { acts: does, resource: agent, offset: 0, size: 0 };
  if ((does & acts.post) !== 0) return { acts: does, resource: receiverOf(words, resource), offset: 0, size: 0 };
  return { acts: does, resource: 0, offset: 0, size: 0 };
}

function receiverOf(words: Int32Array, port: number): number {
  const row = at.PORTS + port * at.portWords;
  const peer = words[row + at.PORT_PEER]!;
  if (words[row + at.PORT_CHANNEL] !== 0 || peer === at.noPeer) return anyAgent;
  return words[at.PORTS + peer * at.portWords + at.PORT_OWNER]!;
}

/** Whether two operations of different agents may give different results in the other order. */
export function conflict(one: Access, other: Access): boolean {
  const [does, others] = [one.acts, other.acts];
  if (does === 0 || others === 0) return false;
  if (((does | others) & acts.all) !== 0) return true;
  if ((does & others & acts.time) !== 0) return true;
  if ((does & acts.judge) !== 0 && (others & (acts.judge | acts.write)) !== 0) return true;
  if ((others & acts.judge) !== 0 && (does & acts.write) !== 0) return true;
  if ((does & acts.post) !== 0) return postMeets(one, other);
  if ((others & acts.post) !== 0) return postMeets(other, one);
  const touches = acts.read | acts.write;
  const inMemory =
    ((does & acts.write) !== 0 && (others & touches) !== 0) ||
    ((others & acts.write) !== 0 && (does & touches) !== 0) ||
    (does & others & acts.queue) !== 0;
  return inMemory && overlap(one, other);
}

/** What several agents post to one broadcast channel arrives in that order. */
function postMeets(post: Access, other: Access): boolean {
  if ((other.acts & acts.post) !== 0) return post.resource === anyAgent && other.resource === anyAgent;
  if ((other.acts & acts.task) === 0) return false;
  return post.resource === anyAgent || post.resource === other.resource;
}

function overlap(one: Access, other: Access): boolean {
  return (
    one.resource === other.resource && one.offset < other.offset + other.size && other.offset < one.offset + one.size
  );
}
