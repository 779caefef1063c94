import { operationCodes } from '../../kernel/operations.js';
import { Random } from './random.js';

/**
 * How likely an agent is disturbed at full intensity: in the middle of nowhere, between two writes that may belong
 * together, where a lock or a turn is handed over, and between a read and a write that may depend on it. Measured over the known-bad scenarios; see bench/stress.
 */
const likelihoods = { anywhere: 0.03, betweenWrites: 0.15, handOver: 0.25, dependentWrite: 0.5 } as const;
/** After so many disturbances in one execution they come half as often, and so on: a long one is not to take for ever. */
const disturbancesUntilHalf = 50;

/** The share of disturbances that spin, and of those that give the time slice away; the others sleep. */
const spins = 0.5;
const yields = 0.8;

const longestSpinMs = 0.02;
/** Longer than it takes to wake a thread, and to come from there to a reader. */
const longestHeadStartMs = 0.1;
const longestSleepMs = 0.2;
/** The shortest time-out that makes the kernel look for another thread. */
const yieldMs = 0.001;

const operationMask = 0xff;

/** Operations by which locks and turns are handed over. */
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
 * Disturbs one agent at its points, so that threads meet in places where they rarely do: what a short switch interval is in
 * Python, and what CHESS and rr's chaos mode do to programs that really run at once. It learns what each site does when
 * the agent passes it, and aims at the windows that matter.
 */
export class Amplifier {
  readonly #random: Random;
  readonly #intensity: number;
  readonly #nothing = new Int32Array(new SharedArrayBuffer(4));
  /** What has been seen at each site. */
  readonly #windows: Uint8Array;
  #hasRead = false;
  #disturbances = 0;

  /** @param intensity 0 to 1; 0 disturbs nobody */
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

  /** Notes an operation just done. */
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

  /** The instant before an operation: perhaps takes a while to come back. */
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

  /** Scatters the instants at which agents begin, which a barrier has lined up. */
  scatterStart(): void {
    if (this.#random.next() < this.#intensity) spin(this.#random.next() * longestHeadStartMs);
  }

  /** How long a coroutine that pauses stays away: null for one turn of the loop, else milliseconds. */
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
