import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Walk } from '../schedule/schedule.js';
import * as at from './layout.js';
import { createKernelMemory } from './layout.js';
import { decided, Walker } from './walker.js';

const memory = createKernelMemory(1);
const { words, siteHashes } = memory;
const walker = new Walker(memory);
const everywhere: Walk = { seed: 1, weights: [], places: [], gap: 1 };
const others = Int32Array.of(1, 2, 3);
/** Site 5 is one of the places, site 6 is not. */
siteHashes[5] = 55;
siteHashes[6] = 66;
const placed: Walk = { ...everywhere, weights: [10, 10, 10], places: [55], gap: 0 };

const preempted = (agent: number, site: number): void => {
  words[at.AGENT_TABLE + agent * at.agentWords + at.AGENT_PREEMPTED_AT] = site;
};

/** How often each number came up. */
function shares(draws: number, draw: () => number | undefined): Map<number | undefined, number> {
  const counts = new Map<number | undefined, number>();
  for (let index = 0; index < draws; index++) {
    const drawn = draw();
    counts.set(drawn, (counts.get(drawn) ?? 0) + 1 / draws);
  }
  return counts;
}

describe('Walker', () => {
  it('draws all numbers below a bound equally often', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 2, max: 7 }), (seed, bound) => {
        walker.begin({ ...everywhere, seed });
        const found = shares(4_000, () => walker.below(bound));
        expect(found.size).toBe(bound);
        for (const share of found.values()) expect(Math.abs(share - 1 / bound)).toBeLessThan(0.05);
      }),
      { numRuns: 50 },
    );
  });

  it('chooses agents evenly without weights, and in proportion to them otherwise', () => {
    walker.begin(everywhere);
    for (const share of shares(4_000, () => walker.rivalOf(0, 6, others, 3)).values())
      expect(share).toBeCloseTo(0.25, 1);
    const found = shares(4_000, () => {
      walker.begin({ ...everywhere, seed: words[at.WALK_STATE]!, weights: [1, 6, 0, 2] });
      return walker.rivalOf(0, 6, others, 3);
    });
    // The running agent has 1, the others 6, nothing, and 2.
    expect(found.has(1)).toBe(false);
    for (const [rival, weight] of [
      [undefined, 1],
      [0, 6],
      [2, 2],
    ] as const)
      expect(found.get(rival)).toBeCloseTo(weight / 9, 1);
  });

  it('chooses evenly if no agent has anything to do', () => {
    walker.begin({ ...everywhere, weights: [0, 0, 0, 0] });
    const found = shares(4_000, () => walker.rivalOf(0, 6, others, 3));
    expect(found.size).toBe(4);
    for (const share of found.values()) expect(share).toBeCloseTo(0.25, 1);
    const followers = shares(4_000, () => walker.optionOf(others, 3, 3));
    for (const share of followers.values()) expect(share).toBeCloseTo(1 / 3, 1);
  });

  it('makes all orders of two agents equally likely if it knows how much they do', () => {
    const orders = shares(6_000, () => {
      walker.begin({ ...everywhere, seed: words[at.WALK_STATE]!, weights: [2, 2] });
      const left = [2, 2];
      let order = 0;
      while (left[0]! + left[1]! > 0) {
        const running = left[0]! > 0 ? 0 : 1;
        const rival = Int32Array.of(1 - running);
        preempted(1 - running, 6);
        const goesOn = walker.rivalOf(running, 6, rival, left[1 - running]! > 0 ? 1 : 0) === undefined;
        const agent = goesOn ? running : 1 - running;
        left[agent] = left[agent]! - 1;
        order = order * 2 + agent;
      }
      return order;
    });
    for (const agent of [0, 1]) preempted(agent, 0);
    expect(orders.size).toBe(6);
    for (const share of orders.values()) expect(share).toBeCloseTo(1 / 6, 1);
  });

  it('draws at its places each time, and elsewhere as its gap says', () => {
    walker.begin(placed);
    expect([walker.drawsAt(5), walker.drawsAt(6)]).toEqual([true, false]);
    walker.begin({ ...placed, gap: 4 });
    const found = shares(4_000, () => (walker.drawsAt(6) ? 1 : 0));
    expect(found.get(1)).toBeCloseTo(0.25, 1);
  });

  it('leaves agents that wait at its places alone elsewhere', () => {
    walker.begin({ ...placed, gap: 1 });
    preempted(1, 5);
    preempted(3, 6);
    expect([...shares(1_000, () => walker.rivalOf(0, 6, others, 3)).keys()].sort()).toEqual([1, 2, undefined]);
    for (const agent of [1, 3]) preempted(agent, 0);
  });

  it('lets an agent that was chosen perform the next operation at a place, wherever it is now', () => {
    walker.begin({ ...placed, weights: [1, 1_000_000] });
    expect(walker.rivalOf(0, 5, others, 1)).toBe(0);
    // It has come to one, and is the one that was meant.
    expect(walker.rivalOf(1, 5, Int32Array.of(0), 1)).toBeUndefined();
  });

  it('chooses who follows: mostly those that can continue, and never one that does not exist', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.array(fc.nat({ max: 9 }), { maxLength: 6 }),
        fc.integer({ min: 1, max: 6 }),
        fc.nat(),
        (seed, weights, count, some) => {
          walker.begin({ ...everywhere, seed, weights });
          const ready = some % (count + 1);
          const chosen = walker.optionOf(
            Int32Array.from({ length: count }, (_, index) => index),
            ready,
            count,
          );
          expect(chosen).toBeGreaterThanOrEqual(0);
          expect(chosen).toBeLessThan(count);
        },
      ),
    );
  });

  it('adds what it decides to the schedule, as long as there is room', () => {
    const schedule = { order: [1], preemptions: [], choices: [], randomSeed: 3, patience: 30, walk: everywhere };
    words[at.PREEMPTION_COUNT] = 0;
    words[at.CHOICE_COUNT] = 0;
    words[at.STEP] = 7;
    expect(walker.addPreemption(2)).toBe(true);
    expect([walker.addChoice(0), walker.addChoice(4), walker.addChoice(0)]).toEqual([0, 4, 0]);
    expect(decided(memory, schedule)).toEqual({
      order: [1],
      preemptions: [{ step: 7, to: 2 }],
      choices: [0, 4],
      randomSeed: 3,
      patience: 30,
    });
    words[at.PREEMPTION_COUNT] = at.maximumPreemptions;
    words[at.CHOICE_COUNT] = at.maximumChoices;
    expect([walker.addPreemption(0), walker.addChoice(5)]).toEqual([false, 0]);
  });
});
