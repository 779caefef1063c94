/**
 * Every kind of visible operation, by the number that stands for it in the trace. Append only: saved counterexamples
 * name operations by the text, and the trace hash is computed over the numbers.
 */
export const operationNames = [
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
] as const;

export type OperationName = (typeof operationNames)[number];

/** The number of each operation, by its name. */
export const operationCodes = Object.freeze(
  Object.fromEntries(operationNames.map((name, code) => [name, code])),
) as Readonly<Record<OperationName, number>>;
