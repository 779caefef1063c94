/** The states of a connection, in order: the running example of the watcher scenarios. */
export const connectionStates = ['disconnected', 'connecting', 'connected', 'closing', 'closed'] as const;

export type ConnectionState = (typeof connectionStates)[number];
