import { cwd, exit } from 'node:process';
import { parseArgs } from 'node:util';
import { ExplorerPool } from '../harness/campaign/controlled/explorer-pool.js';
import { findScenarioFiles } from '../harness/campaign/find-scenario-files.js';
import { loadScenario, type LoadedScenario } from '../harness/campaign/controlled/load-scenario.js';
import { profileNames, profiles } from '../harness/campaign/stress/profiles.js';
import { meetsUnderStress } from '../harness/scenario/same-verdict.js';
import { runRepetitions } from '../harness/campaign/stress/repetitions.js';

/*
 * How many repetitions of the stress engine it takes to find each known-bad scenario, with amplification and without, as a
 * table in Markdown. `npm run bench:stress -- --repeat 10 --seeds 3 scenarios/unsynchronised`
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    repeat: { type: 'string', default: '10' },
    seeds: { type: 'string', default: '1' },
    profile: { type: 'string', default: 'article' },
    amplify: { type: 'string', multiple: true, default: ['0', '0.5'] },
  },
});
const repetitions = Number(values.repeat);
const seeds = Number(values.seeds);
const profile = profiles[profileNames.find((name) => name === values.profile) ?? 'article'];
const intensities = values.amplify.map(Number);

/** Such as `2 (5,001)`: the repetition, and the number of executions until then. */
async function find(scenario: LoadedScenario, amplify: number, seed: number): Promise<string> {
  const { done, problem } = await runRepetitions(scenario, scenario.compiled, {
    seed,
    profile,
    amplify,
    instrumented: true,
    watched: true,
    repetitions,
    deadline: Infinity,
    shard: { index: 0, count: 1 },
    showOutput: false,
    signal: undefined,
    onProgress: () => undefined,
    onRepetition: () => undefined,
  });
  if (problem !== undefined) throw problem;
  const last = done.at(-1);
  const executions = done.reduce((sum, repetition) => sum + repetition.executions, 0);
  if (last === undefined || last.verdict === 'held') return `- (${executions})`;
  const { verdict, failure } = last;
  const found = meetsUnderStress(scenario.facts.expected, verdict, failure?.invariant ?? null);
  const other = found ? '' : ` ${[verdict, failure?.invariant].join(' ').trim()}`;
  return `${last.repetition} (${executions})${other}`;
}

const pool = new ExplorerPool({ explorers: 1 });
const projectDirectory = cwd();
console.log(`| scenario | ${intensities.map((amplify) => `amplify ${amplify}`).join(' | ')} |`);
console.log(`| --- |${' --- |'.repeat(intensities.length)}`);
for (const file of await findScenarioFiles(projectDirectory, positionals)) {
  const scenario = await loadScenario(pool.first, projectDirectory, file);
  if (scenario.facts.expected === 'held') continue;
  const cells: string[] = [];
  for (const amplify of intensities) {
    const found: string[] = [];
    for (let seed = 1; seed <= seeds; seed++) found.push(await find(scenario, amplify, seed));
    cells.push(found.join(', '));
  }
  console.log(`| ${scenario.file.replace(/^scenarios\/|\.scenario\.ts$/g, '')} | ${cells.join(' | ')} |`);
}
pool.close();
exit();
