#!/usr/bin/env node
import process from 'node:process';
import { campaign } from './campaign.js';
import { exitCodes } from './exit-codes.js';
import { runProgram } from './program.js';
import { watchSignals } from './signals.js';
import { watchOutput } from './watch-output.js';

const exitTimeoutMs = 5_000;

const output = watchOutput(process.stdout, process.stderr);
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
await Promise.all([flush(process.stdout), flush(process.stderr)]);
const workExitCode = output.hasFailed ? exitCodes.harness : exitCode;
process.exitCode = caught === undefined ? workExitCode : exitCodes.interrupted[caught];
// Waits for explorers that are exiting, so that none is left as a zombie, but not without limit.
setTimeout(() => process.exit(), exitTimeoutMs).unref();

/** Waits until a stream has written everything. */
function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (!stream.writable) resolve();
    else stream.write('', () => resolve());
  });
}
