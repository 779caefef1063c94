/**
 * What an agent is called: agent 0 is the main agent, writer `i` is agent `i + 1`; those after the writers are workers that the
 * program started, with the number of their thread.
 *
 * @param writers how many there are. Default: so many that the agent is one
 */
export function agentName(agent: number, writers = Infinity): string {
  if (agent === 0) return 'main agent';
  return agent <= writers ? `writer ${agent - 1}` : `worker ${agent}`;
}

/** The same within a sentence. */
export function agentInSentence(agent: number, writers = Infinity): string {
  return agent === 0 ? `the ${agentName(agent)}` : agentName(agent, writers);
}

/** The names of all agents of an execution with this many writers, by number. */
export function agentNames(writers: number): string[] {
  return Array.from({ length: writers + 1 }, (_, agent) => agentName(agent, writers));
}
