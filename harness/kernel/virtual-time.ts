import { AgentTable } from './agent-table.js';
import * as at from './layout.js';
import { agentStates } from './layout.js';

/** The time of an execution: it stands still while agents can continue, but for what the schedule lets pass. */
export class VirtualTime extends AgentTable {
  /** Lets virtual time pass up to `ms`; it never goes back. */
  advanceTo(ms: number): void {
    if (ms > this.numbers[at.NOW_MS]!) this.numbers[at.NOW_MS] = ms;
  }

  /** For how long agents that could continue may still be kept from it, in virtual time. */
  get stallLeftMs(): number {
    return Math.max(0, this.numbers[at.STALL_LIMIT_MS]! - this.numbers[at.STALLED_MS]!);
  }

  /** Lets virtual time pass up to `ms` although something could have continued at `firstMs`. */
  stallTo(ms: number, firstMs: number): void {
    this.advanceTo(ms);
    if (ms > firstMs) this.numbers[at.STALLED_MS] = this.numbers[at.STALLED_MS]! + ms - firstMs;
  }

  /** When the next timeout of any agent is due; Infinity if there is none that is not due yet. */
  protected get soonestTimeoutMs(): number {
    const { words, numbers } = this;
    let soonestMs = Infinity;
    for (let agent = 0; agent < words[at.AGENT_COUNT]!; agent++) {
      const deadline =
        this.read(agent, at.AGENT_STATE) === agentStates.waiting
          ? numbers[at.WAIT_DEADLINES + agent]!
          : Math.min(numbers[at.TIMER_DEADLINES + agent]!, this.waiters.asyncDeadlineOf(agent));
      if (deadline > this.nowMs) soonestMs = Math.min(soonestMs, deadline);
    }
    return soonestMs;
  }
}
