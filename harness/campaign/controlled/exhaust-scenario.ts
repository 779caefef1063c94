import { z } from 'zod';
import { HarnessError } from '../../errors.js';
import { uncoveredKinds, type ExhaustiveCounts, type Uncovered } from '../../results/exhaustive-counts.js';
import type { ScheduleShape } from '../../schedule/strategy.js';
import { asError } from '../as-error.js';
import { campaignPath } from '../chunks.js';
import type { InterleavingCount } from '../interleaving-count.js';
import { performChunk } from './chunk-on-explorer.js';
import type { ExhaustedPart, ExhaustiveState } from './exhaust-part.js';
import { maximumCombinations } from './combinations.js';
import { keptShareSchema, Shares, type Share } from './exhaustive-shares.js';
import type { ExplorerReply } from './protocol.js';
import type { CampaignFailure, ExplorationResult } from './explore-scenario.js';
import { unexpected, type ExplorerSlot } from './explorer-pool.js';
import { decodePlan, type EncodedPlan, type FoundFailure } from './found-failure.js';
import { ExplorerDied } from './host.js';
import type { LoadedScenario } from './load-scenario.js';

/** After how much real time an explorer says how far it got. */
const partMs = 500;

/** When one explorer has performed so many executions of a combination, it is divided, so that others can help. */
const executionsToDivide = 2_000;

/** A part ends by its time long before. */
const executionsOfLongestPart = 1_000_000;

/** Into how many shares at least, if there are so many: their number must not depend on that of the explorers. */
const sharesOfCombination = 64;

/** Where an exhaustive exploration is, and what it has seen: what is needed to go on after an end. */
export const exhaustiveProgressSchema = z.strictObject({
  shares: z.array(keptShareSchema).min(1),
  /** Executions that were given up when something was divided, and those that dividing took. */
  givenUp: z.int().min(0),
  combinations: z.int().min(1).max(maximumCombinations),
  uncovered: z.array(z.enum(uncoveredKinds)),
});
export type ExhaustiveProgress = z.infer<typeof exhaustiveProgressSchema>;

/** How many executions an exploration had performed. */
export const executionsOf = ({ shares }: ExhaustiveProgress): number =>
  shares.reduce((sum, { executions }) => sum + executions, 0);

export interface ExhaustiveOptions {
  readonly seed: number;
  /** How often an agent that could go on may be kept from it; null without a bound. */
  readonly preemptions: number | null;
  /** When to give up: after so many executions, those of an earlier run not counted, and by `performance.now()`. */
  readonly executions: number;
  readonly deadline: number;
  readonly shrinkMs: number;
  /** Whether what takes long is divided among the explorers. */
  readonly divides: boolean;
  /** Which part of everything is explored: every `count`-th share, from the one with the number `index` on, which counts from 1. */
  readonly shard: { readonly index: number; readonly count: number } | undefined;
  /** Where an earlier run was. */
  readonly from: ExhaustiveProgress | undefined;
  /** The interleavings seen so far, those of an earlier run included. */
  readonly interleavings: InterleavingCount;
  readonly isStopped: () => boolean;
  readonly onProgress: (executions: number, phase: 'exploring' | 'shrinking', fractionDone: number) => void;
  /** Whether `onState` is to be called at the end of the next part, which may be the last. */
  readonly wantsState: (isLast: boolean) => boolean;
  readonly onState: (progress: ExhaustiveProgress) => void;
  readonly onFound: (failure: CampaignFailure, place: number) => void;
}

/** What an exhaustive exploration has shown. */
export interface ExhaustiveResult extends ExplorationResult {
  /** Undefined if the scenario draws more combinations of parameters than can be explored. */
  readonly exhaustive: ExhaustiveCounts | undefined;
}

/**
 * Explores every interleaving of a scenario, until there is none left, one fails, or a limit is reached. Combinations of inputs are
 * explored side by side, and so are the shares into which a large one is divided. A failure is shrunk as if it had been drawn. The
 * failure reported is that of the first share, so it does not depend on the number of explorers or their speed.
 */
export async function exhaustScenario(
  slots: readonly ExplorerSlot[],
  scenario: LoadedScenario,
  shape: ScheduleShape,
  options: ExhaustiveOptions,
): Promise<ExhaustiveResult> {
  return new ExhaustiveRun(slots, scenario, shape, options).perform();
}

/** A failure as its share found it. */
interface ShareFailure {
  readonly share: Share;
  readonly failure: FoundFailure;
  readonly isFinished: boolean;
}

