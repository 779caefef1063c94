import { describe, expect, it } from 'vitest';
import { counterexampleSample } from '../../report/testing/samples.js';
import { campaignPath, chunkSeed, executionsUpTo } from '../chunks.js';
import {
  deathSample,
  exploredSample,
  foundSample,
  PlayedSlot,
  scenarioSample,
  sessionSample,
} from '../testing/doubles.js';
import { explorePath, shrinkOn } from './explore-path.js';
import type { CampaignFailure, ExplorationResult } from './explore-scenario.js';
import { encodeFailure, type FoundFailure } from './found-failure.js';

const scenario = scenarioSample('a');
/** In the third chunk. */
const path = campaignPath(2, '5:0');

/** A slot whose explorer tells of one failure, and comes to another in the end. */
function finding(told: FoundFailure | null, end: FoundFailure | null): PlayedSlot {
  return new PlayedSlot({
    explore: (request, _, tell) => {
      if (request.kind !== 'explore') throw new Error('not asked for');
      if (told !== null) tell({ kind: 'found', invocation: 0, executions: 1, failure: encodeFailure(told) });
      return exploredSample(request, end);
    },
  });
}

async function explore(
  slot: PlayedSlot,
  asked = path,
): Promise<{ result: ExplorationResult; found: CampaignFailure[] }> {
  const found: CampaignFailure[] = [];
  const { session } = sessionSample([slot], { options: { strategy: 'pct' } });
  const result = await explorePath(session, scenario, asked, (failure) => found.push(failure));
  return { result, found };
}

describe('explorePath', () => {
  it('performs the one execution that seed and path name, as it is', async () => {
    const slot = finding(foundSample('5:0'), foundSample('5:0'));
    const { result, found } = await explore(slot);
    expect(slot.asked('explore')).toEqual([
      expect.objectContaining({
        seed: chunkSeed(42, 2),
        path: '5:0',
        executions: 1,
        strategy: 'pct',
        shrinks: false,
        remainingMs: null,
      }),
    ]);
    expect(found).toEqual([expect.objectContaining({ path, executionsToFind: 1 })]);
    expect(result).toMatchObject({
      executions: 1,
      isFinished: true,
      notes: [],
      failure: { path, executionsToFind: 1 },
    });
  });

  it('asks what it may be, if that execution holds', async () => {
    const { result } = await explore(finding(null, null));
    expect(result.failure).toBeNull();
    expect(result.notes).toEqual([expect.stringContaining('--strategy')]);
  });

  it('says nothing of an execution that was stopped', async () => {
    const slot: PlayedSlot = new PlayedSlot({
      explore: () => {
        slot.close();
        throw deathSample();
      },
    });
    expect((await explore(slot)).result).toMatchObject({ isFinished: false, failure: null, notes: [] });
  });

  it('performs nothing for what is no path', async () => {
    const slot = new PlayedSlot();
    const { result } = await explore(slot, '1:x');
    expect(slot.requests).toEqual([]);
    expect(result).toMatchObject({ executions: 0, failure: null });
  });
});

describe('shrinkOn', () => {
  const saved = counterexampleSample({ seed: 7, path, shrinkingEnded: 'interrupted' });

  it('goes on from where the counterexample was left, for so long and not without bound', async () => {
    const slot = finding(foundSample('5:0:1'), foundSample('5:0:1:4'));
    const { session } = sessionSample([slot]);
    const found: CampaignFailure[] = [];
    const smaller = await shrinkOn(session, scenario, saved, 1_234, (failure) => found.push(failure));
    const [request] = slot.asked('explore');
    expect(request).toMatchObject({ seed: chunkSeed(7, 2), path: '5:0', shrinks: true, executions: 1 });
    expect(request?.shrinkMs).toBeLessThanOrEqual(1_234);
    expect(request?.shrinkMs).toBeGreaterThan(0);
    expect(request?.shrinkExecutions).toBe(scenario.facts.limits.shrinkExecutions);
    expect(found.map((failure) => failure.path)).toEqual([campaignPath(2, '5:0:1')]);
    expect(smaller?.path).toBe(campaignPath(2, '5:0:1:4'));
    expect(smaller?.executionsToFind).toBe(executionsUpTo(path));
  });

  it('has nothing if the failure is not there any more', async () => {
    const { session } = sessionSample([finding(null, null)]);
    expect(await shrinkOn(session, scenario, saved, 1_000, () => undefined)).toBeNull();
  });
});
