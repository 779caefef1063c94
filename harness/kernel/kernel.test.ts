import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nobody, type Kernel } from './kernel.js';
import { ExecutionEnded } from './execution-ended.js';
import type { Schedule } from '../schedule/schedule.js';
import * as at from './layout.js';
import { afterStates, agentStates, endReasons, turnReasons, wakeResults } from './layout.js';
import { memory, Parked, plainSchedule, PlayedTurnstile, wideLimits, type MakeKernel } from './testing/agents.js';
import { broken, correct, hasty } from './testing/broken-kernels.js';

/* An agent in a state it may have when the next agent is chosen. */
const agentArbitrary = fc.record({
  state: fc.constantFrom(...Object.values(agentStates)),
  readyTasks: fc.constantFrom(0, 0, 1, 3),
  spins: fc.boolean(),
  waitDeadlineMs: fc.constantFrom(0, 5, 10, 20, Infinity),
  timerDeadlineMs: fc.constantFrom(0, 5, 10, 20, Infinity, Infinity),
  asyncDeadlineMs: fc.constantFrom(5, 10, 20, Infinity, Infinity),
});
type DrawnAgent = typeof agentArbitrary extends fc.Arbitrary<infer Agent> ? Agent : never;

const situation = fc.record({
  agents: fc.array(agentArbitrary, { minLength: 1, maxLength: 6 }),
  nowMs: fc.constantFrom(0, 7, 15),
  unsettled: fc.nat({ max: 1 }),
  order: fc.array(fc.nat({ max: 9 }), { maxLength: 6 }),
  choices: fc.array(fc.nat({ max: 9 }), { maxLength: 3 }),
});

/** Puts agents as drawn into the kernel's memory. */
function arrange(
  kernel: Kernel,
  drawn: typeof situation extends fc.Arbitrary<infer Situation> ? Situation : never,
): void {
  const { agents } = drawn;
  kernel.begin({ ...plainSchedule, order: drawn.order, choices: drawn.choices }, agents.length, wideLimits);
  kernel.joinExecution();
  kernel.words[at.UNSETTLED] = drawn.unsettled;
  kernel.numbers[at.NOW_MS] = drawn.nowMs;
  agents.forEach((agent, index) => {
    kernel.write(index, at.AGENT_STATE, agent.state);
    kernel.write(index, at.AGENT_READY_TASKS, agent.readyTasks);
    kernel.write(index, at.AGENT_SPUN_AT, agent.spins ? kernel.words[at.PROGRESS]! + 1 : 0);
    kernel.numbers[at.TIMER_DEADLINES + index] = agent.timerDeadlineMs;
    kernel.numbers[at.KEEP_ALIVE_DEADLINES + index] = agent.timerDeadlineMs;
    if (agent.state === agentStates.waiting) {
      kernel.waiters.add(index, 1, 0, 0, Infinity);
      kernel.numbers[at.WAIT_DEADLINES + index] = agent.waitDeadlineMs;
    }
    if (agent.asyncDeadlineMs < Infinity) kernel.waiters.add(index, 1, 4, index + 1, agent.asyncDeadlineMs);
  });
}

const isIdle = ({ state }: DrawnAgent): boolean => state === agentStates.idle;
/** When an agent could continue by itself. What does not keep a process alive does not count once all have finished. */
const deadlineWhile =
  (unsettled: number) =>
  (agent: DrawnAgent): number => {
    if (agent.state === agentStates.waiting) return agent.waitDeadlineMs;
    if (!isIdle(agent)) return Infinity;
    return unsettled === 0 ? agent.timerDeadlineMs : Math.min(agent.timerDeadlineMs, agent.asyncDeadlineMs);
  };
const isEnabled = (agent: DrawnAgent, nowMs: number, deadlineOf: (agent: DrawnAgent) => number): boolean =>
  agent.state === agentStates.runnable ||
  (agent.state === agentStates.waiting && agent.waitDeadlineMs <= nowMs) ||
  (isIdle(agent) && (agent.readyTasks > 0 || deadlineOf(agent) <= nowMs));

