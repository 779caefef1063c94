import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = () => void;

let collect: Collect | undefined;

/** How often a thread tries: threads that collect at the same time reset each other's flag. */
const attempts = 100;

/**
 * V8's own function that collects. The flag is not left on, and is not an option of the process, because programs look for `gc`
 * and read `process.execArgv`.
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
  // If it is missing this time, the next call tries again.
  collect ??= obtainCollect();
  collect?.();
}
