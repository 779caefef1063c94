import type { CompiledScenario } from '../../instrument/compiled.js';
import { mapStack } from '../map-stack.js';
import { ProcessExit } from '../process-shadow.js';

/** What was thrown, in words. */
export interface ThrownReport {
  /** The error's own name, such as `TypeError`. */
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
}

/** Describes what the program under test threw; its stack is mapped to the sources. */
export function describeThrown(error: unknown, compiled: CompiledScenario): ThrownReport {
  if (error instanceof ProcessExit) return { name: error.name, message: error.message, stack: undefined };
  if (!(error instanceof Error)) {
    return { name: typeof error, message: `${typeof error} thrown: ${String(error)}`, stack: undefined };
  }
  const stack = error.stack === undefined ? undefined : mapStack(error.stack, compiled);
  return { name: error.name, message: `${error.name}: ${error.message}`, stack };
}
