import { spellPlace } from '../../place.js';
import { agentName } from '../../results/agent-name.js';
import type { BlockedAgent, Failure, Livelock } from '../../results/failure-schema.js';
import type { Site } from '../../results/operation-schema.js';
import { formatVerdict } from './words.js';
import { addressText, operationText } from './operation.js';

/** What failed, in words: one sentence, and more lines for who is blocked or what repeats. */
export function failureMessage(failure: Failure): string {
  const { verdict, message, blocked, livelock } = failure;
  const lines: string[] = [];
  if (message !== undefined) lines.push(message);
  else if (livelock !== undefined) lines.push(...livelockLines(livelock));
  else if (verdict === 'deadlock') lines.push('no agent can run and no timeout is pending:');
  else if (failure.invariant !== undefined)
    lines.push(`violated${failure.agent === undefined ? ' at the end' : ''}: ${failure.invariant}`);
  if (blocked !== undefined) lines.push(...blocked.map(blockedText));
  return lines.join('\n');
}

/**
 * What failed, with its verdict: such as `violated at the end: count`, or `crash: Error: no such key` and more lines.
 */
export function describeFailure(failure: Failure): string {
  const message = failureMessage(failure);
  if (failure.invariant === undefined) return `${failure.verdict}: ${message}`;
  return failure.message === undefined ? message : `${formatVerdict(failure.verdict, failure.invariant)}: ${message}`;
}

/** The first line of what failed. */
export function failureHeadline(failure: Failure): string {
  return failureMessage(failure).split('\n', 1)[0]!.replace(/:$/, '');
}

const placeText = (site: Site | undefined): string => (site === undefined ? 'an unknown place' : spellPlace(site));

function blockedText({ agent, on, address, readers, lastOperation, site }: BlockedAgent): string {
  const place = placeText(site);
  if (on === 'Atomics.wait') {
    const who = agent === 0 ? 'the main agent' : agentName(agent);
    const where = address === undefined ? '' : ` on ${addressText(address)}`;
    return `${who} waits in Atomics.wait${where} since ${place}`;
  }
  const isOne = readers === undefined || readers === 1;
  const who = readers === undefined ? agentName(agent) : `${readers} ${isOne ? 'reader' : 'readers'}`;
  if (on === 'unfinished') return `${who} ${isOne ? 'has' : 'have'} not finished; last scheduling point: ${place}`;
  const last = lastOperation === undefined ? '' : `; last operation: ${lastOperation} at ${place}`;
  return `${who} ${isOne ? 'awaits' : 'await'} a promise that nothing settles${last}`;
}

function livelockLines({ limit, count, loop }: Livelock): string[] {
  const reached = limitTexts[limit](count.toLocaleString('en-US'));
  if (loop.length === 0) return [reached];
  const repeated = loop.map(
    (operation) => `  ${agentName(operation.agent)}: ${operationText(operation)} at ${placeText(operation.site)}`,
  );
  return [`${reached}; this repeats:`, ...repeated];
}

const limitTexts: Readonly<Record<Livelock['limit'], (count: string) => string>> = {
  steps: (count) => `not finished after ${count} steps (limits.steps)`,
  stepsWithoutProgress: (count) => `${count} steps changed nothing (limits.stepsWithoutProgress)`,
  waitsWithoutProgress: (count) => `${count} waits led to nothing new (limits.waitsWithoutProgress)`,
};
