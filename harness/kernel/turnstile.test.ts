import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { buildSync } from 'esbuild';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as at from './layout.js';
import { memory } from './testing/agents.js';
import { control, controlWords, turnstileDefects, type TurnWorkerData } from './testing/turn-control.js';
import { FutexTurnstile } from './turnstile.js';

const agents = 4;
const maximumTurns = 200;
const roundTimeoutMs = 20_000;
const state = new Int32Array(new SharedArrayBuffer(controlWords * 4));
const plan = new Int32Array(new SharedArrayBuffer(maximumTurns * 4));
const { words } = memory;
let workers: Worker[] = [];

/** Waits until all threads have left the round. */
function allIdle(): boolean {
  const deadline = performance.now() + roundTimeoutMs;
  for (;;) {
    const idle = Atomics.load(state, control.idle);
    if (idle >= agents) return true;
    if (performance.now() > deadline) return false;
    Atomics.wait(state, control.idle, idle, 100);
  }
}

beforeAll(() => {
  // Real threads, which not every version of Node can start from TypeScript.
  const built = buildSync({
    entryPoints: [fileURLToPath(new URL('./testing/turn-worker.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
  });
  const code = built.outputFiles[0]?.text ?? '';
  workers = Array.from({ length: agents }, (_, agent) => {
    const workerData: TurnWorkerData = { words, state, plan, agent, agents };
    return new Worker(code, { eval: true, workerData });
  });
});

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.terminate()));
});

/** Makes the threads hand the turn over in the given sequence, starting with its first. */
function playRound(
  sequence: readonly number[],
  defect: number,
): { turns: number; counter: number; violations: number } {
  if (!allIdle()) throw new Error('the threads of the last round are still at it');
  words.fill(0, at.BATONS, at.BATONS + agents);
  for (const word of [control.over, control.owner, control.counter, control.turns, control.violations]) state[word] = 0;
  state[control.idle] = 0;
  state[control.length] = sequence.length;
  state[control.defect] = defect;
  plan.set(sequence);
  Atomics.add(state, control.round, 1);
  Atomics.notify(state, control.round);
  new FutexTurnstile(words, agents).pass(sequence[0]!);
  if (!allIdle()) throw new Error('the turn was lost');
  return { turns: state[control.turns]!, counter: state[control.counter]!, violations: state[control.violations]! };
}

const handOvers = fc
  .array(fc.nat({ max: agents - 1 }), { minLength: 2, maxLength: maximumTurns, size: 'max' })
  // An agent that has the turn does not pass it to itself; it continues.
  .map((drawn) => drawn.reduce<number[]>((kept, next) => (kept.at(-1) === next ? kept : [...kept, next]), []));

/** However the turn moves, only one agent has it, and no turn is lost or invented. */
const oneAtATime = (defect: number) =>
  fc.property(handOvers, (sequence) => {
    expect(playRound(sequence, defect)).toEqual({ turns: sequence.length, counter: sequence.length, violations: 0 });
  });

describe('the turn is held by one agent at a time', () => {
  it('with real threads and whatever sequence of hand-overs', () => {
    fc.assert(oneAtATime(0), { numRuns: 100, interruptAfterTimeLimit: 15_000 });
  }, 60_000);

  it.each(Object.entries(turnstileDefects))(
    'not with %s, and the law notices',
    (_, defect) => {
      expect(fc.check(oneAtATime(defect), { numRuns: 100, endOnFailure: true }).failed).toBe(true);
    },
    60_000,
  );
});
