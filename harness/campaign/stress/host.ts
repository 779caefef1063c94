import { fileURLToPath } from 'node:url';
import type { StressFatalReply } from '../../engine/stress/watchdog-protocol.js';
import { HarnessError } from '../../errors.js';
import { ChildHost, type ChildEnd } from '../child-host.js';
import type { StressReply, StressRequest } from './protocol.js';
import { processFile } from '../../entry-file.js';

/** A stress process ended in the middle of a request. */
export class StressProcessDied extends Error {
  override readonly name = 'StressProcessDied';
  /** What its watchdog recorded first, if the watchdog ended it. */
  readonly fatal: StressFatalReply | undefined;
  /** Whether it was killed without a reply, for a reason that may have nothing to do with the scenario. */
  readonly wasKilled: boolean;

  constructor({ how, signal, fatal }: ChildEnd<StressReply>) {
    super(how);
    this.fatal = fatal?.kind === 'fatal' ? fatal : undefined;
    this.wasKilled = signal === 'SIGKILL' && this.fatal === undefined;
  }
}

/** Something else may end a process before it has started; one that cannot start never does. */
const startAttempts = 2;

export type StressHost = ChildHost<StressRequest, StressReply>;

/**
 * Starts a stress process. Unlike an explorer it is not pinned to a processor: its threads should run in parallel.
 *
 * @throws HarnessError if it does not start
 */
export async function startStressProcess(showOutput: boolean): Promise<StressHost> {
  const script = fileURLToPath(processFile('main', import.meta.url));
  const command = [process.execPath, script, String(process.pid)];
  let failure = '';
  for (let attempt = 0; attempt < startAttempts; attempt++) {
    const died = (end: ChildEnd<StressReply>): StressProcessDied => new StressProcessDied(end);
    const host: StressHost = new ChildHost('the stress process', command, died, showOutput);
    if (await host.becomesReady()) return host;
    ({ failure } = host);
  }
  throw new HarnessError(failure);
}