/** An agent is found exactly if one can run, now or later; and the one found can run. */
const somebodyIsFound = (make: MakeKernel) =>
  fc.property(situation, (drawn) => {
    const kernel = make(0, new PlayedTurnstile());
    arrange(kernel, drawn);
    const { agents, nowMs } = drawn;
    const deadlineOf = deadlineWhile(drawn.unsettled);
    const enabled = agents.filter((agent) => isEnabled(agent, nowMs, deadlineOf));
    const canRun = enabled.length > 0 || agents.some((agent) => deadlineOf(agent) < Infinity);
    const next = kernel.chooseNext();
    expect(next !== nobody).toBe(canRun);
    expect(kernel.nowMs).toBeGreaterThanOrEqual(nowMs);
    if (next === nobody) return;
    const chosen = agents[next]!;
    if (isEnabled(chosen, nowMs, deadlineOf)) expect(kernel.nowMs).toBe(nowMs);
    else expect(kernel.nowMs).toBe(Math.max(nowMs, deadlineOf(chosen)));
    if (chosen.state === agentStates.waiting) {
      expect(kernel.read(next, at.AGENT_STATE)).toBe(agentStates.runnable);
      expect(kernel.read(next, at.AGENT_WAKE_RESULT)).toBe(wakeResults.timedOut);
      expect(kernel.waiters.locationOf(next)).toBeUndefined();
    } else {
      expect(isEnabled(chosen, kernel.nowMs, deadlineOf)).toBe(true);
    }
    // By itself, the kernel lets no time pass while an agent can make progress.
    if (drawn.choices.length > 0) return;
    if (enabled.some(({ spins }) => !spins)) expect(isEnabled(chosen, nowMs, deadlineOf) && !chosen.spins).toBe(true);
    // And when it must, then only until the first agent wakes.
    const deadlines = agents.filter((agent) => !isEnabled(agent, nowMs, deadlineOf)).map(deadlineOf);
    if (!isEnabled(chosen, nowMs, deadlineOf)) expect(deadlineOf(chosen)).toBe(Math.min(...deadlines));
  });

describe('an enabled agent is found whenever one exists', () => {
  it('by the kernel as it is', () => {
    fc.assert(somebodyIsFound(correct), { numRuns: 2_000 });
  });

  it.each([
    'an enabled agent is skipped',
    'deadlines are overlooked',
    'an agent that waits is given the turn',
    'the clock is set back',
  ] as const)('not where %s, and the law notices', (defect) => {
    expect(fc.check(somebodyIsFound(broken[defect]), { numRuns: 2_000, endOnFailure: true }).failed).toBe(true);
  });
});

/** Virtual time after any sequence of advances is the latest requested; it never goes back. */
const timeNeverGoesBack = (make: MakeKernel) =>
  fc.property(fc.array(fc.double({ min: 0, max: 1e12, noNaN: true })), (moments) => {
    const kernel = make(0, new PlayedTurnstile());
    kernel.begin(plainSchedule, 1, wideLimits);
    let latest = 0;
    for (const moment of moments) {
      kernel.advanceTo(moment);
      latest = Math.max(latest, moment);
      expect(kernel.nowMs).toBe(latest);
    }
  });

describe('virtual time never goes back', () => {
  it('in the kernel as it is', () => {
    fc.assert(timeNeverGoesBack(correct));
  });

  it('where the clock is set back, the law notices', () => {
    expect(fc.check(timeNeverGoesBack(broken['the clock is set back']), { endOnFailure: true }).failed).toBe(true);
  });
});

/**
 * However the schedule chooses, agents that could continue are kept from it for no more than `stallMs` altogether; and as long as
 * it may, it can choose any.
 */
const nobodyIsStalledForLong = (make: MakeKernel) =>
  fc.property(
    fc.record({
      agents: fc.integer({ min: 2, max: 5 }),
      stallMs: fc.constantFrom(1, 10, 35),
      deadlines: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 30 }),
      choices: fc.array(fc.nat({ max: 9 }), { minLength: 10, maxLength: 30 }),
      preempts: fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
    }),
    ({ agents, stallMs, deadlines, choices, preempts }) => {
      const preemptions = choices.map((to, step) => ({ step, to }));
      const kernels = Array.from({ length: agents }, (_, agent) => make(agent, new PlayedTurnstile()));
      const [kernel] = kernels;
      kernel!.begin({ ...plainSchedule, choices, preemptions }, agents, { ...wideLimits, stallMs });
      for (const one of kernels) one.joinExecution();
      const waitUntil = (agent: number, ms: number): void => {
        kernel!.write(agent, at.AGENT_STATE, agentStates.waiting);
        kernel!.waiters.add(agent, 1, 0, 0, Infinity);
        kernel!.numbers[at.WAIT_DEADLINES + agent] = ms;
      };
      let stalledMs = 0;
      for (let round = 0; round < deadlines.length; round++) {
        // All others wait, or all but one.
        const busy = preempts[round % preempts.length] === true ? 1 : 0;
        for (let agent = 0; agent < agents; agent++) {
          const isRunnable = kernel!.read(agent, at.AGENT_STATE) === agentStates.runnable;
          if (isRunnable && agent >= busy)
            waitUntil(agent, kernel!.nowMs + deadlines[(round + agent) % deadlines.length]!);
        }
        const firstMs = Math.min(
          ...kernels.map((_, agent) => (kernel!.isEnabled(agent) ? kernel!.nowMs : kernel!.deadlineOf(agent))),
        );
        PlayedTurnstile.turn = 0;
        const isRunning = kernel!.read(0, at.AGENT_STATE) === agentStates.runnable;
        if (isRunning) point(kernel!);
        const next = isRunning ? PlayedTurnstile.turn : kernel!.chooseNext();
        stalledMs += kernel!.nowMs - firstMs;
        expect(stalledMs).toBeLessThanOrEqual(stallMs);
        expect(kernel!.isEnabled(next)).toBe(true);
      }
    },
  );

