#!/usr/bin/env node
import process from 'node:process';
import { campaign } from './campaign.js';
import { exitCodes } from './exit-codes.js';
import { runProgram } from './program.js';
import { watchSignals } from './signals.js';

const exitTimeoutMs = 5_000;

// Whoever read our output may stop reading (`| head`): that is no reason to lose the run.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const interruption = watchSignals(process, process.stderr);
const exitCode = await runProgram(process.argv.slice(2), {
  projectDirectory: process.cwd(),
  environment: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interruption.signal,
  campaign,
});
const { caught } = interruption;
process.exitCode = caught === undefined ? exitCode : exitCodes.interrupted[caught];
await Promise.all([flush(process.stdout), flush(process.stderr)]);
// Explorers that are on their way out are waited for, so that none is left behind as a zombie; but not for ever.
setTimeout(() => process.exit(), exitTimeoutMs).unref();

/** Waits until a pipe has taken all that was written to it. */
function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (!stream.writable) resolve();
    else stream.write('', () => resolve());
  });
}
