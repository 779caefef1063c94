import type { Site } from '../../results/schema.js';
import type { Participant } from '../../scenario/history.js';
import { operationCodes } from '../../kernel/operations.js';
import { spellPlace } from '../../place.js';
import { agentInSentence } from '../../results/agent-name.js';

/** Used as the operation if an agent has run no callback yet, only its `run` itself. */
export const noTask = -1;

/** The number of the scenario's `after` in the trace; coroutines of readers count from 1. */
export const afterResource = 0;

/** The number of the scenario's program in the trace. */
export const programResource = -1;

/** The number of a writer or reader, or of the program, in the trace. */
export function resourceOf({ role, index }: Participant): number {
  return role === 'program' ? programResource : index + 1;
}

/** The name of one of the main agent's coroutines, such as `reader 0`. */
export function coroutineName(resource: number): string {
  if (resource === afterResource) return 'after';
  return resource === programResource ? 'run' : `reader ${resource - 1}`;
}

/** The callback that an event loop is running, or ran last. */
export interface LoopTask {
  /** From `operationCodes`, or `noTask`. */
  readonly operation: number;
  /** Where it was scheduled from. */
  readonly place: Site | null;
  /** Its number in the trace: that of the timer, immediate or port; for a coroutine, that of its participant, from 1. */
  readonly resource: number;
}

/**
 * Which participant or agent ran, and why, such as `reader 0, as it resumed after its pause at a.scenario.ts:3:9`.
 *
 * @param writers how many there are
 */
export function describeTask(agent: number, writers: number, { operation, place, resource }: LoopTask): string {
  const who = agentInSentence(agent, writers);
  const participant = agent === 0 ? coroutineName(resource) : who;
  switch (operation) {
    case noTask:
      return `${who}, as its run started`;
    case operationCodes.begin:
      return resource === afterResource || resource === programResource
        ? `${participant}, as it started`
        : `${participant}, as its run started`;
    case operationCodes.resume:
      return `${participant}, as it resumed after its pause${textOf(' at', place)}`;
    case operationCodes.timer:
      return `${who}, while timer ${resource} fired${textOf(', which was set at', place)}`;
    case operationCodes.immediate:
      return `${who}, while an immediate ran${textOf(', which was set at', place)}`;
    case operationCodes.message:
    case operationCodes.close:
      return `${who}, while port ${resource} delivered${textOf(' to the listener added at', place)}`;
    case operationCodes['worker online']:
    case operationCodes['worker output']:
    case operationCodes['worker error']:
    case operationCodes['worker exit']:
      return `${who}, while worker ${resource} was heard of${textOf(', which was started at', place)}`;
    case operationCodes['Atomics.waitAsync settles']:
      return `${who}, while an Atomics.waitAsync settled${textOf(', which was called at', place)}`;
    case operationCodes['background work']:
      return `${who}, as work in the background was done${textOf(', which was begun at', place)}`;
    default:
      return who;
  }
}

const textOf = (relation: string, place: Site | null): string =>
  place === null ? '' : `${relation} ${spellPlace(place)}`;
