import { maximumChangePoints, maximumWalkPlaces } from '../schedule/schedule.js';

/**
 * The layout of the memory that agents share. Only the holder of the turn reads or writes it (except the batons, which are
 * passed with Atomics), so plain accesses are enough: passing a baton orders them.
 */

/** Scheduling points in all files of one explorer together. */
export const maximumSites = 1 << 20;
/** Agents of one execution, those that have ended included: as many as an operation of the trace can tell apart. */
export const maximumAgents = 256;
/** The threads that they run on: that of the main agent, and 64 more. */
export const maximumThreads = 65;
/** Waiters in Atomics.wait and waitAsync at one time. */
export const maximumWaiters = 4_096;
/** Message ports of one execution. */
export const maximumPorts = 4_096;
/** Preemptions and choices of one schedule. */
export const maximumPreemptions = 10_000;
export const maximumChoices = 10_000;
/** Operations of a directed execution. */
export const maximumDirected = 20_000;
/** Agents of a directed execution: as many as a word has bits, but for its sign. */
export const maximumDirectedAgents = 31;
export const maximumSleepers = 4_096;
/** Operations kept in memory; older ones remain only in the hash. */
export const traceCapacity = 65_536;
/** Operations at the beginning that are always kept, however many follow. */
export const traceHeadCapacity = 4_096;

/* One offer of a directed execution: the place in the trace of what follows, the number of options, and which was chosen. */
export const offerWords = 3;
/* One access: what is done, the resource, offset and size. */
export const accessWords = 4;
/* One sleeper: the agent, and an access. */
export const sleeperWords = 1 + accessWords;

/* The header: one word each. */
export const EXECUTION = 0;
export const STEP = 1;
/** The step from which `point` takes the slow path. */
export const NEXT_STOP = 2;
export const AGENT_COUNT = 3;
export const PREEMPTION_CURSOR = 4;
export const PREEMPTION_COUNT = 5;
export const CHOICE_CURSOR = 6;
export const CHOICE_COUNT = 7;
/** 0 while the execution is running, otherwise one of `endReasons`. */
export const END_REASON = 8;
export const ENDED_BY = 9;
export const TRACE_POSITION = 10;
/** Laps of the trace that have been folded into the hash. */
export const TRACE_LAPS = 11;
export const TRACE_HASH_LOW = 12;
export const TRACE_HASH_HIGH = 13;
export const PREEMPTIONS_TAKEN = 14;
export const SWITCHES = 15;
/** Counts every change that a waiting agent could be waiting for. */
export const PROGRESS = 16;
export const PROGRESS_STEP = 17;
export const STEP_LIMIT = 18;
export const STEPS_WITHOUT_PROGRESS_LIMIT = 19;
export const SLICE_END = 20;
export const SPIN_REQUEST = 21;
export const WAITER_COUNT = 22;
export const NEXT_BUFFER = 23;
export const PORT_COUNT = 24;
/** Writers and readers whose `run` has not settled. */
export const UNSETTLED = 25;
/** Why the turn moved last: one of `turnReasons`; consumed by the next recorded operation. */
export const TURN_REASON = 26;
/** 1 from the start of an execution to its end, for the watchdog. */
export const ACTIVE = 27;
export const HANG_TIMEOUT_MS = 28;
export const RANDOM_SEED = 29;
export const HISTORY_COUNT = 30;
export const HISTORY_BYTES = 31;
export const WRITE_COUNT = 32;
export const REPORT_BYTES = 33;
export const HISTORY_LIMIT = 34;
export const QUEUED_MESSAGES = 35;
export const QUEUED_MESSAGES_LIMIT = 36;
export const TURN = 37;
/** Which call of the property this execution is, so that a fatal one can be named. */
export const INVOCATION = 38;
/** An agent's program swallows the unwinding: the watchdog must end the process. */
export const STUCK = 40;
/** How many worker threads have ever reported ready. */
export const WORKERS_READY = 41;
/** The step from which time passes by itself, whichever agent runs. */
export const NEXT_TIME_STEP = 42;
/** How often, since the last progress, an agent repeated exactly what it had done before. */
export const RECURRENCES = 43;
/** Counts the news: everything new that any agent did. Never 0 during an execution. */
export const NEWS = 44;
export const NEWS_STEP = 45;
/** How often agents have waited since the last news. */
export const WAITS = 46;
export const WAITS_WITHOUT_PROGRESS_LIMIT = 47;
/** The step at which a clock was read or a random number drawn: the next value will differ. */
export const DRAWN_STEP = 48;
/** The step at which an agent last waited: a task began, or Atomics.wait returned. */
export const WAIT_STEP = 50;
/** The limit that ended the execution in a livelock: one of `livelockCauses`. */
export const LIVELOCK_CAUSE = 49;

