import type { MessagePort } from 'node:worker_threads';
import type { CompiledScenario } from '../../instrument/compiled.js';
import type { KernelMemory } from '../../kernel/layout.js';

/** What a worker agent's thread is started with. */
export interface WorkerAgentData {
  readonly memory: KernelMemory;
  /** From 1. */
  readonly agent: number;
  readonly compiled: CompiledScenario;
  /** Carries the store and parameters of each execution. */
  readonly controlPort: MessagePort;
  /** The real port behind the scenario's `parentPort`. */
  readonly messagePort: MessagePort;
  /** Whether what the program prints is to be seen. */
  readonly showOutput: boolean;
}

/**
 * What the main agent sends to each worker of an execution. An array, because it is decoded in each worker of each
 * execution, and names of properties take longer to decode than all the rest.
 */
export type ExecutionInput = readonly [
  execution: number,
  store: unknown,
  params: Readonly<Record<string, unknown>>,
  readers: number,
  bufferNumbers: readonly number[],
];

/** Executions after which a thread turns its real event loop, so that ports it has closed go away. */
export const executionsPerRealTurn = 256;
