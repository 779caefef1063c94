import type { OperationKind } from '../operation-kinds.js';

/** The properties of a kind of operation. */
interface OperationFacts {
  /** What it does to the word of memory that it addresses. An update returns the previous value. */
  readonly access?: 'read' | 'write' | 'update';
  /** Whether its value goes into the store, a queue or the history. The value of all others comes out. */
  readonly isOutward?: true;
  /** Whether it only affects memory, and neither blocks nor wakes the agent that performs it. */
  readonly isMemoryAccess?: true;
  /** Whether it is what the program reports about itself, rather than something it does. */
  readonly isRecord?: true;
}

const read = { access: 'read', isMemoryAccess: true } as const;
const write = { access: 'write', isMemoryAccess: true, isOutward: true } as const;
const update = { access: 'update', isMemoryAccess: true } as const;
const nothing = {} as const;

/** A kind without facts does not compile. */
const factsByKind: Readonly<Record<OperationKind, OperationFacts>> = {
  begin: nothing,
  read,
  write,
  'Atomics.load': read,
  'Atomics.store': write,
  'Atomics.add': update,
  'Atomics.sub': update,
  'Atomics.and': update,
  'Atomics.or': update,
  'Atomics.xor': update,
  'Atomics.exchange': update,
  'Atomics.compareExchange': update,
  'Atomics.wait': { access: 'read' },
  'Atomics.wait returns': nothing,
  'Atomics.waitAsync': read,
  'Atomics.waitAsync settles': { isMemoryAccess: true },
  'Atomics.notify': { isMemoryAccess: true },
  postMessage: { isOutward: true },
  message: nothing,
  listen: nothing,
  close: nothing,
  'set timer': { isOutward: true },
  timer: nothing,
  'clear timer': nothing,
  'set immediate': nothing,
  immediate: nothing,
  pause: nothing,
  resume: nothing,
  clock: nothing,
  'history.write': { isOutward: true, isRecord: true },
  'history.acknowledge': { isRecord: true },
  'history.read': { isOutward: true, isRecord: true },
  'new Worker': nothing,
  terminate: nothing,
  exit: nothing,
  'worker online': nothing,
  'worker output': nothing,
  'worker error': nothing,
  'worker exit': nothing,
  'background work': nothing,
};

/** The facts about each kind of operation. */
export function factsOf({ kind }: { readonly kind: OperationKind }): OperationFacts {
  return factsByKind[kind];
}
