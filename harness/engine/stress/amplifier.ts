import { operationCodes } from '../../kernel/operations.js';
import { Random } from './random.js';

/**
 * How likely an agent is disturbed at full intensity: at any other point, between two writes that may belong together, where a
 * lock or a turn is handed over, and between a read and a write that may depend on it. Measured with the known-bad scenarios; see
 * bench/stress.
 */
const likelihoods = { anywhere: 0.03, betweenWrites: 0.15, handOver: 0.25, dependentWrite: 0.5 } as const;
/** After this many disturbances in one execution they become half as frequent, and so on, so that a long one still ends. */
const disturbancesUntilHalf = 50;

/** The share of disturbances that spin, and of those that yield the time slice; the others sleep. */
const spins = 0.5;
const yields = 0.8;

const longestSpinMs = 0.02;
/** Longer than it takes to wake a thread, and for that thread to reach a reader. */
const longestHeadStartMs = 0.1;
const longestSleepMs = 0.2;
/** The shortest timeout that makes the operating system look for another thread. */
const yieldMs = 0.001;

const operationMask = 0xff;

/** Operations that hand over locks and turns. */
const handOverOperations: ReadonlySet<number> = new Set([
  operationCodes['Atomics.compareExchange'],
  operationCodes['Atomics.exchange'],
  operationCodes['Atomics.notify'],
  operationCodes['Atomics.wait'],
]);
const writeOperations: ReadonlySet<number> = new Set([operationCodes.write, operationCodes['Atomics.store']]);
const readOperations: ReadonlySet<number> = new Set([operationCodes.read, operationCodes['Atomics.load']]);

const handOver = 1;
const write = 2;

/**
 * Disturbs one agent at its points, so that threads meet in places where they rarely do, like a short switch interval in Python,
 * or CHESS and rr's chaos mode for programs that really run in parallel. It learns what each site does when the agent passes it,
 * and aims at the windows that matter.
 */
export class Amplifier {
  readonly #random: Random;
  readonly #intensity: number;
  readonly #nothing = new Int32Array(new SharedArrayBuffer(4));
  /** What was observed at each site. */
  readonly #windows: Uint8Array;
  #hasRead = false;
  #disturbances = 0;

  /** @param intensity 0 to 1; 0 disables disturbances */
  constructor(siteCount: number, intensity: number) {
    this.#random = new Random(0);
    this.#intensity = intensity;
    this.#windows = new Uint8Array(siteCount);
  }

  /** Begins an execution: the same seed disturbs the same agent in the same way. */
  begin(seed: number): void {
    this.#random.reset(seed);
    this.#hasRead = false;
    this.#disturbances = 0;
  }

  /** Records an operation just done. */
  saw(operation: number, site: number): void {
    const code = operation & operationMask;
    if (readOperations.has(code)) {
      this.#hasRead = true;
      return;
    }
    if (handOverOperations.has(code)) this.#windows[site] = handOver;
    else if (writeOperations.has(code)) this.#windows[site] = write;
    this.#hasRead = false;
  }

  /** Called just before an operation; may take a while to return. */
  disturb(site: number): void {
    const window = this.#windows[site];
    const likelihood =
      window === write
        ? this.#hasRead
          ? likelihoods.dependentWrite
          : likelihoods.betweenWrites
        : window === handOver
          ? likelihoods.handOver
          : likelihoods.anywhere;
    const patience = 1 + this.#disturbances / disturbancesUntilHalf;
    if (this.#random.next() * patience >= likelihood * this.#intensity) return;
    this.#disturbances++;
    this.#takeAWhile();
  }

  /** Spreads the start times of agents, which a barrier has aligned. */
  scatterStart(): void {
    if (this.#random.next() < this.#intensity) spin(this.#random.next() * longestHeadStartMs);
  }

  /** How long a coroutine pauses: null for one turn of the loop, otherwise milliseconds. */
  pauseMs(): number | null {
    return this.#random.next() < this.#intensity / 4 ? 1 : null;
  }

  #takeAWhile(): void {
    const kind = this.#random.next();
    const share = this.#random.next();
    if (kind < spins) spin(share * longestSpinMs);
    else Atomics.wait(this.#nothing, 0, 0, kind < yields ? yieldMs : share * longestSleepMs);
  }
}

function spin(durationMs: number): void {
  const endsAtMs = performance.now() + durationMs;
  while (performance.now() < endsAtMs);
}
