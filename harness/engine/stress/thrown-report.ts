import { bundlesOf, type CompiledScenario } from '../../instrument/compiled.js';
import { describeThrown, isInstance, rejectionMessage, thrownMessage } from '../../describe-thrown.js';
import { agentInSentence } from '../../results/agent-name.js';
import { mapStack } from '../map-stack.js';
import { describeAssertion, describeRejected, type FailedAssertion } from '../failed-assertion.js';
import { ProcessExit } from '../process-shadow.js';
import { handledTooLate, type Uncaught } from '../uncaught.js';

/** A description of what was thrown. */
export interface ThrownReport {
  /** The error's own name, such as `TypeError`. */
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Present if an assertion failed. */
  readonly assertion?: Pick<FailedAssertion, 'expected' | 'found' | 'assertion'>;
}

/** Reports what the program under test threw; its stack is mapped to the sources. Never throws. */
export function reportThrown(error: unknown, compiled: CompiledScenario): ThrownReport {
  const thrown = describeThrown(error);
  const { name } = thrown;
  if (isInstance(error, ProcessExit)) return { name, message: error.message, stack: undefined };
  const mapped = (stack: string | undefined): string | undefined =>
    stack === undefined ? undefined : mapStack(stack, bundlesOf(compiled));
  const failed = describeAssertion(error);
  if (failed === undefined) return { name, message: thrownMessage(thrown), stack: mapped(thrown.stack) };
  const { message, stack, ...assertion } = failed;
  return { name, message, stack: mapped(stack), assertion };
}

/** The same for an uncaught exception, and for an unhandled rejection. @param agent 0 is the main agent */
export function reportUncaught({ event, reason }: Uncaught, agent: number, compiled: CompiledScenario): ThrownReport {
  const report = reportThrown(reason, compiled);
  if (event === 'uncaughtException' || isInstance(reason, ProcessExit)) return report;
  const message = `${rejectionMessage(describeRejected(reason))}\nrejected in ${agentInSentence(agent)}\n${handledTooLate}`;
  return { ...report, message };
}
