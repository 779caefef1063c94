import * as at from './layout.js';
import { agentStates, endings, type KernelMemory } from './layout.js';
import { WaiterQueue } from './waiter-queue.js';

/**
 * What the shared memory says of each agent: its row in the table, its deadlines, and what follows from these: whether it could
 * continue, now or later. Only the agent that holds the turn reads or writes it.
 */
export class AgentTable {
  readonly words: Int32Array;
  readonly numbers: Float64Array;
  readonly memory: KernelMemory;
  readonly waiters: WaiterQueue;

  constructor(memory: KernelMemory) {
    this.memory = memory;
    this.words = memory.words;
    this.numbers = memory.numbers;
    this.waiters = new WaiterQueue(memory);
  }

  get nowMs(): number {
    return this.numbers[at.NOW_MS]!;
  }

  read(agent: number, field: number): number {
    return this.words[at.AGENT_TABLE + agent * at.agentWords + field]!;
  }

  write(agent: number, field: number, value: number): void {
    this.words[at.AGENT_TABLE + agent * at.agentWords + field] = value;
  }

  /** Whether the agent could continue immediately. */
  isEnabled(agent: number): boolean {
    const state = this.read(agent, at.AGENT_STATE);
    if (state === agentStates.runnable) return true;
    if (state === agentStates.absent || state === agentStates.ended) return false;
    if (this.read(agent, at.AGENT_ENDING) === endings.asked) return true;
    if (state === agentStates.waiting) return this.numbers[at.WAIT_DEADLINES + agent]! <= this.nowMs;
    return this.read(agent, at.AGENT_READY_TASKS) > 0 || this.deadlineOf(agent) <= this.nowMs;
  }

  /** The virtual time in milliseconds at which the agent could continue if nothing else happens; Infinity if never. */
  deadlineOf(agent: number): number {
    const state = this.read(agent, at.AGENT_STATE);
    if (state === agentStates.waiting) return this.numbers[at.WAIT_DEADLINES + agent]!;
    if (state !== agentStates.idle) return Infinity;
    // Promises of waitAsync do not keep a Node process alive.
    if (this.words[at.UNSETTLED] === 0) return this.numbers[at.KEEP_ALIVE_DEADLINES + agent]!;
    return Math.min(this.numbers[at.TIMER_DEADLINES + agent]!, this.waiters.asyncDeadlineOf(agent));
  }

  /** Whether it was seen to look again and again at what has not changed since. */
  protected isSpinning(agent: number): boolean {
    return this.read(agent, at.AGENT_SPUN_AT) === this.words[at.PROGRESS]! + 1;
  }

  /** The first thread that serves no agent of this execution; undefined if all do. */
  freeThread(): number | undefined {
    const taken = new Set<number>();
    for (let agent = 0; agent < this.words[at.AGENT_COUNT]!; agent++)
      if (this.read(agent, at.AGENT_RELEASED) === 0) taken.add(this.read(agent, at.AGENT_THREAD));
    for (let thread = 1; thread < at.maximumThreads; thread++) if (!taken.has(thread)) return thread;
    return undefined;
  }

  /** The workers that an agent has started and that have not ended. */
  childrenOf(parent: number): number[] {
    const children: number[] = [];
    for (let agent = parent + 1; agent < this.words[at.AGENT_COUNT]!; agent++)
      if (this.read(agent, at.AGENT_PARENT) === parent + 1 && this.read(agent, at.AGENT_STATE) !== agentStates.ended)
        children.push(agent);
    return children;
  }

  /** Whether time could have made some agent go on after the execution had ended: nothing was left to do that keeps a process alive. */
  get leavesTimers(): boolean {
    for (let agent = 0; agent < this.words[at.AGENT_COUNT]!; agent++) {
      if (this.read(agent, at.AGENT_STATE_AT_END) !== agentStates.idle) continue;
      if (Math.min(this.numbers[at.TIMER_DEADLINES + agent]!, this.waiters.asyncDeadlineOf(agent)) !== Infinity)
        return true;
    }
    return false;
  }
}
