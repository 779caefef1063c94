/**
 * Runs everything queued by process.nextTick and every microtask, in Node's own order, and reports unhandled rejections.
 * Returns when both queues are empty. The caller's stack must contain only the harness: inside a microtask
 * this does nothing.
 *
 * `process._tickCallback` is what Node itself calls after each callback. It is not documented, but has been there
 * since Node 0.x. The public alternative, returning to the real event loop, costs three times as much per task, and is not
 * possible while an agent's turn is being decided.
 */
export const drainMicrotasks: () => void = ((): (() => void) => {
  const drain: unknown = Reflect.get(process, '_tickCallback');
  if (typeof drain !== 'function') {
    throw new Error(`Node ${process.version} has no process._tickCallback, which the controlled engine needs`);
  }
  return () => {
    Reflect.apply(drain, process, []);
  };
})();