/* Memory in use, in MiB: shared by the main agent and the watchdog. */
/** What one execution may use. */
export const MEMORY_LIMIT = 51;
/** What the process had in memory before the execution. */
export const MEMORY_BASE = 52;
/** What an execution was found to use, if it uses too much; otherwise 0. */
export const MEMORY_FOUND = 53;
/** Incremented when an agent starts to measure, and when it has finished: odd in between. */
export const MEASUREMENTS = 54;
/** While an agent measures: the memory in the heaps and buffers of the agents that have answered. */
export const MEMORY_LIVE = 55;
/** 1 while a scenario is being prepared. */
export const LOADING = 56;
/** How often the parked agents were called, and how many of them have answered the last call. */
export const CALL = 57;
export const ANSWERS = 58;
/** Whether the main agent has something to do once all have finished, and has started it: one of `afterStates`. */
export const AFTER = 59;
/** Whether the main agent runs the program of a scenario without readers: 1 if so. */
export const PROGRAM = 60;
/** Whether there was anything to decide: 1 if several agents had something to do, or a choice had several options. */
export const HAD_CHOICE = 61;
/** Counts what the watchdog has done for agents that asked it for something. */
export const SERVED = 62;
/** 1 while an agent waits for what it asked of the watchdog: no time passes for the program. */
export const SERVING = 63;
/** Writers of the execution: agents with higher numbers are workers that the program started. */
export const WRITERS = 64;
/** The length of the schedule's order. */
export const GIVEN_ORDER_COUNT = 65;
/** 1 if a worker of the execution shares the environment variables of the process. */
export const ENVIRONMENT_SHARED = 66;
/** The step from which something is due, whether or not a walk decides at every step. */
export const DUE_STEP = 67;
/** 1 if the schedule is a random walk. */
export const WALKS = 68;
/** The state of its random numbers. */
export const WALK_STATE = 69;
/** Of the walk: 0 if agents are chosen evenly, otherwise in proportion to what they have left. */
export const WALK_WEIGHTED = 70;
export const WALK_PLACE_COUNT = 71;
export const WALK_GAP = 72;
/** 1 + the agent that performs the next operation at one of the walk's places; 0 if that has not been drawn. */
export const WALK_INTENDED = 73;
/** Repetitions of a read that gives the same, after which the others go first. */
export const PATIENCE = 74;
/** The last step at which an agent went on in a walk, or something else was due: a preemption there would come sooner. */
export const WALK_STAYED_AT = 75;
/** 1 if shared memory was used through a DataView. */
export const DATA_VIEWS = 76;
/** 1 if somebody outside decides how the execution begins, operation by operation. */
export const DIRECTED = 77;
/** For how many operations. */
export const DIRECTED_COUNT = 78;
/** How many choices are decided, and how many there were. */
export const DIRECTED_CHOICE_COUNT = 79;
export const OFFERED_CHOICES = 80;
/** Sleepers that are still asleep. */
export const SLEEPER_COUNT = 81;
/** 1 if what was directed could not be done, or cannot be written down. */
export const DIRECTION_LOST = 82;
/** 1 if an agent has waited without blocking. */
export const WAITS_ASYNC = 83;
/** 1 if the wait that is being recorded, or its return, can time out. */
export const WAIT_IS_TIMED = 84;
/** 1 if an agent that only looked again and again was made to let others go first. */
export const HAS_SPUN = 85;
/** After how many operations in a row an agent lets others go first. */
export const SLICE_STEPS = 86;
/** 1 if an agent has opened a broadcast channel, which is no operation. */
export const OPENS_BROADCAST = 87;
/** 1 if the walk has priorities instead of drawing agents. */
export const WALK_RANKED = 88;
/** 1 if each operation has a priority of its own. */
export const WALK_RANKS_OPERATIONS = 89;
/** How many operations at places there were. */
export const WALK_RANKED_COUNT = 90;
export const WALK_CHANGE_COUNT = 91;
export const WALK_CHANGE_CURSOR = 92;
/** The lowest priority that was given at a change point. */
export const WALK_LOWEST = 93;
const headerWords = 96;

/** In `NEXT_STOP`: the watchdog asks the running agent to measure the memory in use. Lower than any step. */
export const stopToMeasure = -2;