class ExhaustiveRun {
  readonly #slots: readonly ExplorerSlot[];
  readonly #scenario: LoadedScenario;
  readonly #shape: ScheduleShape;
  readonly #options: ExhaustiveOptions;
  readonly #notes: string[] = [];
  readonly #shares: Shares;
  readonly #uncovered: Set<Uncovered>;
  #givenUp: number;
  /** Executions of this run whose interleaving counts, those included that are given up later; and the others. */
  #performed = 0;
  #brokenOff = 0;
  /** Executions that were asked for, and of which nothing is known yet. */
  #asked = 0;
  #steps = 0;
  #switches = 0;
  #hadChoice = false;
  #hadPoint = false;
  #combinations: number | null = 1;
  /** How often it was kept. */
  #round = 0;
  #firstFailing: Share | undefined;
  readonly #failures: ShareFailure[] = [];
  readonly #problems = new Map<Share, Error>();
  /** One that is not of a share. */
  #problem: Error | undefined;
  #waiting: (() => void)[] = [];

  constructor(
    slots: readonly ExplorerSlot[],
    scenario: LoadedScenario,
    shape: ScheduleShape,
    options: ExhaustiveOptions,
  ) {
    this.#slots = slots;
    this.#scenario = scenario;
    this.#shape = shape;
    this.#options = options;
    const { shares, givenUp = 0, combinations = 1, uncovered = [] } = options.from ?? {};
    this.#shares = new Shares(shares);
    this.#givenUp = givenUp;
    this.#uncovered = new Set(uncovered);
    this.#combinations = combinations;
  }

