import { workerData } from 'node:worker_threads';
import { FutexTurnstile, type Turnstile } from '../turnstile.js';
import * as at from '../layout.js';
import { control, turnstileDefects, type TurnWorkerData } from './turn-control.js';

/* A thread that takes part in rounds of handing the turn over, and reports any other thread that is active while it holds it. */

const { words, state, plan, agent, agents } = workerData as TurnWorkerData;

class TwoBatons extends FutexTurnstile {
  override pass(to: number): void {
    Atomics.store(words, at.BATONS + ((to + 1) % agents), 1);
    Atomics.notify(words, at.BATONS + ((to + 1) % agents));
    super.pass(to);
  }
}

class Impatient extends FutexTurnstile {
  override park(): void {
    Atomics.wait(words, at.BATONS + agent, 0, 0.01);
    Atomics.store(words, at.BATONS + agent, 0);
  }
}

class KeepsBaton extends FutexTurnstile {
  override park(): void {
    while (Atomics.load(words, at.BATONS + agent) === 0) Atomics.wait(words, at.BATONS + agent, 0);
  }
}

function makeTurnstile(): Turnstile {
  switch (Atomics.load(state, control.defect)) {
    case turnstileDefects['a baton for two agents']:
      return new TwoBatons(words, agent);
    case turnstileDefects['a wait that ends without the baton']:
      return new Impatient(words, agent);
    case turnstileDefects['a baton that is not taken away']:
      return new KeepsBaton(words, agent);
    default:
      return new FutexTurnstile(words, agent);
  }
}

function takePart(): void {
  const turnstile = makeTurnstile();
  for (;;) {
    turnstile.park();
    if (Atomics.load(state, control.over) === 1) return;
    // Only the holder of the turn uses these.
    if (Atomics.exchange(state, control.owner, agent + 1) !== 0) Atomics.add(state, control.violations, 1);
    const step = state[control.counter]!;
    const length = state[control.length]!;
    if (plan[step] !== agent) Atomics.add(state, control.violations, 1);
    for (let spin = 0; spin < 50; spin++) {
      if (Atomics.load(state, control.owner) !== agent + 1) Atomics.add(state, control.violations, 1);
    }
    state[control.counter] = step + 1;
    Atomics.add(state, control.turns, 1);
    if (Atomics.exchange(state, control.owner, 0) !== agent + 1) Atomics.add(state, control.violations, 1);
    if (step + 1 >= length) {
      Atomics.store(state, control.over, 1);
      for (let other = 0; other < agents; other++) if (other !== agent) turnstile.pass(other);
      return;
    }
    turnstile.pass(plan[step + 1]!);
  }
}

let round = 0;
Atomics.add(state, control.idle, 1);
Atomics.notify(state, control.idle);
for (;;) {
  Atomics.wait(state, control.round, round);
  round = Atomics.load(state, control.round);
  if (round === -1) break;
  takePart();
  Atomics.add(state, control.idle, 1);
  Atomics.notify(state, control.idle);
}
