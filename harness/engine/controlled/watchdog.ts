import { writeSync } from 'node:fs';
import { parentPort, SHARE_ENV, Worker, workerData, type MessagePort } from 'node:worker_threads';
import { lastTraceEntries } from '../../kernel/trace.js';
import type { CompiledScenario } from '../../instrument/compiled.js';
import * as at from '../../kernel/layout.js';
import { endReasons, type KernelMemory } from '../../kernel/layout.js';
import { agentInSentence, agentName } from '../../results/agent-name.js';
import { defaultLimits } from '../../scenario/limits.js';
import type { FailureVerdict } from '../../scenario/verdict.js';
import { noTraceHash, type ExecutionResult } from '../execution-result.js';
import { describeHeapExceeded } from '../memory-use.js';
import { writeReply } from '../reply-channel.js';
import { KnownCode, placesOf } from './known-code.js';
import { MemoryWatch } from './memory-watch.js';
import { ResultReader } from './read-result.js';
import { ServiceDesk } from './service-desk.js';
import type { ServiceNotice, ServiceReply, ServiceRequest } from './services-protocol.js';
import type { FatalReply, WatchdogRequest } from './watchdog-protocol.js';
import type { WorkerAgentData } from './worker-protocol.js';
import { spellPlace } from '../../place.js';
import { threadFile } from '../../entry-file.js';

const pollMs = 25;
/** A process without processor time is starved, not hung: real time counts only as a last resort. */
const realTimeFactor = 15;
/** Operations of a trace that an ending explorer hands over. */
const fatalTraceLength = 2_000;

const { memory, showOutput, servicePort } = workerData as {
  readonly memory: KernelMemory;
  readonly showOutput: boolean;
  readonly servicePort: MessagePort;
};
const { words } = memory;
const memoryWatch = new MemoryWatch(words);
const parentProcess = process.ppid;
/** How many operations at the end of the trace are searched for the last one of an agent that hangs. */
const searchedEntries = 10_000;
let compiled: CompiledScenario | undefined;
let environment: WorkerAgentData['environment'] = {};
let workerHeapMiB = defaultLimits.workerHeapMiB;
let traceLength = fatalTraceLength;
/** Threads 1, 2 and so on. */
let workers: Worker[] = [];
let code = new KnownCode();
let desk: ServiceDesk | undefined;

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
    const reader = new ResultReader(memory, code);
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
  const site = code.site(last?.site ?? 0);
  return site === null ? '' : `; its last scheduling point was ${spellPlace(site)}`;
}

/** Starts all threads up to this one. */
function spawn(thread: number): void {
  while (compiled !== undefined && workers.length < thread) spawnNext(workers.length + 1, compiled.file);
}

function spawnNext(thread: number, file: string): void {
  const data: WorkerAgentData = { memory, thread, file, environment, showOutput };
  const worker = new Worker(threadFile('worker-agent', import.meta.url), {
    workerData: data,
    env: SHARE_ENV,
    resourceLimits: { maxOldGenerationSizeMb: workerHeapMiB },
    stdout: true,
    stderr: true,
  });
  workers.push(worker);
  // What programs print while schedules are explored is not shown; unread, it would pile up.
  worker.stdout.resume();
  worker.stderr.resume();
  worker.on('error', (error: Error & { readonly code?: string }) => {
    if (!workers.includes(worker)) return;
    // When the heap is full depends on when garbage was collected.
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY')
      giveUp('crash', describeHeapExceeded(nameOf(agentOn(thread)), workerHeapMiB), false);
    else giveUp('crash', `the thread of ${nameOf(agentOn(thread))} ended with ${error.stack ?? error.message}`);
  });
  worker.on('exit', (code) => {
    if (workers.includes(worker))
      giveUp('crash', `the thread of ${nameOf(agentOn(thread))} ended with exit code ${code}`);
  });
  worker.on('message', (request: ServiceRequest) => void desk?.serve(thread, request));
}

/** The last agent that a thread has served in this execution. */
function agentOn(thread: number): number {
  for (let agent = words[at.AGENT_COUNT]! - 1; agent > 0; agent--)
    if (words[at.AGENT_TABLE + agent * at.agentWords + at.AGENT_THREAD] === thread) return agent;
  return thread;
}

const nameOf = (agent: number): string => agentName(agent, words[at.WRITERS]);

function post(thread: number, message: ServiceReply | ServiceNotice, transfer: MessagePort[] = []): void {
  if (message.kind === 'code') code.add(message.places);
  if (thread === 0) servicePort.postMessage(message, transfer);
  else workers[thread - 1]?.postMessage(message, transfer);
}

servicePort.on('message', (request: ServiceRequest) => void desk?.serve(0, request));

parentPort?.on('message', (request: WatchdogRequest) => {
  if (request.kind === 'writer') {
    const { controlPort, messagePort } = request;
    spawn(request.agent);
    post(request.agent, { kind: 'writer', controlPort, messagePort }, [controlPort, messagePort]);
    return;
  }
  if (request.kind === 'configure') {
    ({ workerHeapMiB, traceLength } = request);
    return;
  }
  const earlier = workers;
  workers = [];
  for (const worker of earlier) void worker.terminate();
  ({ compiled, environment } = request);
  code = new KnownCode();
  code.add(placesOf(compiled));
  desk?.close();
  desk = new ServiceDesk(memory, compiled, { spawn, post });
});

let lastStep = -1;
let lastExecution = -1;
let cpuAtProgress = process.cpuUsage();
let timeAtProgress = performance.now();

setInterval(() => {
  if (process.ppid !== parentProcess) process.kill(process.pid, 'SIGKILL');
  const step = words[at.STEP]!;
  const execution = words[at.EXECUTION]!;
  const idle = words[at.ACTIVE] === 0 || words[at.SERVING] === 1;
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
    const agent = agentInSentence(words[at.TURN]!, words[at.WRITERS]);
    giveUp(
      'hang',
      `${agent} reached no scheduling point for ${hangTimeoutMs} ms (limits.hangTimeoutMs)${whereItStands()}`,
    );
  }
}, pollMs);
