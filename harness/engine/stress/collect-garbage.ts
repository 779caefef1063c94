import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Collects garbage now: measuring memory means little before. The function comes from another context, while the flag is
 * set: one given to Node would show in the program's `process.execArgv`, and `gc` among its globals.
 */
export const collectGarbage: () => void = ((): (() => void) => {
  setFlagsFromString('--expose-gc');
  try {
    return runInNewContext('gc') as () => void;
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
})();
