import type { KernelMemory } from '../../kernel/layout.js';

/** The data with which a worker agent's thread is started. */
export interface WorkerAgentData {
  readonly memory: KernelMemory;
  /** Its number, from 1; that of the writer's agent if it is a writer. */
  readonly thread: number;
  /** The scenario file, absolute. */
  readonly file: string;
  /** The environment variables as they were before any of the program ran. */
  readonly environment: Readonly<Record<string, string>>;
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
