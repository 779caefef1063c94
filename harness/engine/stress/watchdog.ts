import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import type { Site } from '../../results/schema.js';
import type { FailureVerdict } from '../../scenario/verdict.js';
import { writeRecord } from '../record-channel.js';
import * as at from './layout.js';

/** What the watchdog's thread is started with. */
export interface WatchdogData {
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly sites: readonly (Site | null)[];
  /** The process that must be alive. */
  readonly parentProcess: number;
}

/** The last record of a stress process whose execution cannot be ended in any other way than with the process. */
export interface StressFatalRecord {
  readonly kind: 'fatal';
  readonly verdict: FailureVerdict;
  readonly message: string;
  /** Executions that had ended before. */
  readonly executions: number;
  readonly writers: number;
}

const pollMs = 20;
/** Without progress, without processor time, without a pending timer: for so long, and nothing will ever come. */
const idleMs = 1_000;
/** The share of one processor that a process uses of which all threads wait. */
const idleShare = 0.1;

const { words, sites, parentProcess } = workerData as WatchdogData;

function siteText(site: number): string {
  const found = sites[site] ?? null;
  return found === null ? 'an unknown place' : `${found.file}:${found.line}:${found.column}`;
}

const agentName = (agent: number): string => (agent === 0 ? 'the main agent' : `writer ${agent - 1}`);

/** Whether something that is due later will wake somebody. */
function isExpectingSomething(): boolean {
  for (let agent = 0; agent < words[at.AGENT_COUNT]!; agent++) {
    if (words[at.agentWord(agent, at.TIMERS)]! > 0) return true;
    if (words[at.agentWord(agent, at.WAITING)] === at.waitStates.forATime) return true;
  }
  return false;
}

function describeAgents(): string[] {
  const lines: string[] = [];
  for (let agent = 0; agent < words[at.AGENT_COUNT]!; agent++) {
    const since = siteText(words[at.agentWord(agent, at.SITE)]!);
    const unsettled = words[at.agentWord(agent, at.UNSETTLED)]!;
    if (words[at.agentWord(agent, at.WAITING)] !== at.waitStates.none) {
      lines.push(`${agentName(agent)} waits in Atomics.wait since ${since}`);
    } else if (unsettled > 0) {
      const who = agent === 0 ? `${unsettled} of the readers have` : `${agentName(agent)} has`;
      lines.push(`${who} not finished; the last scheduling point there: ${since}`);
    }
  }
  return lines;
}

/** Gives up on the process: records how the execution ended, and kills it. Nothing less stops a thread for certain. */
function giveUp(verdict: FailureVerdict, message: string): void {
  const record: StressFatalRecord = {
    kind: 'fatal',
    verdict,
    message: [message, ...describeAgents()].join('\n'),
    executions: words[at.EXECUTIONS]!,
    writers: words[at.AGENT_COUNT]! - 1,
  };
  writeRecord(writeSync, record);
  process.kill(process.pid, 'SIGKILL');
}

/** Everything that changes when somebody gets on: events of the history, and executions. */
const progressOf = (): number => Atomics.load(words, at.TICKET) + words[at.EXECUTIONS]! * 0x1000000;

function pointsPassed(): number {
  let points = 0;
  for (let agent = 0; agent < words[at.AGENT_COUNT]!; agent++) points += words[at.agentWord(agent, at.POINTS)]!;
  return points;
}

let lastProgress = -1;
let pointsAtProgress = 0;
let progressAtMs = performance.now();
let idleSinceMs = Infinity;
let lastCpu = process.cpuUsage();
let lastPollMs = performance.now();

let lastTurns = -1;

/** Leaves word of what the main agent does while its event loop does not turn: it cannot tell by itself. */
function observeLoop(): void {
  const turns = words[at.LOOP_TURNS]!;
  if (turns === lastTurns && words[at.ACTIVE] === 1) {
    words[at.STALL_SITE] = words[at.agentWord(0, at.SITE)]!;
    words[at.STALL_WAITING] = words[at.agentWord(0, at.WAITING)]!;
  }
  lastTurns = turns;
}

setInterval(() => {
  observeLoop();
  if (process.ppid !== parentProcess) process.kill(process.pid, 'SIGKILL');
  const nowMs = performance.now();
  const cpu = process.cpuUsage(lastCpu);
  const share = (cpu.user + cpu.system) / 1_000 / (nowMs - lastPollMs);
  lastCpu = process.cpuUsage();
  lastPollMs = nowMs;
  if (words[at.ACTIVE] === 0 || progressOf() !== lastProgress) {
    lastProgress = progressOf();
    pointsAtProgress = pointsPassed();
    progressAtMs = nowMs;
    idleSinceMs = Infinity;
    return;
  }
  if (share > idleShare || isExpectingSomething()) idleSinceMs = Infinity;
  else if (idleSinceMs === Infinity) idleSinceMs = nowMs;
  const timeoutMs = words[at.TIMEOUT_MS]!;
  if (nowMs - idleSinceMs >= Math.min(idleMs, timeoutMs)) {
    giveUp('deadlock', 'nobody can go on, and no time-out is pending:');
  } else if (nowMs - progressAtMs >= timeoutMs) {
    const points = pointsPassed() - pointsAtProgress;
    const so = `for ${timeoutMs} ms (limits.stressTimeoutMs)`;
    if (points !== 0) giveUp('livelock', `${points} scheduling points brought nothing new ${so}:`);
    else giveUp('hang', `no scheduling point was reached ${so}:`);
  }
}, pollMs);
