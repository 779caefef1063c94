import type { TreeState } from '../../exhaustive/exploration-tree.js';
import type { ExhaustedPart, ExhaustiveState } from './exhaust-part.js';

/** How much of an exploration was done. */
export interface ShareCounts {
  /** Executions performed to their end. */
  readonly executions: number;
  /** Executions that were broken off, or given up, since they could only repeat others. */
  readonly redundant: number;
  /** Executions that did not go as they were meant to. */
  readonly lost: number;
}

/** A share as it is kept. Plain data: it survives JSON. */
export interface KeptShare extends ShareCounts {
  /** Where its exploration goes on; null if it is done. */
  readonly state: ExhaustiveState | null;
  /** Which part of everything it is, by estimate. */
  readonly weight: number;
  /** Whether it is all of a combination of inputs. */
  readonly isWhole: boolean;
}

const nothing: ShareCounts = { executions: 0, redundant: 0, lost: 0 };

/** A share of all interleavings, which one explorer at a time explores. */
export class Share {
  /** Which part of everything it is, by estimate. */
  weight: number;
  readonly combination: number;
  /** Whether it is all of a combination, and may be divided. */
  isWhole: boolean;
  isDone: boolean;
  isUnderWay = false;
  /** Whether its explorer has ended once. */
  hasDied = false;
  /** In which round it was last kept. */
  round = 0;
  counts: ShareCounts;
  readonly #executionsBefore: number;
  #fractionDone = 0;
  #keptState: ExhaustiveState;
  #keptCounts: ShareCounts;

  constructor({ state, weight, isWhole, executions, redundant, lost }: KeptShare) {
    this.weight = weight;
    this.isWhole = isWhole;
    this.isDone = state === null;
    this.combination = state?.combination ?? 0;
    this.#keptState = state ?? { combination: 0, tree: null };
    this.counts = { executions, redundant, lost };
    this.#keptCounts = this.counts;
    this.#executionsBefore = executions;
  }

  /** Executions that earlier runs had not performed. */
  get executionsOfRun(): number {
    return this.counts.executions - this.#executionsBefore;
  }

  /** Goes back to where it was kept, since what was done since then is lost. Returns where that is. */
  beginAgain(): ExhaustiveState {
    this.counts = this.#keptCounts;
    return this.#keptState;
  }

  add({ executions, redundant, lost, fractionDone, isDone }: ExhaustedPart, tree: TreeState | null): void {
    const { counts } = this;
    this.counts = {
      executions: counts.executions + executions,
      redundant: counts.redundant + redundant,
      lost: counts.lost + lost,
    };
    this.#fractionDone = fractionDone;
    this.isDone = isDone;
    if (tree === null) return;
    this.#keptState = { combination: this.combination, tree };
    this.#keptCounts = this.counts;
  }

  get fractionDone(): number {
    return this.isDone ? 1 : this.#fractionDone;
  }

  get kept(): KeptShare {
    const { weight, isWhole } = this;
    return this.isDone
      ? { state: null, weight, isWhole, ...this.counts }
      : { state: this.#keptState, weight, isWhole, ...this.#keptCounts };
  }
}

/** All shares of an exploration, in the order in which their failures count. */
export class Shares {
  #shares: Share[];
  #combinations: number | undefined;

  /** @param kept those of an earlier run. Default: all of the first combination; the others follow once they are known */
  constructor(kept?: readonly KeptShare[]) {
    const first: KeptShare = { state: { combination: 0, tree: null }, weight: 1, isWhole: true, ...nothing };
    this.#shares = (kept ?? [first]).map((share) => new Share(share));
    if (kept !== undefined) this.#combinations = kept.length;
  }

  /** Adds the other combinations, now that their number is known. Returns whether there were any to add. */
  addCombinations(combinations: number): boolean {
    if (this.#combinations !== undefined) return false;
    this.#combinations = combinations;
    const weight = 1 / combinations;
    const first = this.#shares[0]!;
    const whole = (combination: number): KeptShare => ({
      state: { combination, tree: null },
      weight,
      isWhole: true,
      ...nothing,
    });
    const others = Array.from({ length: combinations - 1 }, (_, index) => new Share(whole(index + 1)));
    first.weight = weight;
    this.#shares.push(...others);
    return others.length > 0;
  }

  /** Puts what a share is divided into in its place. What was done of it is given up. */
  replace(share: Share, trees: readonly TreeState[]): void {
    const { combination } = share;
    const weight = share.weight / trees.length;
    const parts = trees.map((tree) => new Share({ state: { combination, tree }, weight, isWhole: false, ...nothing }));
    this.#shares = this.#shares.flatMap((one) => (one === share ? parts : [one]));
  }

  /** Leaves out all but every n-th share, from the i-th on. @param index i, from 1 */
  keepShard({ index, count }: { readonly index: number; readonly count: number }): void {
    this.#shares = this.#shares.filter((_, place) => place % count === index - 1);
  }

  /** The first that nobody explores and that is not done, before a limit. @param limit one of them. Default: none */
  next(limit?: Share): Share | undefined {
    for (const share of this.#shares) {
      if (share === limit) return undefined;
      if (!share.isDone && !share.isUnderWay) return share;
    }
    return undefined;
  }

  get areUnderWay(): boolean {
    return this.#shares.some((share) => share.isUnderWay);
  }

  /** Those before one of them; all without it. */
  before(share?: Share): readonly Share[] {
    return share === undefined ? this.#shares : this.#shares.slice(0, this.#shares.indexOf(share));
  }

  get counts(): ShareCounts {
    const sum = { executions: 0, redundant: 0, lost: 0 };
    for (const { counts } of this.#shares) {
      sum.executions += counts.executions;
      sum.redundant += counts.redundant;
      sum.lost += counts.lost;
    }
    return sum;
  }

  get fractionDone(): number {
    let done = 0;
    let all = 0;
    for (const { weight, fractionDone } of this.#shares) {
      done += weight * fractionDone;
      all += weight;
    }
    return all === 0 ? 1 : done / all;
  }

  get kept(): readonly KeptShare[] {
    return this.#shares.map((share) => share.kept);
  }
}
