import { spawn, type ChildProcess } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { formatDuration } from '../report/text/words.js';
import type { RoundMessage, RoundTask, SteadyResult, TimedResult } from './round/task.js';
import { processFile } from '../entry-file.js';

/** How a round ended, with everything that was measured before, however it ended. */
export interface RoundResult {
  readonly end: 'held' | 'violation' | 'hang' | 'crash' | 'stopped';
  /** What went wrong; null if nothing did. */
  readonly message: string | null;
  readonly batches: number;
  readonly records: number;
  readonly timed: TimedResult | null;
  readonly steady: SteadyResult | null;
}

/** Limits of a round. */
export interface RoundLimits {
  /** How long a process may be silent, in addition to the time of its batches. */
  readonly hangTimeoutMs: number;
  readonly heapMiB: number;
}

/** How many characters of the output of a dying process are kept. */
const keptErrorOutput = 4_000;
const keptMessage = 500;

/**
 * Puts the workload through one bridge in its own process. Waits until the process has ended, or ends it.
 *
 * @param signal ends the round at once
 * @param onBatch called for each batch
 */
export function performRound(
  task: RoundTask,
  { hangTimeoutMs, heapMiB }: RoundLimits,
  signal: AbortSignal,
  onBatch: () => void,
): Promise<RoundResult> {
  if (signal.aborted) return Promise.resolve(resultOf(new Round(), 'stopped', null));
  const script = fileURLToPath(processFile('round/main', import.meta.url));
  const child = spawn(process.execPath, [`--max-old-space-size=${heapMiB}`, script, `${process.pid}`], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
  return new Promise((resolve) => {
    const round = new Round();
    const silenceMs = hangTimeoutMs + longestBatchMs(task);
    let phase = 'it was starting';
    let ended: { readonly end: RoundResult['end']; readonly message: string } | undefined;
    const giveUp = (end: RoundResult['end'], message: string): void => {
      ended ??= { end, message };
      child.kill('SIGKILL');
    };
    const hangs = (): void => giveUp('hang', `nothing happened for ${formatDuration(silenceMs)} while ${phase}`);
    let silence = setTimeout(hangs, silenceMs);
    const stop = (): void => giveUp('stopped', '');
    signal.addEventListener('abort', stop);
    child.on('message', (message: RoundMessage) => {
      clearTimeout(silence);
      silence = setTimeout(hangs, silenceMs);
      round.receive(message);
      if (message.kind === 'batch') onBatch();
      phase = phaseAfter(message, phase);
    });
    // For a process that could not be started, there is no other event.
    child.once('error', (error) => {
      round.crash ??= `it could not be started: ${error.message}`;
      if (child.pid === undefined) child.emit('close', null, null);
    });
    child.once('close', (code: number | null, by: NodeJS.Signals | null) => {
      clearTimeout(silence);
      signal.removeEventListener('abort', stop);
      if (ended !== undefined) resolve(resultOf(round, ended.end, ended.message));
      else if (round.crash !== undefined) resolve(resultOf(round, 'crash', round.crash));
      else if (round.violations === undefined) {
        const how = by === null ? `ended with exit code ${code}` : `was killed by ${by}`;
        resolve(resultOf(round, 'crash', `the process ${how} while ${phase}${round.lastWords()}`));
      } else resolve(resultOf(round, round.violations.count > 0 ? 'violation' : 'held', round.violations.message));
    });
    child.stderr?.on('data', (data: Buffer) => round.print(data.toString()));
    send(child, { ...task, heapMiB });
  });
}

function send(child: ChildProcess, task: RoundTask): void {
  // A child that has already ended emits 'close'.
  child.send(task, () => undefined);
}

function longestBatchMs({ timed, steady }: RoundTask): number {
  return Math.max(timed.batch.durationMs, steady?.durationMs ?? 0);
}

function phaseAfter(message: RoundMessage, before: string): string {
  switch (message.kind) {
    case 'batch':
      return 'records were written as fast as possible';
    case 'timed':
      return 'records were written at a steady pace';
    case 'phase':
      return 'it was closed';
    default:
      return before;
  }
}

function resultOf(round: Round, end: RoundResult['end'], message: string | null): RoundResult {
  const { batches, records, timed, steady } = round;
  return { end, message: message?.slice(0, keptMessage) ?? null, batches, records, timed, steady };
}

/** What a process has reported so far. */
class Round {
  batches = 0;
  records = 0;
  timed: TimedResult | null = null;
  steady: SteadyResult | null = null;
  violations: { readonly count: number; readonly message: string | null } | undefined;
  crash: string | undefined;
  #printed = '';

  receive(message: RoundMessage): void {
    switch (message.kind) {
      case 'batch':
        this.batches++;
        this.records += message.records;
        break;
      case 'timed':
        this.timed = message.result;
        break;
      case 'steady':
        this.batches++;
        this.records += message.result.records;
        this.steady = message.result;
        break;
      case 'ended':
        this.violations = { count: message.violationCount, message: describe(message) };
        break;
      case 'crashed':
        this.crash = message.message;
        break;
      case 'phase':
        break;
    }
  }

  print(text: string): void {
    this.#printed = (this.#printed + text).slice(-keptErrorOutput);
  }

  lastWords(): string {
    // When memory runs out, Node prints many lines, of which one gives the reason.
    const words = /^FATAL ERROR: .*$/m.exec(this.#printed)?.[0] ?? this.#printed.trim();
    return words === '' ? '' : `, printing: ${words}`;
  }
}

function describe({ violations, violationCount }: Extract<RoundMessage, { kind: 'ended' }>): string | null {
  const [first] = violations;
  if (first === undefined) return null;
  return violationCount === 1 ? first : `${first} (and ${violationCount - 1} more)`;
}
