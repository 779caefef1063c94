import type { Operation } from '../../results/schema.js';
import { spellPlace } from '../../place.js';
import { operationText } from '../../report/text/operation.js';
import { agentName } from '../../results/agent-name.js';

const describe = (operation: Operation | undefined, agents: readonly string[]): string => {
  if (operation === undefined) return 'nothing more';
  const site = operation.site === undefined ? '' : ` at ${spellPlace(operation.site)}`;
  return `${operationText(operation)} by ${agents[operation.agent] ?? agentName(operation.agent)}${site}`;
};

const same = (first: Operation | undefined, second: Operation | undefined): boolean =>
  JSON.stringify(first) === JSON.stringify(second);

/** The index of the first operation in which two traces differ; -1 if they do not. */
export function firstDifferenceIndex(first: readonly Operation[], second: readonly Operation[]): number {
  const length = Math.max(first.length, second.length);
  for (let index = 0; index < length; index++) if (!same(first[index], second[index])) return index;
  return -1;
}

/** A sentence about where two traces of one plan first differ. */
export function firstDifferentOperation(
  first: readonly Operation[],
  second: readonly Operation[],
  agents: readonly string[] = [],
): string {
  const index = firstDifferenceIndex(first, second);
  if (index === -1) return 'Two more replays gave the same trace, so the difference appears only sometimes.';
  return `First difference, at operation ${index}: ${describe(first[index], agents)}; then ${describe(second[index], agents)}.`;
}
