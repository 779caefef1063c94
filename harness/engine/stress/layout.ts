/*
 * The memory that the threads of a stress process share, apart from the store: 32-bit words. It has the position of each agent,
 * so that the watchdog can distinguish a process that works from one that waits forever.
 */

/** The number of the execution that agents may begin. */
export const GO = 0;
/** How many workers are at the barrier. */
export const ARRIVED = 1;
/** Numbers the events of the history, over all agents. */
export const TICKET = 2;
/** Whether an execution is running. */
export const ACTIVE = 3;
/** Real time without progress before an execution is abandoned. */
export const TIMEOUT_MS = 4;
/** How many executions have ended. */
export const EXECUTIONS = 5;
/** Agents of the current execution, including the main agent. */
export const AGENT_COUNT = 6;
/** How many turns of the main agent's event loop were observed. */
export const LOOP_TURNS = 7;

/** Where the main agent was, and whether it waited there, when the watchdog last saw its event loop blocked. */
export const STALL_SITE = 8;
export const STALL_WAITING = 9;

/** Whether all have finished and the scenario's `after` is running: then the main agent has only that left to finish. */
export const AFTER = 10;
/** Whether the main agent runs the program of a scenario without readers: 1 if so. */
export const PROGRAM = 11;

/** What one execution may use, and what the process had in memory before it (0: none is running), in MiB. */
export const MEMORY_LIMIT = 13;
export const MEMORY_BASE = 14;

/** Where the rows of the agents begin. Each is a cache line, since a single thread writes it. */
const AGENT_TABLE = 16;
const agentWords = 16;

/* Inside a row. */
/** The last site that this agent passed. */
export const SITE = 0;
/** Whether it is in Atomics.wait, from `waitStates`. */
export const WAITING = 1;
/** How many points it has passed, modulo 2^32. */
export const POINTS = 2;
/** How many timers are pending. */
export const TIMERS = 3;
/** How many of its writers or readers have not finished. */
export const UNSETTLED = 4;
/** What it waits for from outside the process. */
export const OUTSIDE = 5;
/** Live threads that its program started itself. */
export const THREADS = 6;
/** How many turns of its event loop were observed. */
export const LOOP_TURNED = 7;

export const waitStates = { none: 0, forEver: 1, forATime: 2 } as const;

/** Worker agents and the main agent. */
export const maximumAgents = 65;

/** Makes the memory of one stress process. */
export function createStressMemory(): Int32Array<SharedArrayBuffer> {
  return new Int32Array(
    new SharedArrayBuffer((AGENT_TABLE + maximumAgents * agentWords) * Int32Array.BYTES_PER_ELEMENT),
  );
}

/** The index of an agent's word. */
export function agentWord(agent: number, word: number): number {
  return AGENT_TABLE + agent * agentWords + word;
}
