import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../errors.js';
import { planProblem } from '../campaign/controlled/check-plan.js';
import { namedScenarioFile } from '../campaign/named-scenario.js';
import { planOf } from '../campaign/controlled/replay-plan.js';
import {
  counterexampleSample,
  operationSample,
  runRecordSample,
  scenarioResultSample,
} from '../report/testing/samples.js';
import { readKeptRuns } from '../results/read-runs.js';
import type { Counterexample } from '../results/schema.js';
import { readCorpus, readCounterexample } from '../results/read-counterexample.js';
import { mutatedJson } from '../results/testing/mutations.js';
import type { AnyScenario } from '../scenario/any-scenario.js';
import { exitCodes } from './exit-codes.js';
import { runCommand } from './testing/command.js';

const secret = 'DO-NOT-SHOW-THIS';
const known = 'a line that everybody knows';
/** Has a line that a trace can name, an empty line, and lines that a trace must not reach. */
const secrets = `${secret}1\n${known}\n\n${secret}2\n{\n${secret}3\n`;
const scenarioFile = 'scenarios/counter/load-then-store.scenario.ts';
const scenario: AnyScenario = {
  name: 'counter: load then store',
  store: () => 0,
  params: { increments: fc.nat() },
  writers: { count: 2, run: () => undefined },
  readers: { count: 1, run: () => undefined },
};

let projectDirectory: string;
const inProject = (file: string): string => path.join(projectDirectory, file);

beforeAll(() => {
  projectDirectory = path.join(mkdtempSync(path.join(tmpdir(), 'threadmill-hostile-')), 'project');
  for (const folder of ['results/corpus', 'results/runs', path.dirname(scenarioFile), '../outside']) {
    mkdirSync(inProject(folder), { recursive: true });
  }
  for (const file of ['.env', 'secrets.ts', '../outside/evil.txt', '../outside/evil.scenario.ts']) {
    writeFileSync(inProject(file), secrets);
  }
  for (const file of ['package.json', 'scenarios/data.json']) {
    writeFileSync(inProject(file), JSON.stringify({ secret }, null, 2));
  }
  writeFileSync(inProject(scenarioFile), `import data from '../data.json';\n\n\nexport default [\n  data,\n];\n`);
});

/** Operations that claim places in files that are not code of the scenario. */
const foreignPlace = fc.record({
  file: fc.constantFrom('.env', './.env', 'package.json', 'secrets.ts', 'scenarios/data.json', '../outside/evil.txt', 'threadmill:../.env'), // prettier-ignore
  line: fc.integer({ min: -1, max: 7 }),
  source: fc.constantFrom('', ' ', known, '{', '}'),
});
const withForeignPlaces = fc.array(foreignPlace, { maxLength: 5 }).map((places) =>
  counterexampleSample({
    trace: places.map(({ file, line, source }, step) =>
      operationSample(step, 1, { site: { file, line, column: 1 }, source }),
    ),
  }),
);
const hostileCounterexample = fc.oneof(
  { arbitrary: withForeignPlaces.chain(mutatedJson), weight: 2 },
  { arbitrary: withForeignPlaces.map((counterexample) => JSON.stringify(counterexample)), weight: 1 },
);
const hostileRecord = mutatedJson(runRecordSample([scenarioResultSample()]));

const keysOfPrototypes = (): readonly PropertyKey[][] =>
  [Object.prototype, Array.prototype, Map.prototype].map((prototype) => Reflect.ownKeys(prototype));

describe('a counterexample that anybody may have written', () => {
  it('is read, or is told what is wrong with it: nothing else, and nobody is harmed', () => {
    const before = keysOfPrototypes();
    fc.assert(
      fc.property(hostileCounterexample, (text) => {
        writeFileSync(inProject('results/corpus/a.json'), text);
        const { entries, problems } = readCorpus(projectDirectory);
        expect(entries.length + problems.length).toBe(1);
        for (const problem of problems) {
          expect(problem).toMatch(/^results\/corpus\/a\.json .*[.]$/s);
          expect(problem.length).toBeLessThan(1_000);
          expect(() => readCounterexample(inProject('results/corpus/a.json'))).toThrow(UsageError);
        }
        for (const { counterexample } of entries) expectUsable(counterexample);
        expect(keysOfPrototypes()).toEqual(before);
      }),
      { numRuns: 200 },
    );
    rmSync(inProject('results/corpus/a.json'));
  });

  function expectUsable(counterexample: Counterexample): void {
    const { writers, readers, agents, trace, schedule } = counterexample;
    expect(writers >= 1 && writers <= 64 && readers >= 0 && readers <= 1_000).toBe(true);
    expect(agents).toHaveLength(writers + 1);
    for (const { agent } of trace) expect(agents).toHaveProperty(String(agent));
    for (const { step } of schedule.preemptions) expect(step | 0).toBe(step);
    for (const choice of schedule.choices) expect(choice | 0).toBe(choice);
    expect(() => planProblem(planOf(counterexample), scenario)).not.toThrow();
    try {
      expect(namedScenarioFile(projectDirectory, counterexample.scenario, 'a.json')).toBe(inProject(scenarioFile));
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
    }
  }

  it('becomes a page that has lines of the scenario alone, or an error', async () => {
    let pages = 0;
    await fc.assert(
      fc.asyncProperty(hostileCounterexample, async (text) => {
        writeFileSync(inProject('a.json'), text);
        const { exitCode, stdout, stderr } = await runCommand(['report', 'a.json'], {}, { projectDirectory });
        expect([exitCodes.met, exitCodes.usage]).toContain(exitCode);
        expect(stdout + stderr).not.toContain(secret);
        if (exitCode !== exitCodes.met) return;
        pages++;
        expect(readFileSync(inProject('a.html'), 'utf8').includes(secret)).toBe(false);
        if (text.includes(`"${scenarioFile}"},"failure"`)) expect(stdout).toBe('Wrote the page to a.html\n');
      }),
      { numRuns: 60 },
    );
    expect(pages).toBeGreaterThan(0);
  });
});

describe('a record that anybody may have written', () => {
  it('is merged and told, or is told what is wrong with it', async () => {
    await fc.assert(
      fc.asyncProperty(hostileRecord, async (text) => {
        writeFileSync(inProject('results/runs/a.json'), text);
        const { runs, problems } = readKeptRuns(projectDirectory);
        expect(runs.length + problems.length).toBe(1);
        const merged = await runCommand(['merge', 'results/runs/a.json'], {}, { projectDirectory });
        expect([exitCodes.met, exitCodes.unmet, exitCodes.usage]).toContain(merged.exitCode);
        if (problems.length > 0) expect(merged.exitCode).toBe(exitCodes.usage);
        const told = await runCommand(['history'], {}, { projectDirectory });
        expect(told).toMatchObject({ exitCode: exitCodes.met, stderr: '' });
      }),
      { numRuns: 100 },
    );
    rmSync(inProject('results/runs/a.json'));
  });
});
