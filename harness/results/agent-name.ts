/** What an agent is called: agent 0 is the main agent, writer `i` is agent `i + 1`. */
export function agentName(agent: number): string {
  return agent === 0 ? 'main agent' : `writer ${agent - 1}`;
}

/** The same within a sentence. */
export function agentInSentence(agent: number): string {
  return agent === 0 ? `the ${agentName(agent)}` : agentName(agent);
}

/** The names of all agents of an execution with this many writers, by number. */
export function agentNames(writers: number): string[] {
  return Array.from({ length: writers + 1 }, (_, agent) => agentName(agent));
}
