import type { createLogUpdate } from 'log-update';
import type { CampaignEvent, Reporter } from '../../results/events.js';
import { terminalLine } from '../text/colors.js';
import type { Colors } from '../text/output.js';
import { fitColumns, oneLine } from '../text/columns.js';
import { formatCount, formatDuration, formatNumber, formatPercent } from '../text/words.js';

export interface ProgressOptions {
  readonly stream: NodeJS.WriteStream;
  /** Of log-update, for a terminal: it gets one line that changes. Other streams get a plain line now and then. */
  readonly createLogUpdate?: typeof createLogUpdate | undefined;
  readonly colors: Colors;
  /** The time, in milliseconds; only differences matter. */
  readonly now?: () => number;
}

/** Shows the progress of a run. */
export interface Progress extends Reporter {
  /** Removes the changing line, so that permanent output can take its place. */
  clear(): void;
}

const terminalIntervalMs = 100;
const plainIntervalMs = 10_000;
const terminalColumnsDefault = 80;
/** Before, what is done says little about the rest. */
const estimateAfterMs = 3_000;

function formatTimeLeft(leftMs: number): string {
  return leftMs < 60_000 ? `${Math.ceil(leftMs / 1_000)} s` : formatDuration(leftMs);
}

/** Shows executions, executions per second, the phase and the verdicts so far during a run. */
export function createProgress(options: ProgressOptions): Progress {
  const { stream, colors, now = () => performance.now() } = options;
  const logUpdate = options.createLogUpdate?.(stream, { showCursor: true });
  const isTerminal = logUpdate !== undefined;
  const intervalMs = isTerminal ? terminalIntervalMs : plainIntervalMs;
  const verdicts = new Map<string, number>();
  let scenarios = 0;
  let finished = 0;
  let planned: number | null = null;
  let startedAtMs = now();
  let endsAtMs: number | null = null;
  // The first line of a terminal appears at once; elsewhere a short run needs none.
  let shownAtMs = isTerminal ? -Infinity : now();

  /** Until the budget ends, or else as long as the rest takes if it is like what is done. */
  const timeLeftMs = (executions: number): number | undefined => {
    const elapsedMs = now() - startedAtMs;
    if (endsAtMs !== null) return Math.max(0, endsAtMs - now());
    const part = planned === null ? 0 : Math.min(1, executions / planned);
    const done = (finished + part) / scenarios;
    return elapsedMs < estimateAfterMs || finished + part < 1 ? undefined : (elapsedMs * (1 - done)) / done;
  };

  const show = (event: Extract<CampaignEvent, { kind: 'progress' }>): void => {
    const total = planned === null || event.phase !== 'exploring' ? '' : ` of ${formatNumber(planned)}`;
    const parts = [
      `[${Math.min(finished + 1, scenarios)}/${scenarios}] ${oneLine(event.name)}`,
      event.phase === 'corpus' ? 'replaying the corpus' : event.phase,
      total === ''
        ? formatCount(event.executions, 'execution')
        : `${formatNumber(event.executions)}${total} executions`,
      `${formatNumber(event.executionsPerSecond)}/s`,
    ];
    if (event.fractionDone !== undefined) parts.push(`${formatPercent(event.fractionDone)} of all`);
    const leftMs = timeLeftMs(event.executions);
    if (leftMs !== undefined) parts.push(`${endsAtMs === null ? 'about ' : ''}${formatTimeLeft(leftMs)} left`);
    const soFar = [...verdicts].map(([verdict, count]) => `${formatNumber(count)} ${verdict}`).join(', ');
    if (soFar !== '') parts.push(`so far: ${soFar}`);
    const line = parts.join('  ');
    if (logUpdate === undefined) stream.write(`${terminalLine(line)}\n`);
    else logUpdate(terminalLine(colors.dim(fitColumns(line, (stream.columns || terminalColumnsDefault) - 1))));
  };

  return {
    handle(event) {
      switch (event.kind) {
        case 'runStarted':
          scenarios = event.scenarios;
          startedAtMs = now();
          endsAtMs = event.endsInMs === null ? null : startedAtMs + event.endsInMs;
          break;
        case 'scenarioStarted':
          planned = event.plannedExecutions;
          break;
        case 'progress':
          if (now() - shownAtMs < intervalMs) break;
          shownAtMs = now();
          show(event);
          break;
        case 'scenarioFinished':
          finished++;
          verdicts.set(event.result.verdict, (verdicts.get(event.result.verdict) ?? 0) + 1);
          break;
        case 'runFinished':
        case 'note':
          break;
      }
    },
    clear() {
      logUpdate?.clear();
      if (isTerminal) shownAtMs = -Infinity;
    },
  };
}
