import { execFile } from 'node:child_process';
import process, { cwd, exit } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { ExplorerPool } from '../harness/campaign/controlled/explorer-pool.js';
import { loadScenario, type LoadedScenario } from '../harness/campaign/controlled/load-scenario.js';
import { profiles } from '../harness/campaign/stress/profiles.js';
import { startStressProcess, type StressHost } from '../harness/campaign/stress/host.js';
import { compileScenario } from '../harness/instrument/bundle.js';
import { size } from './scenarios/stress-cost-work.js';

/*
 * The cost of the stress engine: one workload in a plain program with workers, and under the harness with everything off, with
 * watching, and with watching and scheduling points. The runs are interleaved, so that disturbances affect all alike. Prints
 * ratios of throughput to the bare program, as medians over pairs. `npm run bench:stress-cost -- --rounds 30`
 */

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' } } });
const rounds = Number(values.rounds);
const warmUpRounds = 4;
const projectDirectory = cwd();
const file = 'bench/scenarios/stress-cost.scenario.ts';

/** Each measurement starts the plain program again, because a repetition also loads its code afresh. */
async function runBare(): Promise<number> {
  const script = fileURLToPath(new URL('stress-cost-bare.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  return Number(stdout);
}

interface Variant {
  readonly name: string;
  readonly instrumented: boolean;
  readonly watched: boolean;
  readonly amplify: number;
}

const variants: readonly Variant[] = [
  { name: 'everything off', instrumented: false, watched: false, amplify: 0 },
  { name: 'watching', instrumented: false, watched: true, amplify: 0 },
  { name: 'watching, with points', instrumented: true, watched: true, amplify: 0 },
  { name: 'watching, amplified by 0.5', instrumented: true, watched: true, amplify: 0.5 },
];

async function openHost(scenario: LoadedScenario, variant: Variant): Promise<StressHost> {
  const host = await startStressProcess(false);
  const compiled = variant.instrumented
    ? scenario.compiled
    : await compileScenario({ file, projectDirectory, instrument: false });
  const { limits } = scenario.facts;
  await host.request({ kind: 'load', compiled, file, limits, ...variant });
  return host;
}

async function runUnderStress(host: StressHost, repetition: number): Promise<number> {
  const record = await host.request({
    kind: 'repeat',
    repetition,
    seed: repetition,
    profile: profiles.article,
    remainingMs: null,
  });
  if (record.kind !== 'repeated' || record.result.verdict !== 'held') throw new Error(JSON.stringify(record));
  return record.result.runningMs;
}

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? NaN;

const pool = new ExplorerPool({ explorers: 1 });
const scenario = await loadScenario(pool.first, projectDirectory, file);
const hosts = await Promise.all(variants.map((variant) => openHost(scenario, variant)));
const ratios = variants.map((): number[] => []);
const bareMs: number[] = [];
for (let round = 1; round <= rounds + warmUpRounds; round++) {
  const bare = await runBare();
  const times: number[] = [];
  for (const host of hosts) times.push(await runUnderStress(host, round));
  if (round <= warmUpRounds) continue;
  bareMs.push(bare);
  for (const [index, durationMs] of times.entries()) ratios[index]?.push(bare / durationMs);
}
console.log(`Node ${process.version}; ${size.writers * size.writes} writes through the dual queue, ${rounds} rounds`);
console.log(`  bare                          median ${median(bareMs).toFixed(1)} ms`);
for (const [index, { name }] of variants.entries()) {
  const sorted = (ratios[index] ?? []).toSorted((a, b) => a - b);
  const quartile = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? NaN).toFixed(2);
  console.log(
    `  ${name.padEnd(28)}  ${median(sorted).toFixed(2)} of bare throughput (quartiles ${quartile(0.25)} to ${quartile(0.75)})`,
  );
}
pool.close();
for (const host of hosts) host.kill();
exit();
