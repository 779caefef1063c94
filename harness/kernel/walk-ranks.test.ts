import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maximumChangePoints, type Walk } from '../schedule/schedule.js';
import * as at from './layout.js';
import { createKernelMemory } from './layout.js';
import { Walker } from './walker.js';

const memory = createKernelMemory(1);
const { words, siteHashes } = memory;
const walker = new Walker(memory);
const agents = 4;
words[at.AGENT_COUNT] = agents;
/** Sites 1 to 3 are places: 1 and 2 use the same, 3 something else. Site 9 is no place. */
for (const site of [1, 2, 3, 9]) siteHashes[site] = 100 + site;
const base: Walk = { seed: 1, weights: [], places: [], gap: 1 };
const sampling = (seed: number): Walk => ({
  ...base,
  seed,
  places: [101, 102, 103],
  gap: 0,
  priorities: { changes: [], uses: [1, 1, 2] },
});

/** How a simulated agent is: the sites of the operations it has left. */
type Program = number[];

/** Lets agents perform all their operations as a walk decides. Returns who performed each. */
function play(programs: readonly Program[], walk: Walk): number[] {
  walker.begin(walk);
  const left = programs.map((program) => [...program]);
  const order: number[] = [];
  const preemptedAt = (agent: number): number => at.AGENT_TABLE + agent * at.agentWords + at.AGENT_PREEMPTED_AT;
  for (let agent = 0; agent < agents; agent++) words[preemptedAt(agent)] = 0;
  let running = left.findIndex((program) => program.length > 0);
  let isChosen = false;
  while (running !== -1) {
    const site = left[running]![0]!;
    const rivals = left.flatMap((program, agent) => (agent !== running && program.length > 0 ? [agent] : []));
    const rival =
      isChosen || !walker.drawsAt(site)
        ? undefined
        : walker.rivalOf(running, site, Int32Array.from(rivals), rivals.length);
    isChosen = false;
    if (rival !== undefined) {
      words[preemptedAt(running)] = site;
      running = rivals[rival]!;
      // Back at its point, it goes on without another draw.
      isChosen = words[preemptedAt(running)] !== 0;
      words[preemptedAt(running)] = 0;
      continue;
    }
    left[running]!.shift();
    order.push(running);
    if (left[running]!.length > 0) continue;
    const ready = left.flatMap((program, agent) => (program.length > 0 ? [agent] : []));
    if (ready.length === 0) return order;
    running = ready[walker.optionOf(Int32Array.from(ready), ready.length, ready.length)]!;
    isChosen = words[preemptedAt(running)] !== 0;
    words[preemptedAt(running)] = 0;
  }
  return order;
}

/** Seeds that have nothing to do with each other. */
const seeds = (count: number): number[] => fc.sample(fc.noBias(fc.integer()), { numRuns: count, seed: 1 });

describe('a walk with priorities', () => {
  it('performs all operations of each agent, in its order, whatever the programs', () => {
    const program = fc.array(fc.constantFrom(1, 2, 3, 9), { maxLength: 6 });
    fc.assert(
      fc.property(fc.tuple(program, program, program, program), fc.integer(), (programs, seed) => {
        const order = play(programs, sampling(seed));
        for (const [agent, { length }] of programs.entries())
          expect(order.filter((one) => one === agent)).toHaveLength(length);
      }),
    );
  });

  it('without change points runs one agent after the other, each order equally often', () => {
    const counts = new Map<string, number>();
    const draws = 3_000;
    const programs = [[1, 1, 1], [2, 2], [3]];
    for (const seed of seeds(draws)) {
      const order = play(programs, { ...base, seed, priorities: { changes: [], uses: [] } });
      const turns = order.filter((agent, index) => agent !== order[index - 1]);
      const key = turns.join('');
      counts.set(key, (counts.get(key) ?? 0) + 1 / draws);
    }
    expect([...counts.keys()].sort()).toEqual(['012', '021', '102', '120', '201', '210']);
    for (const share of counts.values()) expect(share).toBeCloseTo(1 / 6, 1);
  });

  it('lets the running agent drop below all others at a change point, and only there', () => {
    for (const seed of seeds(50)) {
      const order = play(
        [
          [1, 1, 1],
          [2, 2, 2],
        ],
        { ...base, seed, priorities: { changes: [1], uses: [] } },
      );
      const [first, second] = order;
      // One operation of the first, all of the other, the rest of the first.
      expect(second).not.toBe(first);
      expect(order.slice(1, 4)).toEqual([second, second, second]);
    }
  });

  it('puts an agent that yields last', () => {
    const two = Int32Array.of(0, 1);
    for (const seed of seeds(50)) {
      walker.begin({ ...base, seed, priorities: { changes: [], uses: [] } });
      for (const first of [0, 1, 0]) {
        walker.yields(first);
        expect(walker.optionOf(two, 2, 2)).toBe(1 - first);
        expect(walker.rivalOf(first, 9, Int32Array.of(1 - first), 1)).toBe(0);
      }
    }
  });

  it('keeps the order of several change points: who dropped last is the least preferred', () => {
    for (const seed of seeds(50)) {
      const changes = Array.from({ length: maximumChangePoints }, (_, index) => 2 * index);
      const order = play(
        [
          [1, 1, 1, 1],
          [2, 2, 2, 2],
          [3, 3, 3, 3],
        ],
        { ...base, seed, priorities: { changes, uses: [] } },
      );
      expect(order).toHaveLength(12);
      expect(new Set(order.slice(0, 3)).size).toBeGreaterThan(1);
    }
  });
});

describe('partial order sampling', () => {
  const shareOf = (programs: readonly Program[], is: (order: readonly number[]) => boolean): number => {
    const draws = 4_000;
    return seeds(draws).filter((seed) => is(play(programs, sampling(seed)))).length / draws;
  };

  it('lets each of several operations on the same be first, second, ... equally often', () => {
    for (const agent of [0, 1, 2])
      for (const place of [0, 1, 2])
        expect(shareOf([[1], [2], [1]], (order) => order[place] === agent)).toBeCloseTo(1 / 3, 1);
  });

  it('draws again after an operation on the same: one that lost before does not win more often for it', () => {
    // Agent 0 has many operations; the one of agent 1 comes before the last in half of what is left at each of them.
    const last = shareOf([[1, 1, 1, 1], [2]], (order) => order.at(-1) === 1);
    expect(last).toBeGreaterThan(1 / 32);
    expect(last).toBeLessThan(1 / 8);
  });

  it('does not let operations on something else decide', () => {
    const alone = shareOf([[1], [2]], (order) => order.indexOf(0) < order.indexOf(1));
    const among = shareOf([[1], [2], [3, 3, 3, 3, 3, 3]], (order) => order.indexOf(0) < order.indexOf(1));
    expect(alone).toBeCloseTo(1 / 2, 1);
    expect(among).toBeCloseTo(1 / 2, 1);
  });

  it('draws nothing elsewhere', () => {
    walker.begin(sampling(1));
    expect([1, 2, 3, 9].map((site) => walker.drawsAt(site))).toEqual([true, true, true, false]);
  });
});
