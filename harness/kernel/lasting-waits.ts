import { operationKinds } from '../operation-kinds.js';
import * as at from './layout.js';
import { kindMask } from './operations.js';
import { agentMask } from './trace.js';
import type { KernelMemory } from './layout.js';

const wait = operationKinds.indexOf('Atomics.wait');
const waitAsync = operationKinds.indexOf('Atomics.waitAsync');
const returns = operationKinds.indexOf('Atomics.wait returns');

/**
 * The waits of the last execution that joined those that wait at their place, by where they begin in the trace: a wait did if its agent
 * does nothing else before it returns, or waited when the execution ended. A wait that does not block is taken to have joined.
 *
 * @param lasting filled with them
 */
export function findLastingWaits({ words, trace }: KernelMemory, lasting: Set<number>): void {
  lasting.clear();
  const lastOf: number[] = [];
  for (let position = words[at.TRACE_POSITION]! - 1; position >= 0; position--) {
    const entry = position * at.traceEntryWords;
    const agent = trace[entry + at.TRACE_AGENT]! & agentMask;
    const kind = trace[entry + at.TRACE_OPERATION]! & kindMask;
    const next = lastOf[agent];
    const isLasting = next === undefined ? waitedAtEnd(words, agent) : next === returns;
    if (kind === waitAsync || (kind === wait && isLasting)) lasting.add(entry);
    lastOf[agent] = kind;
  }
}

function waitedAtEnd(words: Int32Array, agent: number): boolean {
  return words[at.AGENT_TABLE + agent * at.agentWords + at.AGENT_STATE_AT_END] === at.agentStates.waiting;
}
