import { Kernel } from '../kernel.js';
import * as at from '../layout.js';
import type { Turnstile } from '../turnstile.js';
import { WaiterQueue, type Waiter } from '../waiter-queue.js';
import { memory, type MakeKernel } from './agents.js';

/* Kernels with one defect each, to check that the laws detect it. */

/** Wakes the last waiters first. */
export class LifoQueue extends WaiterQueue {
  override take(buffer: number, byteIndex: number, count: number): Waiter[] {
    const all = super.take(buffer, byteIndex, Infinity);
    const taken = all.splice(Math.max(0, all.length - count)).reverse();
    for (const { agent, asyncId } of all) this.add(agent, buffer, byteIndex, asyncId, Infinity);
    return taken;
  }
}

/** Wakes all waiters, whatever count was requested. */
export class GreedyQueue extends WaiterQueue {
  override take(buffer: number, byteIndex: number): Waiter[] {
    return super.take(buffer, byteIndex, Infinity);
  }
}

/** Wakes waiters elsewhere in the same buffer. */
export class DeafQueue extends WaiterQueue {
  override take(buffer: number, byteIndex: number, count: number): Waiter[] {
    const taken = super.take(buffer, byteIndex, count);
    return taken.length < count && byteIndex > 0 ? [...taken, ...super.take(buffer, 0, count - taken.length)] : taken;
  }
}

/** Removes the first waiter without reporting it. */
export class ForgetfulQueue extends WaiterQueue {
  override take(buffer: number, byteIndex: number, count: number): Waiter[] {
    return super.take(buffer, byteIndex, count).slice(1);
  }
}

/** Leaves a waiter that timed out in the queue, where it receives a notify meant for another. */
export class HauntedQueue extends WaiterQueue {
  override remove(): boolean {
    return false;
  }
}

/** Loses promises after they were notified, before they are settled. */
export class LossyQueue extends WaiterQueue {
  override addSettled(): void {
    // The promise stays pending forever.
  }
}

/** Fires the timeouts of one agent in the order in which they were set. */
export class UnsortedQueue extends WaiterQueue {
  override takeDue(agent: number, nowMs: number): number {
    const first = super.takeDue(agent, nowMs);
    const second = first === 0 ? 0 : super.takeDue(agent, nowMs);
    if (second === 0) return first;
    this.add(agent, 1, 0, first, 0);
    return second;
  }
}

const withQueue =
  (Queue: typeof WaiterQueue): MakeKernel =>
  (agent, turnstile) => {
    class KernelWithQueue extends Kernel {
      override readonly waiters = new Queue(this.memory);
    }
    return new KernelWithQueue(memory, agent, turnstile);
  };

const made =
  (Made: new (shared: typeof memory, agent: number, turnstile: Turnstile) => Kernel): MakeKernel =>
  (agent, turnstile) =>
    new Made(memory, agent, turnstile);

/** Sets the clock to when something was due, even if that was earlier. */
class BackwardKernel extends Kernel {
  override advanceTo(ms: number): void {
    this.numbers[at.NOW_MS] = ms;
  }
}

/** Removes waiters from the queue without waking them. */
class SleepyKernel extends Kernel {
  override wake(): void {
    // No agent is woken.
  }
}

/** Reports to waiters woken by a notify that they timed out. */
class ConfusedKernel extends Kernel {
  override wake(agent: number): void {
    super.wake(agent, at.wakeResults.timedOut);
  }
}

/** Never notices that agent 1 could continue. */
class BlindKernel extends Kernel {
  override isEnabled(agent: number): boolean {
    return agent !== 1 && super.isEnabled(agent);
  }
}

/** Forgets that time may pass. */
class TimelessKernel extends Kernel {
  override deadlineOf(): number {
    return Infinity;
  }
}

/** Lets any time pass while agents could continue. */
class HastyKernel extends Kernel {
  override get stallLeftMs(): number {
    return Infinity;
  }
}

/** Treats agents as runnable that are not. */
class HopefulKernel extends Kernel {
  override isEnabled(agent: number): boolean {
    return super.isEnabled(agent) || this.read(agent, at.AGENT_STATE) === at.agentStates.waiting;
  }
}

export const correct: MakeKernel = (agent, turnstile) => new Kernel(memory, agent, turnstile);

/** By their defects. */
export const broken = {
  'last come, first served': withQueue(LifoQueue),
  'a notify of one wakes all': withQueue(GreedyQueue),
  'a notify wakes waiters of another address': withQueue(DeafQueue),
  'a notified waiter is dropped': withQueue(ForgetfulQueue),
  'a waiter that timed out stays in the queue': withQueue(HauntedQueue),
  'a notified promise is dropped': withQueue(LossyQueue),
  'a notify takes its waiters out and wakes nobody': made(SleepyKernel),
  'a notify is reported as a timeout': made(ConfusedKernel),
  'the clock is set back': made(BackwardKernel),
  'an enabled agent is skipped': made(BlindKernel),
  'deadlines are overlooked': made(TimelessKernel),
  'an agent that waits is given the turn': made(HopefulKernel),
} as const satisfies Record<string, MakeKernel>;

/** Breaks no law about notifying. */
export const hasty: MakeKernel = made(HastyKernel);