describe('agents that could continue are not kept from it for long', () => {
  it('by the kernel as it is', () => {
    fc.assert(nobodyIsStalledForLong(correct), { numRuns: 500 });
  });

  it('where any time may pass, the law notices', () => {
    expect(fc.check(nobodyIsStalledForLong(hasty), { numRuns: 500, endOnFailure: true }).failed).toBe(true);
  });

  it('timeouts within the bound fire early, those beyond it only when nobody can run', () => {
    const kernel = correct(0, new PlayedTurnstile());
    const first = (deadlineMs: number, otherState: number, choices = [1]): [number, number] => {
      kernel.begin({ ...plainSchedule, choices }, 2, { ...wideLimits, stallMs: 100 });
      kernel.joinExecution();
      kernel.write(0, at.AGENT_STATE, otherState);
      kernel.write(1, at.AGENT_STATE, agentStates.idle);
      kernel.words[at.UNSETTLED] = 1;
      kernel.numbers[at.TIMER_DEADLINES + 1] = deadlineMs;
      return [kernel.chooseNext(), kernel.nowMs];
    };
    expect(first(100, agentStates.runnable)).toEqual([1, 100]);
    expect(first(101, agentStates.runnable)).toEqual([0, 0]);
    expect(first(1_000_000, agentStates.idle)).toEqual([1, 1_000_000]);
  });
});

/** Plays a scheduling point of the agent whose turn it is. Returns whether the turn stayed. */
function point(kernel: Kernel): boolean {
  try {
    if (kernel.words[at.STEP]! >= kernel.words[at.NEXT_STOP]!) kernel.stop();
  } catch (error) {
    if (!(error instanceof Parked)) throw error;
    return false;
  }
  kernel.words[at.STEP] = kernel.words[at.STEP]! + 1;
  return true;
}

