import type { EventEmitter } from 'node:events';
import { exitCodes } from './exit-codes.js';

type StopSignal = keyof typeof exitCodes.interrupted;

/** Whether the user has asked to stop. */
export interface Interruption {
  /** Aborted at the first signal. */
  readonly signal: AbortSignal;
  /** The first signal received, if any. */
  readonly caught: StopSignal | undefined;
}

/** Makes the first Ctrl-C or SIGTERM a request to finish up. A second one ends the process at once. */
export function watchSignals(
  source: Pick<EventEmitter, 'on'> & { exit(code: number): unknown },
  stderr: { write(text: string): unknown },
): Interruption {
  const controller = new AbortController();
  let caught: StopSignal | undefined;
  const onSignal = (name: StopSignal): void => {
    if (caught !== undefined) {
      source.exit(exitCodes.interrupted[name]);
      return;
    }
    caught = name;
    stderr.write('\nstopping; results are kept (interrupt again to quit at once)\n');
    controller.abort();
  };
  source.on('SIGINT', () => onSignal('SIGINT'));
  source.on('SIGTERM', () => onSignal('SIGTERM'));
  return {
    signal: controller.signal,
    get caught() {
      return caught;
    },
  };
}
