import { UsageError } from '../errors.js';
import { decodeParams } from './params.js';
import { shortened } from './read-json.js';
import { maximumAgents } from '../scenario/limits.js';
import { scenarioNameProblem } from './scenario-names.js';
import type { Counterexample } from './schema.js';

/**
 * What is wrong with a counterexample that a schema cannot detect: parts that do not fit together, or that lead elsewhere.
 *
 * @returns the rest of a sentence that begins with the file's name, without what to do; undefined if nothing is wrong
 */
export function counterexampleProblem(counterexample: Counterexample): string | undefined {
  const { scenario, failure, writers, agents, trace, params } = counterexample;
  const leadsElsewhere = scenarioNameProblem(scenario.file, scenario.test !== undefined);
  if (leadsElsewhere !== undefined) return leadsElsewhere;
  // After the main agent and the writers come the workers that the program started.
  const agentCount = agents.length;
  const damaged = (place: string, found: string, expected: string): string =>
    `is damaged at ${place}: found ${found}, expected ${expected}`;
  if (agentCount <= writers || agentCount > maximumAgents) {
    const least = `at least ${writers + 1} names, one for the main agent and one for each writer`;
    return damaged('agents', String(agentCount), `${least}, and at most ${maximumAgents}`);
  }
  const isAgent = (agent: number): boolean => agent >= 0 && agent < agentCount;
  const inRange = `a number from 0 to ${agentCount - 1}`;
  if (failure.agent !== undefined && !isAgent(failure.agent)) {
    return damaged('failure.agent', String(failure.agent), inRange);
  }
  const foreign = trace.findIndex(({ agent }) => !isAgent(agent));
  if (foreign !== -1) return damaged(`trace.${foreign}.agent`, String(trace[foreign]?.agent), inRange);
  try {
    decodeParams(params);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return `is damaged at params: ${shortened(error.message).replace(/\.$/, '')}`;
  }
  return undefined;
}
