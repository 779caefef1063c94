import { writeSync } from 'node:fs';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { lastTraceEntries } from '../../kernel/trace.js';
import { siteHashesOf } from './site-hashes.js';
import type { CompiledScenario } from '../../instrument/compiled.js';
import * as at from '../../kernel/layout.js';
import { endReasons, type KernelMemory } from '../../kernel/layout.js';
import { agentInSentence } from '../../results/agent-name.js';
import type { FailureVerdict } from '../../scenario/verdict.js';
import { noTraceHash, type ExecutionResult } from '../execution-result.js';
import { describeHeapExceeded } from '../memory-use.js';
import { writeReply } from '../reply-channel.js';
import { MemoryWatch } from './memory-watch.js';
import { ResultReader } from './read-result.js';
import type { FatalReply, WatchdogRequest } from './watchdog-protocol.js';
import type { WorkerAgentData } from './worker-protocol.js';
import { spellPlace } from '../../place.js';
import { threadFile } from '../../entry-file.js';

const pollMs = 25;
/** A process without processor time is starved, not hung: real time counts only as a last resort. */
const realTimeFactor = 15;
/** Operations of a trace that an ending explorer hands over. */
const fatalTraceLength = 2_000;

const { memory, showOutput } = workerData as { readonly memory: KernelMemory; readonly showOutput: boolean };
const { words } = memory;
const memoryWatch = new MemoryWatch(words);
const parentProcess = process.ppid;
/** How many operations at the end of the trace are searched for the last one of an agent that hangs. */
const searchedEntries = 10_000;
let compiled: CompiledScenario | undefined;
let workerHeapMiB = 0;
let traceLength = fatalTraceLength;
let workers: Worker[] = [];

/**
 * Gives up on the process: records the state of the execution, and kills the process. The threads share one memory and one of
 * them cannot be stopped, so nothing less is enough.
 *
 * @param isExact whether it would be at the same step each time
 */
function giveUp(verdict: FailureVerdict, message: string, isExact = true): void {
  if (compiled === undefined || words[at.LOADING] === 1) {
    const record: FatalReply = { kind: 'fatal', invocation: 0, executionResult: resultOfLoading(verdict, message) };
    writeReply(writeSync, record);
  } else {
    const siteHashes = siteHashesOf(compiled);
    const reader = new ResultReader(memory, compiled, siteHashes);
    const limit = Math.min(traceLength, fatalTraceLength);
    const reason = words[at.END_REASON]!;
    const hadEnded = reason !== endReasons.none && reason !== endReasons.done;
    const fatal = hadEnded ? reader.read(limit) : reader.readFatal(verdict, message, limit);
    const executionResult = isExact || hadEnded ? fatal : { ...fatal, traceHash: noTraceHash };
    const record: FatalReply = { kind: 'fatal', invocation: words[at.INVOCATION]!, executionResult };
    writeReply(writeSync, record);
  }
  process.kill(process.pid, 'SIGKILL');
}

function resultOfLoading(verdict: FailureVerdict, message: string): ExecutionResult {
  const failure = { verdict, message, step: 0 };
  return { verdict, failure, steps: 0, switches: 0, preemptions: 0, traceHash: noTraceHash, trace: [] };
}

function whereItStands(): string {
  const agent = words[at.TURN]!;
  const last = lastTraceEntries(memory, searchedEntries).findLast((entry) => entry.agent === agent && entry.site !== 0);
  const site = compiled?.sites[last?.site ?? 0] ?? null;
  return site === null ? '' : `; its last scheduling point was ${spellPlace(site)}`;
}

function spawn(request: Extract<WatchdogRequest, { kind: 'spawn' }>): void {
  if (compiled === undefined) return;
  const data: WorkerAgentData = {
    memory,
    agent: request.agent,
    compiled,
    controlPort: request.controlPort,
    messagePort: request.messagePort,
    showOutput,
  };
  const worker = new Worker(threadFile('worker-agent', import.meta.url), {
    workerData: data,
    transferList: [request.controlPort, request.messagePort],
    resourceLimits: { maxOldGenerationSizeMb: workerHeapMiB },
    stdout: true,
    stderr: true,
  });
  workers.push(worker);
  // What programs print while schedules are explored is not shown; unread, it would pile up.
  worker.stdout.resume();
  worker.stderr.resume();
  const name = `writer ${request.agent - 1}`;
  worker.on('error', (error: Error & { readonly code?: string }) => {
    if (!workers.includes(worker)) return;
    // When the heap is full depends on when garbage was collected.
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY')
      giveUp('crash', describeHeapExceeded(request.agent - 1, workerHeapMiB), false);
    else giveUp('crash', `the thread of ${name} ended with ${error.stack ?? error.message}`);
  });
  worker.on('exit', (code) => {
    if (workers.includes(worker)) giveUp('crash', `the thread of ${name} ended with exit code ${code}`);
  });
}

parentPort?.on('message', (request: WatchdogRequest) => {
  if (request.kind === 'spawn') {
    spawn(request);
    return;
  }
  const earlier = workers;
  workers = [];
  for (const worker of earlier) void worker.terminate();
  ({ compiled, workerHeapMiB } = request);
  traceLength = request.traceLength;
});

let lastStep = -1;
let lastExecution = -1;
let cpuAtProgress = process.cpuUsage();
let timeAtProgress = performance.now();

setInterval(() => {
  if (process.ppid !== parentProcess) process.kill(process.pid, 'SIGKILL');
  const step = words[at.STEP]!;
  const execution = words[at.EXECUTION]!;
  const idle = words[at.ACTIVE] === 0;
  const used = process.cpuUsage();
  const tooMuch = memoryWatch.look((used.user + used.system) / 1_000);
  if (tooMuch !== undefined) giveUp('crash', tooMuch, false);
  if (idle || memoryWatch.isMeasuring || step !== lastStep || execution !== lastExecution) {
    lastStep = step;
    lastExecution = execution;
    cpuAtProgress = process.cpuUsage();
    timeAtProgress = performance.now();
  }
  if (words[at.STUCK] === 1) giveUp('hang', 'the program catches every exception, so the execution could not be ended');
  if (idle) return;
  const hangTimeoutMs = words[at.HANG_TIMEOUT_MS]!;
  const cpu = process.cpuUsage(cpuAtProgress);
  const elapsedMs = performance.now() - timeAtProgress;
  const cpuMs = (cpu.user + cpu.system) / 1_000;
  if ((cpuMs >= hangTimeoutMs && elapsedMs >= hangTimeoutMs) || elapsedMs >= hangTimeoutMs * realTimeFactor) {
    if (words[at.END_REASON] === endReasons.done) {
      giveUp('hang', `an invariant did not return for ${hangTimeoutMs} ms (limits.hangTimeoutMs)`);
    }
    const agent = agentInSentence(words[at.TURN]!);
    giveUp(
      'hang',
      `${agent} reached no scheduling point for ${hangTimeoutMs} ms (limits.hangTimeoutMs)${whereItStands()}`,
    );
  }
}, pollMs);