describe('schedules', () => {
  const makeKernels = (count: number): Kernel[] =>
    Array.from({ length: count }, (_, agent) => correct(agent, new PlayedTurnstile()));

  it('the order is a permutation, and every permutation is some order', () => {
    const kernel = correct(0, new PlayedTurnstile());
    const seen = new Set<string>();
    for (let code = 0; code < 24; code++) {
      const order = [Math.floor(code / 6), Math.floor((code % 6) / 2), code % 2];
      kernel.begin({ ...plainSchedule, order }, 4, wideLimits);
      const ranks = [...memory.words.subarray(at.ORDER, at.ORDER + 4)];
      expect([...ranks].sort()).toEqual([0, 1, 2, 3]);
      seen.add(ranks.join());
    }
    expect(seen.size).toBe(24);
    kernel.begin(plainSchedule, 4, wideLimits);
    expect([...memory.words.subarray(at.ORDER, at.ORDER + 4)]).toEqual([0, 1, 2, 3]);
  });

  it('preemptions take effect at their step, go to whom they name, and put the preempted agent last', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 5 }),
        fc.array(fc.record({ step: fc.nat({ max: 30 }), to: fc.nat({ max: 6 }) }), { maxLength: 6 }),
        (count, drawn) => {
          const preemptions = drawn.sort((first, second) => first.step - second.step);
          const kernels = makeKernels(count);
          kernels[0]!.begin({ ...plainSchedule, preemptions }, count, wideLimits);
          for (const kernel of kernels) kernel.joinExecution();
          PlayedTurnstile.turn = 0;
          const order = kernels.map((_, agent) => agent);
          let current = 0;
          const due = [...preemptions];
          for (let step = 0; step < 40;) {
            expect(PlayedTurnstile.turn).toBe(current);
            const stayed = point(kernels[current]!);
            if (due[0]?.step === step) {
              const { to } = due.shift()!;
              expect(stayed).toBe(false);
              order.push(...order.splice(order.indexOf(current), 1));
              const others = order.filter((agent) => agent !== current);
              current = others[to % others.length]!;
              expect(kernels[0]!.words[at.TURN_REASON]).toBe(turnReasons.preemption);
            } else {
              expect(stayed).toBe(true);
              step++;
            }
          }
          expect(kernels[0]!.words[at.PREEMPTIONS_TAKEN]).toBe(preemptions.length);
          expect([...memory.words.subarray(at.ORDER, at.ORDER + count)]).toEqual(order);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('choices are taken one after another, modulo the options, and are 0 past the end', () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.array(fc.integer({ min: 1, max: 5 })), (choices, asked) => {
        const kernel = correct(0, new PlayedTurnstile());
        kernel.begin({ ...plainSchedule, choices }, 1, wideLimits);
        const left = [...choices];
        for (const options of asked) {
          const expected = options === 1 ? 0 : (left.shift() ?? 0) % options;
          expect(kernel.choose(options)).toBe(expected);
        }
      }),
    );
  });

  it('an agent that spins lets the others go first, and is last among them until something changes', () => {
    const kernels = makeKernels(3);
    kernels[0]!.begin(plainSchedule, 3, wideLimits);
    for (const kernel of kernels) kernel.joinExecution();
    PlayedTurnstile.turn = 0;
    kernels[0]!.requestYield();
    expect(point(kernels[0]!)).toBe(false);
    expect(PlayedTurnstile.turn).toBe(1);
    kernels[1]!.requestYield();
    expect(point(kernels[1]!)).toBe(false);
    expect(PlayedTurnstile.turn).toBe(2);
    kernels[2]!.write(2, at.AGENT_STATE, agentStates.idle);
    expect(kernels[2]!.chooseNext()).toBe(0);
    kernels[2]!.noteProgress();
    expect(kernels[2]!.chooseNext()).toBe(0);
  });

  it('being asked to measure memory, at whatever moments, changes nothing', () => {
    /** Which agent has the turn before each of many points, and how often an agent measured. */
    const play = (preemptions: Schedule['preemptions'], asked: (moment: number) => boolean): [string, number] => {
      const kernels = makeKernels(3);
      let measured = 0;
      for (const kernel of kernels) kernel.onMeasure = () => measured++;
      kernels[0]!.begin({ ...plainSchedule, preemptions }, 3, { ...wideLimits, steps: 100 });
      for (const kernel of kernels) kernel.joinExecution();
      PlayedTurnstile.turn = 0;
      const turns: number[] = [];
      for (let moment = 0; moment < 60; moment++) {
        const { turn } = PlayedTurnstile;
        if (moment % 7 === 6) kernels[turn]!.requestYield();
        if (asked(moment)) kernels[turn]!.words[at.NEXT_STOP] = at.stopToMeasure;
        turns.push(turn, point(kernels[turn]!) ? 1 : 0);
      }
      return [`${turns.join()} ${memory.words[at.STEP]}`, measured];
    };
    fc.assert(
      fc.property(
        fc.array(fc.record({ step: fc.nat({ max: 50 }), to: fc.nat({ max: 3 }) }), { maxLength: 6 }),
        fc.uniqueArray(fc.nat({ max: 59 })),
        (drawn, moments) => {
          const preemptions = drawn.sort((first, second) => first.step - second.step);
          const [undisturbed] = play(preemptions, () => false);
          expect(play(preemptions, (moment) => moments.includes(moment))).toEqual([undisturbed, moments.length]);
        },
      ),
    );
  });

  it('nobody keeps the turn for ever while others could run', () => {
    const kernels = makeKernels(2);
    kernels[0]!.begin(plainSchedule, 2, wideLimits);
    for (const kernel of kernels) kernel.joinExecution();
    let steps = 0;
    while (point(kernels[0]!)) steps++;
    expect(steps).toBe(5_000);
    expect(PlayedTurnstile.turn).toBe(1);
  });
});

