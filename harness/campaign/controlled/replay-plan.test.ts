import { describe, expect, it } from 'vitest';
import { counterexampleSample } from '../../report/testing/samples.js';
import { UsageError } from '../../errors.js';
import { encodeParams } from '../../results/params.js';
import {
  deathSample,
  heldSample,
  planSample,
  PlayedSlot,
  scenarioSample,
  violationSample,
} from '../testing/doubles.js';
import type { ExecutionResult } from '../../engine/execution-result.js';
import { planOf, replayPlan } from './replay-plan.js';

const scenario = scenarioSample('a');
const replay = (slot: PlayedSlot): Promise<ExecutionResult> =>
  replayPlan(slot.slot, scenario, planSample(), true, 'a.json');

/** A slot whose explorer dies so often before it replays. */
function dying(
  deaths: number,
  death = deathSample(),
  onDeath: (slot: PlayedSlot) => void = () => undefined,
): PlayedSlot {
  const slot: PlayedSlot = new PlayedSlot({
    replay: () => {
      if (slot.requests.length > deaths) return { kind: 'replayed', executionResult: heldSample() };
      onDeath(slot);
      throw death;
    },
  });
  return slot;
}

describe('planOf', () => {
  it('is the plan that the counterexample was composed of', () => {
    const schedule = { order: [1], preemptions: [{ step: 2, to: 1 }], choices: [3], randomSeed: 4 };
    const params = { map: new Map([[1, NaN]]), big: 5n, plain: [1] };
    const plan = planSample({ writers: 3, readers: 0, params, schedule });
    const saved = counterexampleSample({ writers: 3, readers: 0, schedule, params: encodeParams(params) });
    expect(planOf(saved)).toEqual(plan);
  });
});

describe('replayPlan', () => {
  it('performs the plan once, with its trace if that is asked for', async () => {
    const slot = new PlayedSlot();
    await replay(slot);
    await replayPlan(slot.slot, scenario, planSample({ writers: 5 }), false, 'a.json');
    expect(slot.requests).toEqual([
      { kind: 'replay', plan: planSample(), withTrace: true },
      { kind: 'replay', plan: planSample({ writers: 5 }), withTrace: false },
    ]);
  });

  it('takes the word of the watchdog for an execution that ends its process', async () => {
    const stuck = violationSample({ verdict: 'hang' });
    const slot = dying(1, deathSample(stuck));
    expect(await replay(slot)).toEqual(stuck);
    expect(slot.requests).toHaveLength(1);
  });

  it('tries again what ends its process without a word, and calls it a crash the second time', async () => {
    expect(await replay(dying(1))).toEqual(heldSample());
    const slot = dying(2);
    expect(await replay(slot)).toMatchObject({
      verdict: 'crash',
      failure: { message: expect.stringContaining('killed by SIGKILL') as string },
    });
    expect(slot.requests).toHaveLength(2);
  });

  it('makes nothing of a process that ended because the run was stopped', async () => {
    const death = deathSample();
    await expect(replay(dying(1, death, (slot) => slot.close()))).rejects.toBe(death);
  });

  it('refuses a plan that is none of the scenario, naming its file', async () => {
    const refused = replay(new PlayedSlot({ replay: () => ({ kind: 'refused', problem: 'has too many writers.' }) }));
    await expect(refused).rejects.toEqual(new UsageError('a.json has too many writers.'));
  });
});
