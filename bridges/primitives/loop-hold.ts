import { MessageChannel } from 'node:worker_threads';

let channel: MessageChannel | undefined;
let holds = 0;

/**
 * Keeps this agent's event loop alive until the returned function is called: a pending `Atomics.waitAsync` does not do so
 * by itself, and a program would end in the midst of waiting.
 *
 * @example
 * const release = holdLoop();
 * await Atomics.waitAsync(words, 0, 0).value;
 * release();
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