/* One row per agent. */
export const AGENT_TABLE = headerWords;
export const agentWords = 20;
export const AGENT_STATE = 0;
/** Tasks its event loop could run at once, without time passing. */
export const AGENT_READY_TASKS = 1;
export const AGENT_WAKE_RESULT = 2;
/** PROGRESS + 1 at the time it was found spinning, otherwise 0. */
export const AGENT_SPUN_AT = 3;
/** The site of its last operation when it last gave the turn away. */
export const AGENT_LAST_SITE = 4;
export const AGENT_LAST_OPERATION = 5;
export const AGENT_STARTED = 6;
export const AGENT_UNSETTLED = 7;
/** Its state when the execution ended: unwinding changes the other one. */
export const AGENT_STATE_AT_END = 9;
/** How often the agent's least busy chain of tasks has looped since the news with this number. */
export const AGENT_ROUNDS = 10;
export const AGENT_ROUNDS_NEWS = 11;
/** The number of the last news if, since its last wait, it only re-read unchanged values; otherwise 0. */
export const AGENT_LOOKED_NEWS = 12;
/** For a worker that the program started: 1 + the number of the agent that started it. 0 for the main agent and writers. */
export const AGENT_PARENT = 8;
/** Whether the agent is to end before the execution does: one of `endings`. */
export const AGENT_ENDING = 13;
export const AGENT_EXIT_CODE = 14;
/** The row of the port at which its parent receives from it; its own end is the next row. */
export const AGENT_CHANNEL = 15;
/** The number of the program that a worker runs, or -1. */
export const AGENT_PROGRAM = 16;
/** The thread that it runs on, from 0. */
export const AGENT_THREAD = 17;
/** 1 once a worker has ended and its starter knows: then its thread can serve another agent. */
export const AGENT_RELEASED = 18;

/** The site at which it was preempted and waits to continue, otherwise 0. */
export const AGENT_PREEMPTED_AT = 19;

export const BATONS = AGENT_TABLE + maximumAgents * agentWords;
/** Agents in order of preference. */
export const ORDER = BATONS + maximumThreads;
/** The order as the schedule gives it: agents that start later are ranked by it. */
export const GIVEN_ORDER = ORDER + maximumAgents;
/** Pairs: step, to. */
export const PREEMPTIONS = GIVEN_ORDER + maximumAgents;
export const CHOICES = PREEMPTIONS + 2 * maximumPreemptions;

/** Per agent: how many operations it has left, as a walk estimates; or its priority, 0 if that is still to be drawn. */
export const WALK_LEFT = CHOICES + maximumChoices;
/** Hashes of the places at which a walk decides. */
export const WALK_PLACES = WALK_LEFT + maximumAgents;

/** What the operations at each of these places use, one bit each. */
export const WALK_USES = WALK_PLACES + maximumWalkPlaces;
/** Which operations at these places are change points. */
export const WALK_CHANGES = WALK_USES + maximumWalkPlaces;

/** The agent that performs each of the first operations. */
export const DIRECTED_AGENTS = WALK_CHANGES + maximumChangePoints;
/** For each operation before which it was decided who goes on: the agents that could, one bit each; otherwise 0. */
export const CANDIDATES = DIRECTED_AGENTS + maximumDirected;
export const DIRECTED_CHOICES = CANDIDATES + maximumDirected;
/** The choices that there were. */
export const OFFERS = DIRECTED_CHOICES + maximumChoices;
/** What each operation may do to others: accesses as in `access.ts`. */
export const ACCESSES = OFFERS + offerWords * maximumChoices;
/** Agents that need not go first, since that was explored, with an operation that they would perform. */
export const SLEEPERS = ACCESSES + accessWords * maximumDirected;

/* Waiters in FIFO order: agent, buffer, byte index, kind (0 sync, otherwise the id of an async wait). */
export const WAITERS = SLEEPERS + maximumSleepers * sleeperWords;
export const waiterWords = 4;

/* One row per port. */
export const PORTS = WAITERS + maximumWaiters * waiterWords;
export const portWords = 8;
export const PORT_OWNER = 0;
export const PORT_PENDING = 1;
export const PORT_LISTENING = 2;
/** The other end of the channel, or `noPeer`: a broadcast channel has none. */
export const PORT_PEER = 3;
export const PORT_CLOSED = 4;
export const PORT_CHANNEL = 5;
/** How often the chain of tasks that posted here last had looped since the news with this number. */
export const PORT_ROUNDS = 6;
export const PORT_ROUNDS_NEWS = 7;
export const totalWords = PORTS + maximumPorts * portWords;

export const noPeer = -1;

/** What the owner of a port wants to hear of: nothing, messages and the closing, or the closing alone. */
export const listening = { no: 0, all: 1, toClosing: 2 } as const;

