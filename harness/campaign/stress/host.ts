import { fileURLToPath } from 'node:url';
import type { StressFatalReply } from '../../engine/stress/watchdog-protocol.js';
import { HarnessError } from '../../errors.js';
import { ChildHost, type ChildEnd } from '../child-host.js';
import type { StressReply, StressRequest } from './protocol.js';

/** A stress process ended in the middle of a request. */
export class StressProcessDied extends Error {
  override readonly name = 'StressProcessDied';
  /** What its watchdog recorded before, if it was the watchdog that ended it. */
  readonly fatal: StressFatalReply | undefined;
  /** Whether it was killed without a word, as by somebody who has nothing to do with the scenario. */
  readonly wasKilled: boolean;

  constructor({ how, signal, fatal }: ChildEnd<StressReply>) {
    super(how);
    this.fatal = fatal?.kind === 'fatal' ? fatal : undefined;
    this.wasKilled = signal === 'SIGKILL' && this.fatal === undefined;
  }
}

/** Somebody else may end a process before it has come up; one that cannot come up never does. */
const startAttempts = 2;

export type StressHost = ChildHost<StressRequest, StressReply>;

/**
 * Starts a stress process. Unlike an explorer it is pinned to no processor: its threads are to run at once.
 *
 * @throws HarnessError if it does not come up
 */
export async function startStressProcess(showOutput: boolean): Promise<StressHost> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const script = fileURLToPath(new URL(`./main.${extension}`, import.meta.url));
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
