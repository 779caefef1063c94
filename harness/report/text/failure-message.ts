import { spellPlace } from '../../place.js';
import { agentInSentence, agentName } from '../../results/agent-name.js';
import type { BlockedAgent, Failure, Livelock } from '../../results/failure-schema.js';
import type { Operation, Site } from '../../results/operation-schema.js';
import { formatVerdict } from './words.js';
import { addressText, operationText } from './operation.js';

/**
 * Describes a failure: one sentence, and more lines for the blocked agents and the repeated operations.
 *
 * @param agents the names of the agents, by number. Default: the main agent and writers
 */
export function failureMessage(failure: Failure, agents: readonly string[] = []): string {
  const headline = failureHeadline(failure);
  const { blocked = [], livelock } = failure;
  const sections = [
    ...(livelock === undefined || livelock.loop.length === 0
      ? []
      : [`; this repeats:\n${livelock.loop.map((operation) => loopLine(operation, agents)).join('\n')}`]),
    ...(blocked.length === 0 ? [] : [`:\n${blocked.map((one) => blockedText(one, agents)).join('\n')}`]),
  ];
  return (failure.message ?? headline) + sections.join('\n');
}

/** The first line of the description of a failure. */
export function failureHeadline({ verdict, invariant, agent, message, livelock }: Failure): string {
  if (message !== undefined) return message.split('\n', 1)[0] ?? '';
  if (livelock !== undefined) return limitTexts[livelock.limit](livelock.count.toLocaleString('en-US'));
  switch (verdict) {
    case 'violation':
      return `violated${agent === undefined ? ' at the end' : ''}${invariant === undefined ? '' : `: ${invariant}`}`;
    case 'deadlock':
      return 'no agent can run and no timeout is pending';
    case 'livelock':
      return 'the agents kept running without progress';
    case 'crash':
      return 'the program failed';
    case 'hang':
      return 'the program reached no scheduling point';
    case 'uncontrolled':
      return 'the same schedule gave different traces';
  }
}

/**
 * Describes a failure with its verdict, such as `violated at the end: count`, or `crash: Error: no such key` and more lines.
 */
export function describeFailure(failure: Failure, agents: readonly string[] = []): string {
  const message = failureMessage(failure, agents);
  if (failure.invariant === undefined) return `${failure.verdict}: ${message}`;
  return failure.message === undefined ? message : `${formatVerdict(failure.verdict, failure.invariant)}: ${message}`;
}

const placeText = (site: Site | undefined): string => (site === undefined ? 'an unknown place' : spellPlace(site));

function blockedText(
  { agent, on, address, readers, program, lastOperation, site }: BlockedAgent,
  agents: readonly string[],
): string {
  const place = placeText(site);
  if (on === 'Atomics.wait') {
    const who = agents[agent] === undefined || agent === 0 ? agentInSentence(agent) : agents[agent];
    const where = address === undefined ? '' : ` on ${addressText(address)}`;
    return `${who} waits in Atomics.wait${where} at ${place}`;
  }
  const isOne = readers === undefined || readers === 1;
  const onMain = program === true ? 'run' : 'after';
  const alone = agent === 0 ? onMain : nameOf(agent, agents);
  const who = readers === undefined ? alone : `${readers} ${isOne ? 'reader' : 'readers'}`;
  if (on === 'unfinished') return `${who} ${isOne ? 'has' : 'have'} not finished; last scheduling point: ${place}`;
  const last = lastOperation === undefined ? '' : `; last operation: ${lastOperation} at ${place}`;
  return `${who} ${isOne ? 'awaits' : 'await'} a promise that nothing settles${last}`;
}

const nameOf = (agent: number, agents: readonly string[]): string => agents[agent] ?? agentName(agent);

const loopLine = (operation: Operation, agents: readonly string[]): string =>
  `  ${nameOf(operation.agent, agents)}: ${operationText(operation)} at ${placeText(operation.site)}`;

const limitTexts: Readonly<Record<Livelock['limit'], (count: string) => string>> = {
  steps: (count) => `not finished after ${count} steps (limits.steps)`,
  stepsWithoutProgress: (count) => `${count} steps changed nothing (limits.stepsWithoutProgress)`,
  waitsWithoutProgress: (count) => `${count} waits led to nothing new (limits.waitsWithoutProgress)`,
};
