import fc from 'fast-check';
import { recordBridges, type Bridge } from 'threadmill/bridges/records';
import { describe, expect, it } from 'vitest';
import { comparisonSchema } from '../results/comparison-schema.js';
import { bridgeId } from './choose-bridges.js';
import { composeBridge, rankAll, type FinishedVisit } from './compose.js';
import type { RoundResult } from './round-process.js';
import { comparisonSample, roundSample } from './testing/samples.js';

const bridgeOf = (id: string): Bridge => recordBridges().find((bridge) => bridgeId(bridge) === id)!;
const visit = (result: RoundResult): FinishedVisit => ({ writers: 4, isMain: true, result });
const held = { verdict: 'held', invariant: null, executions: 1, executionsToFind: null, message: null } as const;
const broken = { ...held, verdict: 'deadlock', executionsToFind: 1, message: 'nobody can run' } as const;

describe('a comparison', () => {
  it('is what its schema says, and comes back from JSON as it was', () => {
    const comparison = comparisonSample();
    expect(comparisonSchema.parse(JSON.parse(JSON.stringify(comparison)))).toEqual(comparison);
  });

  it('has those that hold first and those that broke last, however fast', () => {
    expect(comparisonSample().bridges.map(({ id, standing, ranks }) => [id, standing, ranks.throughput?.rank])).toEqual(
      [
        ['lock-pair', 'holds', 1],
        ['dual-queue', 'holds', 2],
        ['dual-queue:published', 'flawed', 1],
        ['unsynchronised:published', 'broke', undefined],
      ],
    );
  });
});

describe('rankAll', () => {
  it('never puts one that broke before one that did not, and ranks none that broke', () => {
    const some = fc.array(
      fc.record({
        id: fc.constantFrom('lock-pair', 'actor', 'actor:published', 'unsynchronised:published', 'pipeline'),
        speed: fc.integer({ min: 1, max: 1_000_000 }),
        breaks: fc.boolean(),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(some, (specimens) => {
        const ranked = rankAll(
          specimens.map(({ id, speed, breaks }) =>
            composeBridge(bridgeOf(id), breaks ? broken : held, [visit(roundSample(speed))]),
          ),
        );
        expect(ranked).toHaveLength(specimens.length);
        const order = ranked.map(({ standing }) => ['holds', 'flawed', 'broke'].indexOf(standing));
        expect(order).toEqual([...order].sort());
        for (const { standing, ranks } of ranked) {
          if (standing === 'broke') expect(Object.values(ranks)).toEqual([null, null, null, null, null]);
          else expect(ranks.throughput).not.toBeNull();
        }
      }),
    );
  });
});

describe('composeBridge', () => {
  it.each([
    ['lock-pair', held, roundSample(1), 'holds'],
    ['lock-pair', null, roundSample(1), 'holds'],
    ['lock-pair', broken, roundSample(1), 'broke'],
    ['lock-pair', held, roundSample(1, { end: 'violation', message: 'lost' }), 'broke'],
    ['lock-pair', held, roundSample(1, { end: 'hang', message: 'silent' }), 'broke'],
    ['lock-pair:published', held, roundSample(1), 'flawed'],
    ['lock-pair:published', held, roundSample(1, { end: 'crash', message: 'out of memory' }), 'broke'],
  ] as const)('%s, %j: %#: %s', (id, controlled, result, standing) => {
    expect(composeBridge(bridgeOf(id), controlled, [visit(result)]).standing).toBe(standing);
  });

  it('knows nothing of what was not reached', () => {
    const composed = composeBridge(bridgeOf('lock-pair'), null, []);
    expect(composed).toMatchObject({ standing: 'unknown', throughput: null, latencyUs: null, memoryMiB: null });
  });

  it('keeps what was measured before a process hung, and says why it ended', () => {
    const { stress, throughput, latencyUs } = composeBridge(bridgeOf('actor'), null, [
      visit(roundSample(100)),
      visit(roundSample(200, { end: 'hang', message: 'nothing happened', steady: null })),
    ]);
    expect(stress).toMatchObject({ verdict: 'hang', rounds: 2, failedRounds: 1, message: 'nothing happened' });
    expect(throughput?.samples.map(Math.round)).toEqual([100, 200]);
    expect(latencyUs?.p50.samples).toHaveLength(1);
  });

  it('takes the latencies of all rounds together for the distribution, and each round’s for the spread', () => {
    const { latencyUs } = composeBridge(bridgeOf('actor'), null, [visit(roundSample(1)), visit(roundSample(1))]);
    expect(latencyUs?.writes).toBe(200);
    expect(latencyUs?.p50.samples).toEqual([50.5, 50.5]);
    expect(latencyUs?.percentiles.find(({ percent }) => percent === 100)?.us).toBe(100);
  });
});
