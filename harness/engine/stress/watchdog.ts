import { readdirSync, readFileSync, writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { agentInSentence } from '../../results/agent-name.js';
import type { BlockedAgent } from '../../results/failure-schema.js';
import type { FailureVerdict } from '../../scenario/verdict.js';
import { writeReply } from '../reply-channel.js';
import * as at from './layout.js';
import { MemoryWatch } from './memory-watch.js';
import type { StressFatalReply, WatchdogData } from './watchdog-protocol.js';

const pollMs = 20;
/** If for half of this time there is no progress, all threads sleep, and no timer is pending, nothing will ever happen. */
const idleMs = 1_000;
/** A process without processor time is starved, not hung: real time counts only as a last resort. */
const realTimeFactor = 15;
/** On platforms that do not show which threads could run: with less processor time than this, none of them is running. */
const idleCpuMs = 1;
/** Turns of the main agent's event loop after which everything that was due in it has run. */
const idleTurns = 5;
/** How often an agent must have reported since the last progress: then its report is current, and its event loop runs. */
const freshReports = 2;

const { words, sites, parentProcess } = workerData as WatchdogData;

const valueOf = (agent: number, word: number): number => words[at.agentWord(agent, word)]!;

/** The number of reports of each agent at the last progress. */
let reportsAtProgress: readonly number[] = [];

/** Whether an agent's event loop runs, and has recently reported what it waits for. */
const tellsOfItself = (agent: number): boolean =>
  valueOf(agent, at.LOOP_TURNED) - (reportsAtProgress[agent] ?? 0) >= freshReports;

/** What may still wake an agent although no thread runs; undefined if nothing can. */
function hopeOf(agent: number): string | undefined {
  const threads = valueOf(agent, at.THREADS);
  if (threads > 0) return `${agentInSentence(agent)} has ${threads} thread${threads === 1 ? '' : 's'} of its own alive`;
  const waiting = valueOf(agent, at.WAITING);
  if (waiting === at.waitStates.forATime) return `a timeout of ${agentInSentence(agent)} is pending`;
  // An agent in Atomics.wait without a timeout cannot react to its own timers, files and sockets.
  if (waiting === at.waitStates.forEver) return undefined;
  if (valueOf(agent, at.TIMERS) > 0) return `a timeout of ${agentInSentence(agent)} is pending`;
  if (!tellsOfItself(agent)) return `${agentInSentence(agent)} is in a call that does not return`;
  const outside = valueOf(agent, at.OUTSIDE);
  if (outside === 0) return undefined;
  return `${agentInSentence(agent)} has ${outside} file${outside === 1 ? '' : 's'}, socket${outside === 1 ? '' : 's'} or child process${outside === 1 ? '' : 'es'} open`;
}

/** Everything that may still make an agent continue. */
function hopes(): string[] {
  const found = Array.from({ length: words[at.AGENT_COUNT]! }, (_, agent) => hopeOf(agent));
  return found.filter((hope) => hope !== undefined);
}

/** The agents that have not finished, and their positions. */
function unfinishedAgents(): BlockedAgent[] {
  const blocked: BlockedAgent[] = [];
  for (let agent = 0; agent < words[at.AGENT_COUNT]!; agent++) {
    const site = sites[words[at.agentWord(agent, at.SITE)]!] ?? null;
    const since = site === null ? {} : { site };
    const unsettled = words[at.agentWord(agent, at.UNSETTLED)]!;
    if (words[at.agentWord(agent, at.WAITING)] !== at.waitStates.none) {
      blocked.push({ agent, on: 'Atomics.wait', ...since });
    } else if (unsettled > 0) {
      const roles = words[at.PROGRAM] === 1 ? { program: true as const } : { readers: unsettled };
      blocked.push({ agent, on: 'unfinished', ...(agent === 0 && words[at.AFTER] !== 1 ? roles : {}), ...since });
    }
  }
  return blocked;
}

/** The state of a thread in /proc: the first field after the name, which is in parentheses and may itself contain some. */
const threadState = (stat: string): string => stat.charAt(stat.lastIndexOf(')') + 2);

let lastCpu = process.cpuUsage();
let turnsAtProgress = 0;

/**
 * Whether any thread except this one runs, or would run if it had a processor. On a busy machine, a process that uses no processor
 * time may be starved, which is not a deadlock.
 */
function isAnyThreadRunnable(): boolean {
  // Watching wakes the main agent every few milliseconds. If its loop runs without doing anything, it has nothing to do.
  const isMainIdle = words[at.LOOP_TURNS]! - turnsAtProgress >= idleTurns;
  let running = 0;
  try {
    for (const thread of readdirSync('/proc/self/task')) {
      if (isMainIdle && Number(thread) === process.pid) continue;
      const state = threadState(readFileSync(`/proc/self/task/${thread}/stat`, 'utf8'));
      if (state === 'R' || state === 'D') running++;
    }
  } catch {
    const cpu = process.cpuUsage(lastCpu);
    lastCpu = process.cpuUsage();
    return (cpu.user + cpu.system) / 1_000 > idleCpuMs;
  }
  // This thread is one of them.
  return running > 1;
}

/** Gives up on the process: records how the execution ended, and kills the process. Nothing less reliably stops a thread. */
function giveUp(verdict: FailureVerdict, message?: string): void {
  const record: StressFatalReply = {
    kind: 'fatal',
    failure: { verdict, ...(message === undefined ? {} : { message }), blocked: unfinishedAgents() },
    executions: words[at.EXECUTIONS]!,
    writers: words[at.AGENT_COUNT]! - 1,
  };
  writeReply(writeSync, record);
  process.kill(process.pid, 'SIGKILL');
}

/** What changes when an agent makes progress: events of the history, and executions. */
const progressOf = (): number => Atomics.load(words, at.TICKET) + words[at.EXECUTIONS]! * 0x1000000;

function pointsPassed(): number {
  let points = 0;
  for (let agent = 0; agent < words[at.AGENT_COUNT]!; agent++) points += words[at.agentWord(agent, at.POINTS)]!;
  return points;
}

const memoryWatch = new MemoryWatch(words);

let lastProgress = -1;
let pointsAtProgress = 0;
let cpuAtProgress = process.cpuUsage();
let progressAtMs = performance.now();
let idleSinceMs = Infinity;
let lastTurns = -1;

/** Records what the main agent does while its event loop is blocked, because it cannot report that itself. */
function observeLoop(): void {
  const turns = words[at.LOOP_TURNS]!;
  if (turns === lastTurns && words[at.ACTIVE] === 1) {
    words[at.STALL_SITE] = words[at.agentWord(0, at.SITE)]!;
    words[at.STALL_WAITING] = words[at.agentWord(0, at.WAITING)]!;
  }
  lastTurns = turns;
}

function judgeProgress(): void {
  const nowMs = performance.now();
  if (words[at.ACTIVE] === 0 || progressOf() !== lastProgress) {
    lastProgress = progressOf();
    pointsAtProgress = pointsPassed();
    turnsAtProgress = words[at.LOOP_TURNS]!;
    reportsAtProgress = Array.from({ length: words[at.AGENT_COUNT]! }, (_, agent) => valueOf(agent, at.LOOP_TURNED));
    cpuAtProgress = process.cpuUsage();
    progressAtMs = nowMs;
    idleSinceMs = Infinity;
    return;
  }
  const elapsedMs = nowMs - progressAtMs;
  const timeoutMs = words[at.TIMEOUT_MS]!;
  const leastMs = Math.min(idleMs, timeoutMs);
  if (elapsedMs < leastMs / 2) return;
  const isBusy = isAnyThreadRunnable();
  if (isBusy || hopes().length > 0) idleSinceMs = Infinity;
  else if (idleSinceMs === Infinity) idleSinceMs = nowMs;
  if (nowMs - idleSinceMs >= leastMs / 2) {
    giveUp('deadlock');
    return;
  }
  if (elapsedMs < timeoutMs) return;
  const so = `for ${timeoutMs} ms (limits.stressTimeoutMs)`;
  if (!isBusy) {
    giveUp('hang', [`nothing that the program waits for happened ${so}`, ...hopes()].join('; '));
    return;
  }
  const cpu = process.cpuUsage(cpuAtProgress);
  const cpuMs = (cpu.user + cpu.system) / 1_000;
  if (cpuMs < timeoutMs && elapsedMs < timeoutMs * realTimeFactor) return;
  const points = pointsPassed() - pointsAtProgress;
  if (points !== 0) giveUp('livelock', `${points} scheduling points brought no progress ${so}`);
  else giveUp('hang', `no scheduling point was reached ${so}`);
}

setInterval(() => {
  if (process.ppid !== parentProcess) process.kill(process.pid, 'SIGKILL');
  const tooMuch = memoryWatch.look(words[at.AGENT_COUNT]!, performance.now());
  if (tooMuch !== undefined) giveUp('crash', tooMuch);
  observeLoop();
  judgeProgress();
}, pollMs);
