import { z } from 'zod';
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

const keptCount = z.int().min(0);

/** As far as what is kept must fit together; its own explorer wrote the rest. */
const treeStateSchema = z.custom<TreeState>(
  (value) =>
    z
      .object({
        path: z.array(
          z.object({
            start: keptCount,
            candidates: z.int(),
            agent: keptCount.max(31),
            tried: z.int(),
            toTry: z.int(),
            preemptions: keptCount,
            sleepers: z.array(z.object({ agent: keptCount, accesses: z.array(z.object({})) })),
            offers: z.array(z.object({ count: keptCount, chosen: keptCount })),
            doing: z.array(z.object({})),
            did: z.array(z.object({})),
          }),
        ),
        chosen: z.array(keptCount),
        isDone: z.boolean(),
        root: keptCount.optional(),
      })
      .safeParse(value).success,
);

/** A share as it is kept. Plain data: it survives JSON. */
export const keptShareSchema = z.strictObject({
  /** Of which combination of inputs. */
  combination: keptCount,
  /** Where its exploration goes on; null at the beginning, and if it is done. */
  tree: treeStateSchema.nullable(),
  isDone: z.boolean(),
  /** Which part of everything it is, by estimate. */
  weight: z.number().min(0).max(1),
  /** Whether it is all of its combination. */
  isWhole: z.boolean(),
  executions: keptCount,
  redundant: keptCount,
  lost: keptCount,
});
export type KeptShare = z.infer<typeof keptShareSchema>;

/** All of a combination, of which nothing is explored. */
const beginningOf = (combination: number, weight: number): KeptShare => ({
  combination,
  tree: null,
  isDone: false,
  weight,
  isWhole: true,
  executions: 0,
  redundant: 0,
  lost: 0,
});

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

  constructor({ combination, tree, isDone, weight, isWhole, executions, redundant, lost }: KeptShare) {
    this.weight = weight;
    this.isWhole = isWhole;
    this.isDone = isDone;
    this.combination = combination;
    this.#keptState = { combination, tree };
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
    const { combination, weight, isWhole, isDone } = this;
    const common = { combination, weight, isWhole, isDone };
    return isDone
      ? { ...common, tree: null, ...this.counts }
      : { ...common, tree: this.#keptState.tree, ...this.#keptCounts };
  }
}

/** All shares of an exploration, in the order in which their failures count. */
export class Shares {
  #shares: Share[];
  #areKnown: boolean;

  /** @param kept those of an earlier run. Default: all of the first combination; the others follow once they are known */
  constructor(kept?: readonly KeptShare[]) {
    this.#shares = (kept ?? [beginningOf(0, 1)]).map((share) => new Share(share));
    this.#areKnown = kept !== undefined;
  }

  /** Adds the other combinations, now that their number is known. Returns whether there were any to add. */
  addCombinations(combinations: number): boolean {
    if (this.#areKnown) return false;
    this.#areKnown = true;
    const weight = 1 / combinations;
    const first = this.#shares[0]!;
    const others = Array.from({ length: combinations - 1 }, (_, index) => new Share(beginningOf(index + 1, weight)));
    first.weight = weight;
    this.#shares.push(...others);
    return others.length > 0;
  }

  /** Puts what a share is divided into in its place. What was done of it is given up. */
  replace(share: Share, trees: readonly TreeState[]): void {
    const { combination } = share;
    const weight = share.weight / trees.length;
    const parts = trees.map((tree) => new Share({ ...beginningOf(combination, weight), tree, isWhole: false }));
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

  get areDone(): boolean {
    return this.#shares.every((share) => share.isDone);
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
    return this.areDone ? 1 : Math.min(1, done / all);
  }

  get kept(): readonly KeptShare[] {
    return this.#shares.map((share) => share.kept);
  }
}
