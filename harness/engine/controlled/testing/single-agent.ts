import { Kernel } from '../../../kernel/kernel.js';
import * as at from '../../../kernel/layout.js';
import { memory, plainSchedule, PlayedTurnstile, wideLimits } from '../../../kernel/testing/agents.js';
import type { Schedule } from '../../../schedule/schedule.js';
import { AgentPoints } from '../agent-points.js';
import { drainMicrotasks } from '../drain-microtasks.js';
import { EventLoop } from '../event-loop.js';
import { createShadowClock, type ShadowClock } from '../shadows/clock.js';
import { ShadowPorts } from '../shadows/ports.js';
import { createShadowTimers, type ShadowTimers } from '../shadows/timers.js';

/** One agent without threads: its loop, and the clocks, timers and messages that a program on it sees. */
export class SingleAgent {
  readonly kernel: Kernel;
  readonly points: AgentPoints;
  readonly loop: EventLoop;
  readonly timers: ShadowTimers;
  readonly clock: ShadowClock;
  readonly ports: ShadowPorts;

  constructor(agent = 0, Loop: typeof EventLoop = EventLoop) {
    this.kernel = new Kernel(memory, agent, new PlayedTurnstile());
    this.points = new AgentPoints(this.kernel);
    this.loop = new Loop(this.kernel, this.points, drainMicrotasks);
    this.points.attach(this.loop);
    this.timers = createShadowTimers(this.kernel, this.points, this.loop);
    this.clock = createShadowClock(this.kernel, this.points);
    this.ports = new ShadowPorts(this.kernel, this.points, this.loop);
  }

  /** Prepares everything for a program under the given schedule. */
  begin(schedule: Partial<Schedule> = {}): void {
    this.points.live = false;
    this.kernel.begin({ ...plainSchedule, ...schedule }, this.kernel.agent + 1, { ...wideLimits, steps: 100_000 });
    this.kernel.joinExecution();
    this.points.reset();
    this.loop.reset();
    this.timers.reset();
    this.clock.reset();
    this.ports.reset();
    this.kernel.words[at.UNSETTLED] = 1;
    this.points.live = true;
  }

  /** Runs a program to its end: until nothing is left to do. The caller must be in a macrotask; see `inMacrotask`. */
  play(program: () => void, schedule: Partial<Schedule> = {}): void {
    this.begin(schedule);
    program();
    drainMicrotasks();
    this.loop.run();
  }
}

/** Runs something without a microtask on the stack, where microtasks can be drained. */
export async function inMacrotask<Result>(run: () => Result): Promise<Result> {
  let outcome: { readonly result: Result } | { readonly error: unknown } | undefined;
  await new Promise<void>((resolve) => {
    setImmediate(() => {
      try {
        outcome = { result: run() };
      } catch (error) {
        outcome = { error };
      }
      resolve();
    });
  });
  if (outcome === undefined) throw new Error('it did not run');
  if ('error' in outcome) throw outcome.error;
  return outcome.result;
}
