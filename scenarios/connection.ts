/** The states that a connection goes through, in order: the running example of the scenarios of watchers. */
export const connectionStates = ['disconnected', 'connecting', 'connected', 'closing', 'closed'] as const;

export type ConnectionState = (typeof connectionStates)[number];
