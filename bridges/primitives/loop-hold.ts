import { MessageChannel } from 'node:worker_threads';

let channel: MessageChannel | undefined;
let holds = 0;

/**
 * Keeps this agent's event loop alive until the returned function is called: a pending `Atomics.waitAsync` does not do so
 * by itself, and a program would end in the midst of waiting. Each call holds for itself; what it returned may be called
 * more than once.
 *
 * @example
 * const words = new Int32Array(new SharedArrayBuffer(4));
 * const release = holdLoop();
 * try {
 *   assert.equal(await Atomics.waitAsync(words, 0, 0, 10).value, 'timed-out');
 * } finally {
 *   release();
 * }
 */
export function holdLoop(): () => void {
  // A port is the one handle that can hold a loop without ever doing anything, as a timer would.
  channel ??= new MessageChannel();
  const port = channel.port1;
  if (holds++ === 0) port.ref();
  let released = false;
  return () => {
    if (released) return;
    released = true;
    if (--holds === 0) port.unref();
  };
}
