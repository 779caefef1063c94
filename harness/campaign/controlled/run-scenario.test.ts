import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { HarnessError } from '../../errors.js';
import { counterexampleSample } from '../../report/testing/samples.js';
import type { CampaignEvent } from '../../results/events.js';
import { saveCounterexample } from '../../results/folder.js';
import type { CorpusEntry } from '../../results/read-counterexample.js';
import type { Counterexample } from '../../results/schema.js';
import type { RunOptions } from '../api.js';
import { campaignPath, chunkExecutions, chunkNumber, chunkSeed } from '../chunks.js';
import {
  deathSample,
  exploredSample,
  foundSample,
  heldSample,
  PlayedSlot,
  scenarioSample,
  sessionSample,
  violationSample,
} from '../testing/doubles.js';
import { encodeFailure } from './found-failure.js';
import type { LoadedScenario } from './load-scenario.js';
import type { ExploreRequest } from './protocol.js';
import { runScenario, type ScenarioRun } from './run-scenario.js';

/** A project with the file of a scenario, so that what fails in it can be kept. */
function makeProject(): string {
  const project = mkdtempSync(path.join(tmpdir(), 'threadmill-run-'));
  mkdirSync(path.join(project, 'scenarios'));
  writeFileSync(path.join(project, 'scenarios/a.scenario.ts'), '');
  return project;
}

const corpusOf = (project: string): string[] => {
  const folder = path.join(project, 'results/corpus');
  return existsSync(folder) ? readdirSync(folder) : [];
};

interface Given {
  readonly scenario?: LoadedScenario;
  readonly options?: Partial<RunOptions>;
  readonly corpus?: readonly CorpusEntry[];
  readonly isStopped?: () => boolean;
}

async function run(
  slot: PlayedSlot,
  { scenario = scenarioSample('a'), ...given }: Given = {},
): Promise<ScenarioRun & { readonly events: CampaignEvent[] }> {
  const { session, events } = sessionSample([slot], given);
  return { ...(await runScenario(session, scenario)), events };
}

/** A slot whose executions fail in these chunks, by their seeds. */
function failingIn(seeds: readonly number[], failure = foundSample('7:1')): PlayedSlot {
  return new PlayedSlot({
    explore: (request, _, tell) => {
      const asked = request as ExploreRequest;
      if (!seeds.includes(asked.seed)) return exploredSample(asked);
      tell({ kind: 'found', invocation: 8, executions: 8, failure: encodeFailure(failure) });
      return { ...exploredSample(asked, failure), executions: 8 };
    },
  });
}

const seedOf = (index: number, repetition = 0): number =>
  chunkSeed(42, chunkNumber({ repetition, shardIndex: 0, shardCount: 1 }, index));

/** What an earlier run has found in the scenario. */
const entryOf = (changes: Partial<Counterexample> = {}): CorpusEntry => ({
  file: 'results/corpus/old.json',
  counterexample: counterexampleSample({
    scenario: { name: 'a', file: 'scenarios/a.scenario.ts' },
    traceHash: 'ab',
    path: '3',
    ...changes,
  }),
});

