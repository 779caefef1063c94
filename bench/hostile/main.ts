import process from 'node:process';
import { Command, InvalidArgumentError } from 'commander';
import { recordBridges } from 'threadmill/bridges/records';
import { repeat } from './repetition.js';
import { workload } from './workload.js';

/*
 * The article's hostile test in real time, without an engine: 8 threads write 5,000 keys while 100 coroutines read in a
 * loop, through every bridge that carries records.
 */

const wholeNumber = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Expected a whole number, at least 1.');
  return value;
};

const {
  repetitions,
  bridge: name,
  variant,
} = new Command('hostile')
  .description(
    'Puts the hostile workload through bridges, on threads that really run at once. Exits with 1 on a violation.',
  )
  .option('--repetitions <number>', 'repetitions of each bridge', wholeNumber, 50)
  .option('--bridge <name>', 'only this bridge')
  .option('--variant <name>', 'published or hardened', 'hardened')
  .parse()
  .opts<{ repetitions: number; bridge?: string; variant: string }>();

const bridges = recordBridges().filter(
  (candidate) => candidate.variant === variant && candidate.name === (name ?? candidate.name),
);
if (bridges.length === 0) {
  const known = recordBridges()
    .map((candidate) => `${candidate.name} (${candidate.variant})`)
    .join(', ');
  console.error(`Unknown bridge. These bridges carry records: ${known}.`);
  process.exit(2);
}

const { writers, keys, readers } = workload;
console.log(
  `${writers} writers, ${keys} keys, ${readers} readers, ${repetitions} repetitions each; Node ${process.version}\n`,
);
for (const bridge of bridges) {
  const durationsMs: number[] = [];
  let violation: string | undefined;
  for (let done = 1; done <= repetitions && violation === undefined; done++) {
    if (process.stderr.isTTY) process.stderr.write(`\r${bridge.name} ${done}/${repetitions} `);
    const { violations, durationMs } = await repeat(bridge);
    durationsMs.push(durationMs);
    violation = violations[0];
  }
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[2K');
  durationsMs.sort((first, second) => first - second);
  const medianMs = durationsMs[durationsMs.length >> 1] ?? 0;
  const outcome =
    violation === undefined
      ? `held ${durationsMs.length} times`
      : `broke in repetition ${durationsMs.length}: ${violation}`;
  console.log(`  ${bridge.name.padEnd(20)} ${bridge.variant.padEnd(10)} ${outcome}; median ${medianMs.toFixed(0)} ms`);
  if (violation !== undefined) process.exitCode = 1;
}
