import type { MessagePort } from 'node:worker_threads';
import type { CompiledScenario } from '../../instrument/compiled.js';
import type { ExecutionResult } from '../execution-result.js';

/** What the explorer's main thread requests from its watchdog. */
export type WatchdogRequest =
  | {
      readonly kind: 'load';
      readonly compiled: CompiledScenario;
      /** The environment variables as they were before any of the program ran. */
      readonly environment: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'configure';
      readonly workerHeapMiB: number;
      readonly traceLength: number;
    }
  /** Starts the thread of a writer, if it has none, and connects it to the main agent. */
  | {
      readonly kind: 'writer';
      readonly agent: number;
      readonly controlPort: MessagePort;
      readonly messagePort: MessagePort;
    };

/** The last reply of an explorer whose execution can only be ended together with the process. */
export interface FatalReply {
  readonly kind: 'fatal';
  readonly invocation: number;
  readonly executionResult: ExecutionResult;
}