describe('ends', () => {
  const begin = (limits = wideLimits, agents = 1): Kernel => {
    const kernel = correct(0, new PlayedTurnstile());
    kernel.begin(plainSchedule, agents, limits);
    kernel.joinExecution();
    return kernel;
  };

  it('the first reason stands', () => {
    const kernel = begin();
    kernel.end(endReasons.violation);
    kernel.end(endReasons.crash);
    expect(kernel.words[at.END_REASON]).toBe(endReasons.violation);
  });

  it('a step bound passed is a livelock, and unwinds', () => {
    const kernel = begin({ ...wideLimits, steps: 10 });
    for (let step = 0; step < 10; step++) expect(point(kernel)).toBe(true);
    expect(() => point(kernel)).toThrow(expect.any(ExecutionEnded) as Error);
    expect(kernel.words[at.END_REASON]).toBe(endReasons.livelock);
    expect(() => point(kernel)).toThrow(expect.any(ExecutionEnded) as Error);
  });

  it('spinning without progress is a livelock even when nobody else can run', () => {
    const kernel = begin({ ...wideLimits, stepsWithoutProgress: 20 });
    const spin = (): void => {
      for (let step = 0; step < 30; step++) {
        kernel.noteRecurrence();
        kernel.requestYield();
        point(kernel);
      }
    };
    expect(spin).toThrow(expect.any(ExecutionEnded) as Error);
    expect(kernel.words[at.END_REASON]).toBe(endReasons.livelock);
    expect(kernel.words[at.STEP]).toBe(20);
  });

  it('nobody left to run is the end, or a deadlock if somebody is still at it', () => {
    for (const [unsettled, state, reason] of [
      [0, agentStates.idle, endReasons.done],
      [0, agentStates.waiting, endReasons.deadlock],
      [1, agentStates.idle, endReasons.deadlock],
      [1, agentStates.waiting, endReasons.deadlock],
    ] as const) {
      const kernel = begin();
      kernel.words[at.UNSETTLED] = unsettled;
      kernel.write(0, at.AGENT_STATE, state);
      if (state === agentStates.waiting) kernel.waiters.add(0, 1, 0, 0, Infinity);
      expect(() => {
        kernel.block();
      }).toThrow(expect.any(ExecutionEnded) as Error);
      expect(kernel.words[at.END_REASON]).toBe(reason);
      if (reason === endReasons.deadlock) expect(kernel.read(0, at.AGENT_STATE_AT_END)).toBe(state);
    }
  });

  it('what is to come after all have finished comes once, on the main agent, whoever notices', () => {
    for (const agent of [0, 1]) {
      const main = begin();
      const kernel = agent === 0 ? main : correct(agent, new PlayedTurnstile());
      main.begin(plainSchedule, 2, wideLimits);
      kernel.joinExecution();
      const { words } = kernel;
      words[at.UNSETTLED] = 0;
      words[at.AFTER] = afterStates.pending;
      for (const one of [0, 1]) kernel.write(one, at.AGENT_STATE, agentStates.idle);
      PlayedTurnstile.turn = agent;
      if (agent === 0) expect(kernel.rest()).toBe(true);
      else expect(() => kernel.rest()).toThrow(expect.any(Parked) as Parked);
      expect(PlayedTurnstile.turn).toBe(0);
      expect([words[at.AFTER], words[at.UNSETTLED], kernel.ended]).toEqual([afterStates.begun, 1, false]);
      words[at.UNSETTLED] = 0;
      expect(kernel.rest()).toBe(false);
      expect(words[at.END_REASON]).toBe(endReasons.done);
    }
  });

  it('what is to come after all have finished does not come where somebody waits for ever', () => {
    const kernel = begin();
    kernel.words[at.UNSETTLED] = 1;
    kernel.words[at.AFTER] = afterStates.pending;
    kernel.write(0, at.AGENT_STATE, agentStates.idle);
    expect(kernel.rest()).toBe(false);
    expect([kernel.words[at.END_REASON], kernel.words[at.AFTER]]).toEqual([endReasons.deadlock, afterStates.pending]);
  });

  it('code that swallows the unwinding is told of, not tolerated for ever', () => {
    const kernel = begin();
    kernel.onStuck = () => {
      throw new Error('stuck');
    };
    kernel.end(endReasons.done);
    const swallow = (): void => {
      for (;;) {
        try {
          kernel.throwIfEnded();
        } catch (error) {
          if (!(error instanceof ExecutionEnded)) throw error;
        }
      }
    };
    expect(swallow).toThrow('stuck');
  });

  it('what is left of an execution ends when the next begins', () => {
    const left = correct(1, new PlayedTurnstile());
    const main = begin(wideLimits, 2);
    left.joinExecution();
    expect(left.ended).toBe(false);
    main.begin(plainSchedule, 2, wideLimits);
    expect(left.ended).toBe(true);
    expect(left.hasNewExecution).toBe(true);
  });
});
