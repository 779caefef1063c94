import type { BridgeState } from 'threadmill/bridges/records';
import type { Control } from './control.js';

/** The workerData of a writer thread. */
export interface WriterTask {
  readonly bridge: string;
  readonly variant: string;
  readonly state: BridgeState;
  readonly control: Control;
  readonly index: number;
  readonly writers: number;
  readonly keysOfEach: number;
  readonly payloadWords: number;
}