describe('runScenario', () => {
  it('explores as many executions as are asked for, and says that the scenario held', async () => {
    const slot = new PlayedSlot();
    const { result, problem, events } = await run(slot, { options: { runs: 300, repeat: 2 } });
    expect(slot.asked('explore').map(({ executions }) => executions)).toEqual([128, 128, 44, 128, 128, 44]);
    expect(problem).toBeUndefined();
    expect(result).toMatchObject({
      name: 'a',
      file: 'scenarios/a.scenario.ts',
      verdict: 'held',
      met: true,
      executions: 600,
      schedulingPoints: 1_800,
      switches: 600,
      executionsToFind: null,
      counterexample: null,
      notes: [],
    });
    expect(events.at(0)).toMatchObject({ kind: 'scenarioStarted', plannedExecutions: 600 });
    expect(events.at(-1)).toEqual({ kind: 'scenarioFinished', result, counterexample: null });
  });

  it('keeps what it finds at once, and as it is in the end', async () => {
    const projectDirectory = makeProject();
    const kept: number[] = [];
    const slot = new PlayedSlot({
      explore: (request, _, tell) => {
        for (const place of ['7', '7:1']) {
          tell({ kind: 'found', invocation: 8, executions: 8, failure: encodeFailure(foundSample(place)) });
          kept.push(corpusOf(projectDirectory).length);
        }
        return { ...exploredSample(request as ExploreRequest, foundSample('7:1:0')), executions: 8 };
      },
    });
    const { result, events } = await run(slot, { options: { projectDirectory, save: true } });
    expect(kept).toEqual([1, 1]);
    expect(result).toMatchObject({
      verdict: 'violation',
      invariant: 'count',
      met: false,
      executionsToFind: 8,
      path: '7:1:0',
      counterexample: { file: `results/corpus/${corpusOf(projectDirectory)[0]}` },
    });
    expect(events.at(-1)).toMatchObject({ counterexample: { path: '7:1:0', seed: 42 } });
  });

  it('ends at the repetition in which the scenario does not do what it should', async () => {
    const slot = failingIn([seedOf(0, 1)]);
    const { result } = await run(slot, { options: { runs: 128, repeat: 3 } });
    expect(result).toMatchObject({
      verdict: 'violation',
      executions: chunkExecutions + 8,
      path: campaignPath(chunkNumber({ repetition: 1, shardIndex: 0, shardCount: 1 }, 0), '7:1'),
    });
    const expected = { verdict: 'violation', invariant: 'count' } as const;
    const all = failingIn([0, 1, 2].map((repetition) => seedOf(0, repetition)));
    const met = await run(all, { scenario: scenarioSample('a', { expected }), options: { runs: 128, repeat: 3 } });
    expect(met.result).toMatchObject({ met: true, executions: 24 });
    const missed = await run(failingIn([seedOf(0, 0)]), {
      scenario: scenarioSample('a', { expected }),
      options: { runs: 128, repeat: 3 },
    });
    expect(missed.result).toMatchObject({ met: false, verdict: 'held', counterexample: null });
  });

  it('explores nothing if what an earlier run has found still fails', async () => {
    const slot = new PlayedSlot({ replay: () => ({ kind: 'replayed', executionResult: violationSample() }) });
    const { result } = await run(slot, { corpus: [entryOf()] });
    expect(slot.asked('explore')).toEqual([]);
    expect(result).toMatchObject({ verdict: 'violation', executions: 0, executionsToFind: null, path: '3' });
  });

  it('makes an old counterexample smaller that was left half way', async () => {
    const slot = new PlayedSlot({
      replay: () => ({ kind: 'replayed', executionResult: violationSample() }),
      explore: (request) => exploredSample(request as ExploreRequest, foundSample('3:0')),
    });
    const { result } = await run(slot, { corpus: [entryOf({ shrinkingEnded: 'interrupted' })] });
    expect(slot.asked('explore')).toEqual([expect.objectContaining({ path: '3', shrinks: true })]);
    expect(result).toMatchObject({ verdict: 'violation', path: '3:0' });
    // What it comes to must break the same thing.
    const other = new PlayedSlot({
      replay: () => ({ kind: 'replayed', executionResult: violationSample() }),
      explore: (request) => {
        const executionResult = violationSample({ verdict: 'crash', failure: { verdict: 'crash', message: 'x' } });
        return exploredSample(request as ExploreRequest, foundSample('3:0', { executionResult }));
      },
    });
    const kept = await run(other, { corpus: [entryOf({ shrinkingEnded: 'interrupted' })] });
    expect(kept.result).toMatchObject({ verdict: 'violation', path: '3' });
  });

  it('saves no second counterexample of an expected failure that the corpus shows', async () => {
    const projectDirectory = makeProject();
    const { file } = saveCounterexample(projectDirectory, entryOf().counterexample);
    const slot = new PlayedSlot({
      replay: () => ({ kind: 'replayed', executionResult: violationSample() }),
      explore: (request) => exploredSample(request as ExploreRequest, foundSample('7')),
    });
    const scenario = scenarioSample('a', { expected: { verdict: 'violation', invariant: 'count' } });
    const { result } = await run(slot, {
      scenario,
      corpus: [{ ...entryOf(), file }],
      options: { projectDirectory, save: true },
    });
    expect(result).toMatchObject({ met: true, counterexample: { file: null } });
    expect(corpusOf(projectDirectory)).toEqual([path.basename(file)]);
  });

  it('performs one execution of a path, whatever the corpus has', async () => {
    const slot = new PlayedSlot();
    const { result, events } = await run(slot, {
      corpus: [entryOf()],
      options: { path: '5:0', repeat: 4 },
    });
    expect(slot.requests.map(({ kind }) => kind)).toEqual(['probe', 'explore']);
    expect(events[0]).toMatchObject({ plannedExecutions: 1 });
    expect(result.notes).toEqual([expect.stringContaining('this seed and path')]);
  });

  it('says so when nothing falls to a shard', async () => {
    const { result } = await run(new PlayedSlot(), { options: { runs: 128, shard: { index: 2, count: 2 } } });
    expect(result.notes).toEqual([expect.stringContaining('this shard has nothing to run: 128 executions')]);
    expect(result.executions).toBe(0);
  });

  it('says what a large store costs', async () => {
    const scenario = scenarioSample('a', { storeCopy: { mebibytes: 12, durationMs: 3 } });
    expect((await run(new PlayedSlot(), { scenario })).result.notes).toEqual([expect.stringContaining('12 MiB')]);
  });

  it('does not say that what was not finished held', async () => {
    const slot = new PlayedSlot();
    const { result, problem } = await run(slot, { isStopped: () => slot.asked('explore').length === 3 });
    expect(result).toMatchObject({ verdict: 'interrupted', met: false, executions: 3 * chunkExecutions });
    expect(problem).toBeUndefined();
    const silent = new PlayedSlot({
      probe: () => {
        silent.close();
        throw deathSample();
      },
    });
    const ended = await run(silent, { isStopped: () => silent.closed });
    expect(ended).toMatchObject({ result: { verdict: 'interrupted' }, problem: undefined });
  });

  it('has what was found by the time that something came in its way', async () => {
    const broken = new HarnessError('no more');
    const slot = new PlayedSlot({
      explore: (_, __, tell) => {
        tell({ kind: 'found', invocation: 8, executions: 8, failure: encodeFailure(foundSample('7')) });
        throw broken;
      },
    });
    const { result, problem, events } = await run(slot);
    expect(problem).toBe(broken);
    expect(result).toMatchObject({ verdict: 'violation', path: '7' });
    expect(events.at(-1)).toMatchObject({ kind: 'scenarioFinished' });
  });

  it('takes back what was told of and is none in the end', async () => {
    const slot = new PlayedSlot({
      replay: () => ({ kind: 'replayed', executionResult: heldSample() }),
      explore: (request, _, tell) => {
        tell({ kind: 'found', invocation: 8, executions: 8, failure: encodeFailure(foundSample('7')) });
        const executionResult = violationSample({
          verdict: 'uncontrolled',
          failure: { verdict: 'uncontrolled', message: 'two traces' },
        });
        return exploredSample(request as ExploreRequest, foundSample('7', { executionResult }));
      },
    });
    const projectDirectory = makeProject();
    const { result } = await run(slot, { options: { projectDirectory, save: true } });
    expect(result).toMatchObject({ verdict: 'uncontrolled', counterexample: { file: null } });
    expect(corpusOf(projectDirectory)).toEqual([]);
  });
});
