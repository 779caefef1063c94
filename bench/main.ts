import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { allowedProcessors } from '../harness/campaign/controlled/host.js';
import { measureArrayCode } from './measure-array-code.js';
import { measureEngine } from './measure-engine.js';
import { measureExplorers } from './measure-explorers.js';
import { measureFastCheckScheduler } from './measure-fast-check-scheduler.js';
import { measureWorkers } from './measure-workers.js';
import type { Measurement } from './measurement.js';

/*
 * All measurements in one run, and the ratios that matter. The process pins itself to one core, like explorers, if the
 * platform supports it. Compare the ratios of different runs, not the numbers.
 */

const pinnedMark = 'THREADMILL_BENCH_PINNED';

function pinned(): boolean {
  if (process.env[pinnedMark] !== undefined) return process.env[pinnedMark] === 'yes';
  const processor = allowedProcessors()[0];
  if (processor === undefined) return false;
  const script = fileURLToPath(import.meta.url);
  const again = spawnSync('taskset', ['-c', String(processor), process.execPath, ...process.execArgv, script], {
    stdio: 'inherit',
    env: { ...process.env, [pinnedMark]: 'yes' },
  });
  if (again.error !== undefined) return false;
  process.exit(again.status ?? 1);
}

const print = (measurement: Measurement): void => {
  const rate = Math.round(measurement.perSecond).toLocaleString('en');
  const margin = `±${measurement.marginPercent.toFixed(1)} %`;
  console.log(
    `  ${measurement.name.padEnd(46)} ${rate.padStart(14)} ${measurement.unit.padEnd(22)} ${margin.padStart(8)}  ${measurement.samples} samples`,
  );
};

const isPinned = pinned();
const measurements: Measurement[] = [];
const processor = cpus()[0]?.model.trim() ?? 'unknown';
console.log(`Node ${process.version}, ${processor}, ${isPinned ? 'pinned to one core' : 'not pinned'}; medians\n`);
for (const measure of [measureEngine, measureFastCheckScheduler, measureExplorers, measureWorkers, measureArrayCode]) {
  for (const measurement of await measure()) {
    print(measurement);
    measurements.push(measurement);
  }
}

const rateOf = (name: string): number => {
  const found = measurements.find((measurement) => measurement.name === name);
  if (found === undefined) throw new Error(`no measurement "${name}"`);
  return found.perSecond;
};
const ratios = [
  {
    name: 'started workers / declared writers',
    value: rateOf('two started workers exchange ten messages') / rateOf('two writers exchange ten messages'),
    wanted: 0.5,
  },
  {
    name: 'engine switches / bare handoffs',
    value: rateOf('engine, a switch at every step') / rateOf('bare handoffs'),
    wanted: 0.6,
  },
  {
    name: 'explorer, preemptions / fc.scheduler()',
    value: rateOf('one explorer, preemptions') / rateOf("fast-check's own scheduler"),
    wanted: 3,
  },
  {
    name: 'explorer, mix / fc.scheduler()',
    value: rateOf('one explorer, mix') / rateOf("fast-check's own scheduler"),
    wanted: 2,
  },
  ...(allowedProcessors().length > 1 || process.env['THREADMILL_BENCH_PINNED'] === 'yes'
    ? [{ name: 'two explorers / one', value: rateOf('two explorers, mix') / rateOf('one explorer, mix'), wanted: 1.5 }]
    : []),
  {
    name: 'plain-array sum, instrumented / bare',
    value: rateOf('plain array sum, instrumented') / rateOf('plain array sum, bare'),
    wanted: 0.5,
  },
  {
    name: 'plain-array reverse, instrumented / bare',
    value: rateOf('plain array reverse, instrumented') / rateOf('plain array reverse, bare'),
    wanted: 0.5,
  },
];
console.log('');
for (const { name, value, wanted } of ratios) {
  console.log(`  ${name.padEnd(46)} ${value.toFixed(2).padStart(8)}   expected at least ${wanted}`);
}

const folder = 'results/bench';
mkdirSync(folder, { recursive: true });
const startedAt = new Date().toISOString();
const file = `${folder}/${startedAt.replaceAll(/[:.]/g, '-')}.json`;
writeFileSync(
  file,
  `${JSON.stringify({ node: process.version, processor, pinned: isPinned, startedAt, measurements, ratios }, null, 2)}\n`,
);
console.log(`\nwritten to ${file}`);
process.exit();