/* Numbers (64-bit floats). */
export const NOW_MS = 0;
/** How much of the virtual time passed while no agent could continue before it had passed. */
export const WAITED_MS = 1;
/** How much of it passed although some agent could have continued. */
export const STALLED_MS = 2;
/** The most of that in one execution. */
export const STALL_LIMIT_MS = 3;
/** Per agent: when its Atomics.wait times out. */
export const WAIT_DEADLINES = 4;
/** Per agent: the earliest timer of its event loop. */
export const TIMER_DEADLINES = WAIT_DEADLINES + maximumAgents;
/** Per agent: the earliest timer that would keep a Node process alive when everything else has ended. */
export const KEEP_ALIVE_DEADLINES = TIMER_DEADLINES + maximumAgents;
/** Per waiter: when an asynchronous wait times out. */
export const WAITER_DEADLINES = KEEP_ALIVE_DEADLINES + maximumAgents;
export const totalNumbers = WAITER_DEADLINES + maximumWaiters;

/* One entry of the trace: 6 words, and then a number that takes up two words. */
export const traceEntryWords = 8;
export const TRACE_AGENT = 0;
export const TRACE_OPERATION = 1;
export const TRACE_SITE = 2;
export const TRACE_RESOURCE = 3;
export const TRACE_OFFSET = 4;
export const TRACE_STEP = 5;
export const traceValueNumber = 3;

export const reportCapacity = 1 << 18;
export const historyEntryWords = 10;
export const historyBytesCapacity = 1 << 25;

export const agentStates = { absent: 0, runnable: 1, waiting: 2, idle: 3, ended: 4 } as const;
export const endReasons = {
  none: 0,
  done: 1,
  violation: 2,
  deadlock: 3,
  livelock: 4,
  crash: 5,
  uncontrolled: 6,
  /** A directed execution that can only repeat others from here on. */
  redundant: 7,
} as const;
export const livelockCauses = { steps: 0, stepsWithoutProgress: 1, waitsWithoutProgress: 2 } as const;
export const afterStates = { none: 0, pending: 1, begun: 2 } as const;
export const turnReasons = { none: 0, preemption: 1, yield: 2, blocked: 3 } as const;
/** Asked to end: it will, at a point that the schedule chooses. Ending: it unwinds, and does nothing visible any more. */
export const endings = { none: 0, asked: 1, ending: 2 } as const;
export const wakeResults = { ok: 1, timedOut: 2 } as const;

/** The views over the shared memory of one explorer. */
export interface KernelMemory {
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly numbers: Float64Array<SharedArrayBuffer>;
  readonly trace: Int32Array<SharedArrayBuffer>;
  readonly traceValues: Float64Array<SharedArrayBuffer>;
  /** The first operations, once newer ones have overwritten them in `trace`. */
  readonly traceHead: Int32Array<SharedArrayBuffer>;
  readonly traceHeadValues: Float64Array<SharedArrayBuffer>;
  readonly history: Int32Array<SharedArrayBuffer>;
  readonly historyValues: Float64Array<SharedArrayBuffer>;
  readonly historyBytes: Uint8Array<SharedArrayBuffer>;
  /** A hash of each scheduling point's place, by its number. */
  readonly siteHashes: Int32Array<SharedArrayBuffer>;
  /** The report of the agent that ended the execution, as JSON in UTF-8. */
  readonly report: Uint8Array<SharedArrayBuffer>;
}

/** Reserves the memory of one explorer; `historyEvents` limits the events of any execution in it. */
export function createKernelMemory(historyEvents: number): KernelMemory {
  const trace = new SharedArrayBuffer(traceCapacity * traceEntryWords * 4);
  const head = new SharedArrayBuffer(traceHeadCapacity * traceEntryWords * 4);
  const history = new SharedArrayBuffer(historyEvents * historyEntryWords * 4);
  return {
    words: new Int32Array(new SharedArrayBuffer(totalWords * 4)),
    numbers: new Float64Array(new SharedArrayBuffer(totalNumbers * 8)),
    trace: new Int32Array(trace),
    traceValues: new Float64Array(trace),
    traceHead: new Int32Array(head),
    traceHeadValues: new Float64Array(head),
    history: new Int32Array(history),
    historyValues: new Float64Array(history),
    historyBytes: new Uint8Array(new SharedArrayBuffer(historyBytesCapacity)),
    siteHashes: new Int32Array(new SharedArrayBuffer(maximumSites * 4)),
    report: new Uint8Array(new SharedArrayBuffer(reportCapacity)),
  };
}
