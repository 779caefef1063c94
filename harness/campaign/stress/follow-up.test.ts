import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { HarnessError } from '../../errors.js';
import type { ExecutionResult } from '../../engine/execution-result.js';
import type { Counterexample, Failure } from '../../results/schema.js';
import { campaignPath, chunkNumber, chunkSeed } from '../chunks.js';
import { encodeFailure } from '../controlled/found-failure.js';
import type { ExploreRequest } from '../controlled/protocol.js';
import { CounterexampleKeeper } from '../keep-counterexample.js';
import {
  exploredSample,
  foundSample,
  PlayedSlot,
  scenarioSample,
  sessionSample,
  violationSample,
} from '../testing/doubles.js';
import { followUp, type FollowUp } from './follow-up.js';

const searched: Failure = { verdict: 'violation', invariant: 'count', message: 'seen under stress' };
const other = violationSample({ failure: { verdict: 'violation', invariant: 'order' } });
const uncontrolled = violationSample({ verdict: 'uncontrolled', failure: { verdict: 'uncontrolled', message: 'two' } });

/** What fails in the first chunk of each repetition: nothing once they are used up. */
type Repetitions = readonly (ExecutionResult | undefined)[];

const firstOf = (repetition: number): number => chunkNumber({ repetition, shardIndex: 0, shardCount: 1 }, 0);

/** Remembers what it is given. */
class ListeningKeeper extends CounterexampleKeeper {
  readonly kept: [path: string, place: number][] = [];

  constructor() {
    super({ projectDirectory: mkdtempSync(path.join(tmpdir(), 'threadmill-follow-up-')), files: [], save: false }, []);
  }

  override update(counterexample: Counterexample, place: number): void {
    this.kept.push([counterexample.path, place]);
  }
}

interface Given {
  /** What comes in the way once something is found. */
  readonly problem?: Error;
  readonly failure?: Failure;
  readonly stopsWhenFound?: boolean;
  readonly isStopped?: () => boolean;
}

async function follow(
  results: Repetitions,
  { problem, failure = searched, stopsWhenFound = false, isStopped = () => false }: Given = {},
): Promise<{ story: FollowUp; kept: [string, number][]; slot: PlayedSlot; told: number[] }> {
  const slot: PlayedSlot = new PlayedSlot({
    explore: (request, _, tell) => {
      const asked = request as ExploreRequest;
      const repetition = results.findIndex((__, place) => chunkSeed(42, firstOf(place)) === asked.seed);
      const executionResult = results[repetition];
      if (executionResult === undefined) {
        // Nothing is found as long as the run goes on.
        stopped = true;
        return exploredSample(asked);
      }
      const found = foundSample('5', { executionResult });
      tell({ kind: 'found', invocation: 5, executions: 6, failure: encodeFailure(found) });
      stopped = stopsWhenFound;
      if (problem !== undefined) throw problem;
      return { ...exploredSample(asked, found), executions: 6 };
    },
  });
  let stopped = false;
  const keeper = new ListeningKeeper();
  const { session, events } = sessionSample([slot], { isStopped: () => stopped || isStopped() });
  const story = await followUp(session, scenarioSample('a'), failure, keeper);
  const told = events.flatMap((event) => (event.kind === 'progress' ? [event.executions] : []));
  return { story, kept: keeper.kept, slot, told };
}

describe('followUp', () => {
  it('ends when the same thing breaks, and keeps it at once', async () => {
    const { story, kept } = await follow([violationSample(), other]);
    expect(story).toMatchObject({
      isSame: true,
      executions: 6,
      executionsToFind: 6,
      isInterrupted: false,
      problem: undefined,
      counterexample: { path: '5', seed: 42, scenario: { name: 'a' } },
    });
    expect(kept).toEqual([['5', firstOf(0)]]);
  });

  it('is not interrupted by what comes once it has found the same', async () => {
    const { story } = await follow([violationSample()], { stopsWhenFound: true });
    expect(story).toMatchObject({ isSame: true, isInterrupted: false });
  });

  it('goes on with other schedules if another thing breaks first', async () => {
    const { story, told } = await follow([other, other, violationSample()]);
    expect(story).toMatchObject({ isSame: true, executions: 18, executionsToFind: 18 });
    expect(story.counterexample?.path).toBe(campaignPath(firstOf(2), '5'));
    expect(told.at(-1)).toBe(18);
  });

  it('has the first of the others if the same is not found', async () => {
    const { story } = await follow([other, violationSample({ failure: { verdict: 'violation', invariant: 'size' } })]);
    expect(story).toMatchObject({ isSame: false, executionsToFind: 6, isInterrupted: true });
    expect(story.counterexample?.failure.invariant).toBe('order');
  });

  it('takes a livelock for the hang that stress has seen', async () => {
    const livelock = violationSample({ verdict: 'livelock', failure: { verdict: 'livelock', message: 'x' } });
    const { story } = await follow([livelock], { failure: { verdict: 'hang', message: 'nothing happens' } });
    expect(story.isSame).toBe(true);
  });

  it('searches no further for what the schedule does not decide', async () => {
    const { story, slot } = await follow([uncontrolled, violationSample()]);
    expect(story).toMatchObject({ isSame: false, executions: 6 });
    expect(slot.asked('explore')).toHaveLength(1);
  });

  it('has what was found by the time that something came in its way', async () => {
    const problem = new HarnessError('no more');
    const { story } = await follow([violationSample()], { problem });
    expect(story).toMatchObject({ isSame: true, problem, counterexample: { path: '5' } });
  });

  it('is interrupted if it is stopped with nothing found', async () => {
    const { story, slot } = await follow([violationSample()], { isStopped: () => true });
    expect(story).toMatchObject({ counterexample: null, isSame: false, executions: 0, isInterrupted: true });
    expect(slot.asked('explore')).toEqual([]);
  });
});
