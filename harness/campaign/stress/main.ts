import * as fastCheck from 'fast-check';
import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { presentAsProgram, showsOutput } from '../../engine/command-line.js';
import { describeThrown, thrownMessage } from '../../describe-thrown.js';
import { connectOutput } from '../../engine/controlled/program-output.js';
import { writeReply } from '../../engine/reply-channel.js';
import { createStressMemory, MEMORY_LIMIT, TIMEOUT_MS } from '../../engine/stress/layout.js';
import { StressEngine } from '../../engine/stress/engine.js';
import { Watch } from '../../engine/stress/watch.js';
import type { WatchdogData } from '../../engine/stress/watchdog-protocol.js';
import { validateScenario } from '../../scenario/validate.js';
import { InvalidScenario } from '../../scenario/validate-draws.js';
import { Repeater } from './repeater.js';
import type { StressReply, StressRequest } from './protocol.js';
import { threadFile } from '../../entry-file.js';

/**
 * The stress process, which runs one scenario under stress: its main thread is the main agent. Whatever the program under
 * test does to it, its parent survives and has what was finished. It never outlives its parent.
 */

const send = (reply: StressReply): void => {
  writeReply(writeSync, reply);
};

const parentProcess = Number(process.argv[2]);
let repeater: Repeater | undefined;

async function load(request: Extract<StressRequest, { kind: 'load' }>): Promise<void> {
  const { compiled, limits, instrumented, amplify, watched, file } = request;
  presentAsProgram(compiled.file);
  const words = createStressMemory();
  words[TIMEOUT_MS] = limits.stressTimeoutMs;
  words[MEMORY_LIMIT] = limits.memoryMiB;
  const data: WatchdogData = { words, sites: compiled.sites, parentProcess };
  new Worker(threadFile('../../engine/stress/watchdog', import.meta.url), { workerData: data }).unref();
  const setting = { compiled, instrumented, amplify, historyEvents: limits.historyEvents };
  const engine = new StressEngine(words, setting, limits.workerHeapMiB, fastCheck);
  const scenario = validateScenario(await engine.load(), file);
  repeater = new Repeater(engine, scenario, file, watched ? new Watch(engine, compiled.sites) : undefined);
  send({ kind: 'loaded' });
}

async function handle(request: StressRequest): Promise<void> {
  if (request.kind === 'load') {
    await load(request);
    return;
  }
  if (repeater === undefined) throw new Error('no scenario is loaded');
  const { result, isStuck } = await repeater.repeat(request, (executions) => send({ kind: 'progress', executions }));
  send({ kind: 'repeated', result, isStuck });
}

process.on('message', (request: StressRequest) => {
  handle(request).catch((error: unknown) => {
    if (error instanceof InvalidScenario) send({ kind: 'invalid', message: error.message });
    else {
      const thrown = describeThrown(error);
      send({ kind: 'broken', message: thrown.stack ?? thrownMessage(thrown) });
    }
  });
});
process.on('disconnect', () => {
  process.exit();
});
// Ctrl-C reaches the whole process group; the parent decides when to stop.
process.on('SIGINT', () => undefined);
if (showsOutput()) connectOutput();
send({ kind: 'ready' });
