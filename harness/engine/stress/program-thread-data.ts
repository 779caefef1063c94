import type { MessagePort } from 'node:worker_threads';
import type { CompiledScenario } from '../../instrument/compiled.js';

/** What a thread is started with that runs a TypeScript file of the program. */
export interface ProgramThreadData {
  /** Absolute. */
  readonly file: string;
  readonly projectDirectory: string;
  /** Undefined if the file has not been compiled before. */
  readonly compiled: CompiledScenario | undefined;
  /** Receives the file once it is compiled. */
  readonly reply: MessagePort;
  /** The program's own. */
  readonly workerData: unknown;
}
