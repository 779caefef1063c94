/**
 * Every kind of visible operation, in the order of the numbers that stand for them in the trace. Append only: saved
 * counterexamples name them, and the trace hash is computed over the numbers.
 */
export const operationKinds = [
  'begin',
  'read',
  'write',
  'Atomics.load',
  'Atomics.store',
  'Atomics.add',
  'Atomics.sub',
  'Atomics.and',
  'Atomics.or',
  'Atomics.xor',
  'Atomics.exchange',
  'Atomics.compareExchange',
  'Atomics.wait',
  'Atomics.wait returns',
  'Atomics.waitAsync',
  'Atomics.waitAsync settles',
  'Atomics.notify',
  'postMessage',
  'message',
  'listen',
  'close',
  'set timer',
  'timer',
  'clear timer',
  'set immediate',
  'immediate',
  'pause',
  'resume',
  'clock',
  'history.write',
  'history.acknowledge',
  'history.read',
  'new Worker',
  'terminate',
  'exit',
] as const;

export type OperationKind = (typeof operationKinds)[number];
