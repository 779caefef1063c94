import { MessageChannel } from 'node:worker_threads';

let channel: MessageChannel | undefined;
let holds = 0;

/**
 * Keeps this agent's event loop alive until you call the returned function. A pending `Atomics.waitAsync` does not do
 * so by itself, and the program would end while it waits. Each call holds the loop separately. Further calls of the
 * returned function do nothing.
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
  // A port is the only handle that holds a loop without ever doing anything; a timer would fire.
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
