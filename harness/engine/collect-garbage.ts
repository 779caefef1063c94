import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = () => void;

let collect: Collect | undefined;

/** Threads that ask at the same time undo each other's flag: how often one tries. */
const attempts = 100;

/**
 * The engine's own function that collects. The flag is not left on, and is no option of the process: programs look for
 * `gc`, and at `process.execArgv`.
 */
function obtainCollect(): Collect | undefined {
  const exposed: unknown = Reflect.get(globalThis, 'gc');
  if (typeof exposed === 'function') return exposed as Collect;
  for (let attempt = 0; attempt < attempts; attempt++) {
    setFlagsFromString('--expose-gc');
    const found = runInNewContext(`typeof gc === 'function' ? gc : undefined`) as Collect | undefined;
    setFlagsFromString('--no-expose-gc');
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Collects all garbage of the calling thread's heap, array buffers included, before it returns. */
export function collectGarbage(): void {
  // Without it this time, it is asked for again the next.
  collect ??= obtainCollect();
  collect?.();
}