  async perform(): Promise<ExhaustiveResult> {
    if (!(await this.#keepShard())) return this.#result();
    const served = await Promise.allSettled(this.#slots.map((slot) => this.#serve(slot)));
    for (const one of served) if (one.status === 'rejected') this.#problem ??= asError(one.reason);
    const isOver = this.#isComplete || this.#firstFailing !== undefined;
    if (!isOver && this.#performed > 0 && this.#options.wantsState(true)) this.#keep();
    return this.#result();
  }

  #keep(): void {
    const shares = [...this.#shares.kept];
    const uncovered = [...this.#uncovered];
    this.#options.onState({ shares, givenUp: this.#givenUp, combinations: this.#combinations ?? 1, uncovered });
  }

  /** Of a shard, divides everything at once, so that all shards divide it alike, and leaves out what falls to others. Returns whether it could. */
  async #keepShard(): Promise<boolean> {
    const { shard, from } = this.#options;
    const slot = this.#slots[0]!;
    if (shard === undefined || from !== undefined) return true;
    try {
      const request = { kind: 'exhaust', from: { combination: 0, tree: null }, executions: 0, partMs: 1 } as const;
      const { preemptions } = this.#options;
      const reply = await slot.request(this.#scenario, { ...request, preemptions, withState: false });
      if (reply.kind !== 'exhausted') throw unexpected(reply, this.#scenario);
      this.#combinations = reply.combinations;
      if (reply.combinations !== null) this.#shares.addCombinations(reply.combinations);
      for (const one of this.#shares.before()) if (!this.#mustStop) await this.#divide(slot, one);
      if (this.#mustStop) return false;
      this.#shares.keepShard(shard);
      return true;
    } catch (error) {
      this.#problem = this.#describe(error, slot);
      return false;
    }
  }

  async #serve(slot: ExplorerSlot): Promise<void> {
    while (!this.#mustStop) {
      const share = this.#shares.next(this.#firstFailing);
      if (share === undefined) {
        if (!this.#shares.areUnderWay) return;
        await new Promise<void>((goOn) => this.#waiting.push(goOn));
        continue;
      }
      share.isUnderWay = true;
      try {
        if (!(await this.#exploreUnlessDead(slot, share))) return;
      } finally {
        share.isUnderWay = false;
        this.#wakeOthers();
      }
    }
  }

  get #mustStop(): boolean {
    return this.#options.isStopped() || this.#problem !== undefined || this.#combinations === null;
  }

  /** There may be something to do for explorers that had nothing. */
  #wakeOthers(): void {
    for (const goOn of this.#waiting.splice(0)) goOn();
  }

  /** Explores a share, again if its explorer has died of something else. Returns whether there is time for another one. */
  async #exploreUnlessDead(slot: ExplorerSlot, share: Share): Promise<boolean> {
    for (;;) {
      try {
        return await this.#explore(slot, share);
      } catch (error) {
        const isOver = slot.closed || !(error instanceof ExplorerDied) || error.fatal !== undefined || share.hasDied;
        if (isOver) {
          const problem = this.#describe(error, slot);
          if (problem === undefined) return false;
          this.#endAt(share, problem);
          // Earlier shares may still fail, which counts then.
          return true;
        }
        share.hasDied = true;
        this.#notes.push(`${error.message}; what it had explored is explored again`);
      }
    }
  }

  /** Nothing after this share matters any more. */
  #endAt(share: Share, problem?: Error): void {
    if (this.#isObsolete(share)) return;
    this.#firstFailing = share;
    if (problem !== undefined) this.#problems.set(share, problem);
  }

  #describe(error: unknown, slot: ExplorerSlot): Error | undefined {
    if (this.#options.isStopped() || slot.closed) return undefined;
    if (!(error instanceof ExplorerDied)) return asError(error);
    const how = error.fatal?.executionResult.failure?.message ?? error.message;
    return new HarnessError(
      `${this.#scenario.file}: an execution ended its process while every interleaving was explored, which cannot go on: ${how}. Random schedules go on after such an execution, and show it: run it without --exhaustive and with more --runs.`,
    );
  }

  async #explore(slot: ExplorerSlot, share: Share): Promise<boolean> {
    const { deadline } = this.#options;
    for (let hasBegun = false; ; hasBegun = true) {
      if (this.#mustStop) return false;
      if (this.#isObsolete(share) || (await this.#divided(slot, share))) return true;
      const leftMs = deadline - performance.now();
      const left = this.#executionsLeft;
      const isOver = left <= 0 || (leftMs <= 0 && this.#performed > 0);
      if (isOver && !hasBegun) return false;
      const from = hasBegun ? null : share.beginAgain();
      const executions = isOver ? 0 : this.#executionsOfPart(share, left);
      const part = await this.#part(slot, share, from, executions, Math.max(1, Math.min(partMs, leftMs)), isOver);
      if (this.#isObsolete(share)) return true;
      if (part?.failed !== undefined) {
        await this.#fail(slot, share, part.failed);
        return true;
      }
      if (part === undefined || isOver) return false;
      if (part.isDone) return true;
    }
  }

  /** Whether an earlier share has failed, so that what is found here does not matter. */
  #isObsolete(share: Share): boolean {
    const first = this.#firstFailing;
    return first !== undefined && first !== share && !this.#shares.before(first).includes(share);
  }

  #mayBeDivided(share: Share): boolean {
    // With a bound there are no sleep sets, so shares would not be disjoint.
    return this.#options.divides && this.#options.preemptions === null && share.isWhole;
  }

  /** @param left how many all explorers together may still perform */
  #executionsOfPart(share: Share, left: number): number {
    const slots = this.#slots.length;
    const fair = Math.min(executionsOfLongestPart, slots === 1 ? left : Math.ceil(left / (2 * slots)));
    const { executions, redundant } = share.counts;
    return this.#mayBeDivided(share) ? Math.min(fair, executionsToDivide - executions - redundant) : fair;
  }

  /** Divides a combination that takes long. Returns whether it was. */
  async #divided(slot: ExplorerSlot, share: Share): Promise<boolean> {
    const { executions, redundant } = share.counts;
    return executions + redundant >= executionsToDivide && this.#divide(slot, share);
  }

  async #divide(slot: ExplorerSlot, share: Share): Promise<boolean> {
    if (!this.#mayBeDivided(share)) return false;
    const request = { kind: 'divide', combination: share.combination, shares: sharesOfCombination } as const;
    const reply = await slot.request(this.#scenario, request);
    if (reply.kind !== 'divided') throw unexpected(reply, this.#scenario);
    share.isWhole = false;
    this.#brokenOff += reply.executions;
    this.#givenUp += reply.executions;
    if (reply.trees.length < 2) return false;
    this.#givenUp += share.counts.executions + share.counts.redundant;
    this.#shares.replace(share, reply.trees);
    return true;
  }

  /** Has an explorer do a part, or none if that is only to say where it is; undefined if there is nothing that it can explore. */
  async #part(
    slot: ExplorerSlot,
    share: Share,
    from: ExhaustiveState | null,
    executions: number,
    ms: number,
    isLast: boolean,
  ): Promise<ExhaustedPart | undefined> {
    const { preemptions, interleavings, onProgress, wantsState } = this.#options;
    const isWanted = wantsState(isLast);
    const withState = isWanted || share.round < this.#round;
    const request = { kind: 'exhaust', from, preemptions, executions, partMs: ms, withState } as const;
    this.#asked += executions;
    let reply: ExplorerReply;
    try {
      reply = await slot.request(this.#scenario, request);
    } finally {
      this.#asked -= executions;
    }
    if (reply.kind !== 'exhausted') throw unexpected(reply, this.#scenario);
    const { part, tree, combinations } = reply;
    this.#combinations = combinations;
    if (combinations === null) return undefined;
    if (this.#shares.addCombinations(combinations)) this.#wakeOthers();
    share.add(part, tree);
    this.#performed += part.executions;
    this.#brokenOff += part.redundant;
    if (tree !== null) share.round = this.#round;
    this.#steps += part.steps;
    this.#switches += part.switches;
    this.#hadChoice ||= part.hadChoice;
    this.#hadPoint ||= part.hadPoint;
    for (const kind of part.uncovered) this.#uncovered.add(kind);
    interleavings.add(part.interleavings);
    onProgress(this.#performed, 'exploring', this.#shares.fractionDone);
    if (!isWanted) return part;
    this.#round++;
    this.#keep();
    return part;
  }

  /** Executions of this run that were performed to their end, and are not given up. */
  get #executions(): number {
    return this.#shares.before().reduce((sum, share) => sum + share.executionsOfRun, 0);
  }

  get #executionsLeft(): number {
    return this.#options.executions - this.#performed - this.#brokenOff - this.#asked;
  }

  /** Loops that are cut short are said beside the claim; of the rest, nothing is claimed. */
  get #isComplete(): boolean {
    const isCovered = [...this.#uncovered].every((kind) => kind === 'loops');
    const areDone = this.#combinations !== null && this.#shares.areDone;
    return areDone && this.#shares.counts.lost === 0 && isCovered && !this.#options.interleavings.isFull;
  }

  async #fail(slot: ExplorerSlot, share: Share, encoded: EncodedPlan): Promise<void> {
    const given = decodePlan(encoded);
    this.#endAt(share);
    const { seed, shrinkMs, onFound, onProgress, isStopped } = this.#options;
    const result = await performChunk(
      slot,
      this.#scenario,
      {
        seed,
        given,
        executions: 1,
        path: null,
        strategy: 'mix',
        shape: this.#shape,
        remainingMs: null,
        shrinks: true,
        shrinkMs,
        shrinkExecutions: this.#scenario.facts.limits.shrinkExecutions,
      },
      {
        onProgress: () => onProgress(this.#performed, 'shrinking', this.#shares.fractionDone),
        onFound: (failure) => {
          if (!this.#isObsolete(share)) onFound(this.#placed({ share, failure }), 0);
        },
        isObsolete: () => this.#isObsolete(share),
      },
      this.#notes,
    );
    if (result.failure !== null) {
      this.#failures.push({ share, failure: result.failure, isFinished: result.isFinished });
      return;
    }
    if (isStopped()) return;
    const problem = new HarnessError(
      `${this.#scenario.file}: an execution failed, but held when its schedule was repeated: something is decided by neither the schedule nor the parameters`,
    );
    this.#endAt(share, problem);
  }

  #placed({ share, failure }: Pick<ShareFailure, 'share' | 'failure'>): CampaignFailure {
    const executionsToFind = [...this.#shares.before(share), share].reduce((sum, one) => sum + one.executionsOfRun, 0);
    return { ...failure, path: campaignPath(0, failure.path), executionsToFind };
  }

  get #problemOfFirst(): Error | undefined {
    return this.#firstFailing === undefined ? undefined : this.#problems.get(this.#firstFailing);
  }

  #result(): ExhaustiveResult {
    const counts = this.#options.interleavings.counts();
    const hasRun = this.#performed > 0;
    const first = this.#problemOfFirst ? undefined : this.#failures.find(({ share }) => share === this.#firstFailing);
    const areEarlierDone = this.#shares.before(this.#firstFailing).every((share) => share.isDone);
    const { executions, redundant, lost } = this.#shares.counts;
    const { shard } = this.#options;
    const isStopped = this.#options.isStopped() || this.#slots.some((slot) => slot.closed);
    return {
      // What was given up has been performed all the same, and is told of unless the claim is about the rest.
      executions: this.#isComplete ? this.#executions : this.#performed,
      steps: this.#steps,
      switches: this.#switches,
      hadChoice: this.#hadChoice || !hasRun,
      hadPoint: this.#hadPoint || !hasRun,
      failure: first === undefined ? null : this.#placed(first),
      isFinished: first === undefined ? this.#isComplete : first.isFinished && areEarlierDone,
      notes: this.#notes,
      problem: isStopped ? undefined : (this.#problem ?? this.#problemOfFirst),
      exhaustive:
        this.#combinations === null
          ? undefined
          : {
              executions,
              redundant: redundant + this.#givenUp,
              lost,
              interleavings: counts?.distinct ?? 0,
              isComplete: this.#isComplete && first === undefined,
              fractionDone: this.#shares.fractionDone,
              combinations: this.#combinations,
              preemptions: this.#options.preemptions,
              uncovered: uncoveredKinds.filter((kind) => this.#uncovered.has(kind)),
              ...(shard === undefined ? {} : { shard: `${shard.index}/${shard.count}` }),
            },
    };
  }
}
