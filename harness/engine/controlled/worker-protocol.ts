import type { MessagePort } from 'node:worker_threads';
import type { CompiledScenario } from '../../instrument/compiled.js';
import type { KernelMemory } from '../../kernel/layout.js';

/** The data with which a worker agent's thread is started. */
export interface WorkerAgentData {
  readonly memory: KernelMemory;
  /** From 1. */
  readonly agent: number;
  readonly compiled: CompiledScenario;
  /** Transports the store and parameters of each execution. */
  readonly controlPort: MessagePort;
  /** The real port behind the scenario's `parentPort`. */
  readonly messagePort: MessagePort;
  /** Whether to show what the program prints. */
  readonly showOutput: boolean;
}

/**
 * What the main agent sends to each worker of an execution. An array, because every worker decodes it in every execution, and
 * property names take longer to decode than everything else.
 */
export type ExecutionInput = readonly [
  execution: number,
  store: unknown,
  params: Readonly<Record<string, unknown>>,
  readers: number,
  bufferNumbers: readonly number[],
];

/** Executions after which a thread runs its real event loop, so that ports it has closed are freed. */
export const executionsPerRealTurn = 256;
