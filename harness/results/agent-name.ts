/**
 * What an agent is called: agent 0 is the main agent, writer `i` is agent `i + 1`; those after the writers are workers that the
 * program started, with the number of their thread.
 *
 * @param writers how many there are
 */
export function agentName(agent: number, writers: number): string {
  if (agent === 0) return 'main agent';
  return agent <= writers ? `writer ${agent - 1}` : `worker ${agent}`;
}

/** The names of all agents of an execution with this many writers, by number. */
export function agentNames(writers: number): string[] {
  return Array.from({ length: writers + 1 }, (_, agent) => agentName(agent, writers));
}
