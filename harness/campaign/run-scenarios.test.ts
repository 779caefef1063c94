import { describe, expect, it } from 'vitest';
import { HarnessError } from '../errors.js';
import type { CampaignEvent } from '../results/events.js';
import type { ScenarioResult } from '../results/schema.js';
import { BreakingScenario, ExplorerFailure, type Breakage } from './breaking-scenario.js';
import type { LoadedScenario } from './controlled/load-scenario.js';
import type { ExploreRequest } from './controlled/protocol.js';
import { runScenarios } from './run-scenarios.js';
import { deathSample, exploredSample, PlayedSlot, scenarioSample, sessionSample } from './testing/doubles.js';

const scenariosNamed = (...names: readonly string[]): LoadedScenario[] => names.map((name) => scenarioSample(name));
const nine = scenariosNamed('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i');

interface Told {
  readonly events: CampaignEvent[];
  readonly breakages: Breakage[];
  /** The names of the scenarios that were finished, each time another was. */
  readonly finished: string[][];
  readonly error: unknown;
}

async function run(
  slots: readonly PlayedSlot[],
  scenarios: readonly LoadedScenario[],
  given: NonNullable<Parameters<typeof sessionSample>[1]> = {},
): Promise<Told> {
  const { session, events } = sessionSample(slots, { ...given, options: { runs: 128, ...given.options } });
  const breakages: Breakage[] = [];
  const finished: string[][] = [];
  const onResults = (results: ScenarioResult[]): void => void finished.push(results.map(({ name }) => name));
  const error: unknown = await runScenarios(session, scenarios, null, (each) => breakages.push(each), onResults).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { events, breakages, finished, error };
}

const namesOf = (events: readonly CampaignEvent[], kind: 'scenarioStarted' | 'scenarioFinished'): string[] =>
  events.flatMap((event) => {
    if (event.kind !== kind) return [];
    return event.kind === 'scenarioStarted' ? [event.name] : [event.result.name];
  });

/** A slot that takes so long for each scenario, or does what is given instead. */
const slow = (ticks: (name: string) => number, instead: (name: string) => void = () => undefined): PlayedSlot =>
  new PlayedSlot({
    explore: async (request, { facts }) => {
      for (let tick = 0; tick < ticks(facts!.name); tick++) await Promise.resolve();
      instead(facts!.name);
      return exploredSample(request as ExploreRequest);
    },
  });

describe('runScenarios', () => {
  it('tells of scenarios in their order, though several run at a time and later ones are quicker', async () => {
    const ticks = (name: string): number => (name === 'a' ? 200 : 1);
    const { events, finished, error } = await run([slow(ticks), slow(ticks)], nine);
    expect(error).toBeUndefined();
    const names = nine.map(({ facts }) => facts.name);
    expect(namesOf(events, 'scenarioStarted')).toEqual(names);
    expect(namesOf(events, 'scenarioFinished')).toEqual(names);
    // Nothing of one is told in the middle of another.
    const named = events.flatMap((event) => ('name' in event ? [event.name] : []));
    expect(named).toEqual([...named].sort());
    // What is finished is known before it is told, in the same order.
    expect(finished[0]).toEqual(['b']);
    expect(finished.at(-1)).toEqual(names);
    for (const soFar of finished) expect(soFar).toEqual([...soFar].sort());
  });

  it('gives each of many scenarios an explorer of its own, and all explorers to each of few', async () => {
    const alone = [new PlayedSlot(), new PlayedSlot()];
    await run(alone, nine, { options: { runs: 3 * 128 } });
    const [first, second] = alone.map(({ prepared }) => prepared.map(({ file }) => file));
    expect(first!.filter((file) => second!.includes(file))).toEqual([]);
    expect([...first!, ...second!].toSorted()).toEqual(nine.map(({ file }) => file));
    for (const options of [{ runs: 3 * 128 }, { runs: 3 * 128, budgetMs: 60_000 }]) {
      const shared = [slow(() => 3), slow(() => 3)];
      await run(shared, 'budgetMs' in options ? nine : nine.slice(0, 3), { options });
      for (const { requests } of shared) expect(requests.length).toBeGreaterThan(1);
      expect(shared[1]!.prepared).toEqual([]);
    }
  });

  it('says whether another scenario will follow', async () => {
    const slot = new PlayedSlot();
    await run([slot], nine.slice(0, 3));
    expect(slot.expectations).toEqual([true, true, false]);
  });

  it('tells of a file that breaks its explorer, and runs the others', async () => {
    const broken = new BreakingScenario('scenarios/b.scenario.ts', 'it changes Map');
    const slot = slow(
      () => 0,
      (name) => {
        if (name === 'b') throw broken;
      },
    );
    const { breakages, events, error } = await run([slot], nine.slice(0, 3));
    expect(error).toBeUndefined();
    expect(breakages).toEqual([broken]);
    expect(namesOf(events, 'scenarioFinished')).toEqual(['a', 'b', 'c']);
  });

  it('blames no file for an explorer that dies while it is being loaded', async () => {
    const slot = new PlayedSlot();
    const prepare = slot.prepare.bind(slot);
    slot.prepare = (scenario) => (scenario.facts?.name === 'b' ? Promise.reject(deathSample()) : prepare(scenario));
    const { breakages, finished } = await run([slot], nine.slice(0, 3));
    expect(breakages).toEqual([expect.any(ExplorerFailure)]);
    expect(breakages[0]?.file).toBe('scenarios/b.scenario.ts');
    expect(finished.at(-1)).toEqual(['a', 'c']);
  });

  it('ends at what comes in the way of all, when all that is finished has been told', async () => {
    const wrong = new HarnessError('the disk is full');
    const slot = slow(
      () => 0,
      (name) => {
        if (name === 'c') throw wrong;
      },
    );
    const { error, finished, events } = await run([slot], nine);
    expect(error).toBe(wrong);
    expect(slot.closed).toBe(true);
    expect(finished.at(-1)).toEqual(['a', 'b', 'c']);
    expect(namesOf(events, 'scenarioFinished')).toEqual(['a', 'b', 'c']);
  });

  it('begins no scenario once the run is stopped', async () => {
    const slot = new PlayedSlot();
    const { error, finished } = await run([slot], nine, { isStopped: () => slot.prepared.length === 3 });
    expect(error).toBeUndefined();
    expect(finished.at(-1)).toEqual(['a', 'b', 'c']);
  });
});
