import type { Schedule } from '../../schedule/schedule.js';
import type { Kernel, KernelLimits } from '../kernel.js';
import { createKernelMemory } from '../layout.js';
import type { Turnstile } from '../turnstile.js';

/** One explorer's memory, for all tests of a file: each execution starts fresh in it. */
export const memory = createKernelMemory(16);

export const plainSchedule: Schedule = { order: [], preemptions: [], choices: [], randomSeed: 0 };

/** Bounds that no test reaches by accident. */
export const wideLimits: KernelLimits = {
  steps: 1_000_000_000,
  stepsWithoutProgress: 1_000_000_000,
  waitsWithoutProgress: 1_000_000_000,
  hangTimeoutMs: 1_000,
  historyEvents: 16,
  queuedMessages: 16,
  stallMs: 1_000_000_000,
};

/** Thrown where an agent would park: the single thread that plays all agents then continues with the next. */
export class Parked {
  readonly message = 'parked';
}

/** Hands the turn over among agents that one thread plays in turn. */
export class PlayedTurnstile implements Turnstile {
  static turn = 0;

  pass(to: number): void {
    PlayedTurnstile.turn = to;
  }

  park(): void {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- a signal, as the unwinding is
    throw new Parked();
  }
}

/** How a kernel is made: the real one, or one with a defect. */
export type MakeKernel = (agent: number, turnstile: Turnstile) => Kernel;
