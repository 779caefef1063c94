import { createLogUpdate } from 'log-update';
import { terminalLine } from '../../report/text/colors.js';
import type { Colors } from '../../report/text/output.js';
import { fitColumns, oneLine } from '../../report/text/columns.js';
import type { CompareProgress } from '../compare.js';

export interface CompareProgressOptions {
  /** A terminal gets one line that changes. Other streams get a plain line now and then. */
  readonly stream: NodeJS.WriteStream;
  readonly colors: Colors;
  /** The time, in milliseconds; only differences matter. */
  readonly now?: () => number;
}

const terminalIntervalMs = 100;
const plainIntervalMs = 10_000;
const terminalColumnsDefault = 80;

/** Shows the progress of a comparison. `clear` removes the changing line. */
export function createCompareProgress({ stream, colors, now = () => performance.now() }: CompareProgressOptions): {
  show(progress: CompareProgress): void;
  clear(): void;
} {
  const logUpdate = stream.isTTY ? createLogUpdate(stream, { showCursor: true }) : undefined;
  const intervalMs = logUpdate === undefined ? plainIntervalMs : terminalIntervalMs;
  let shownAtMs = logUpdate === undefined ? now() : -Infinity;
  return {
    show({ phase, id, share, detail }) {
      if (now() - shownAtMs < intervalMs) return;
      shownAtMs = now();
      const line = `${String(Math.floor(share * 100)).padStart(3)} %  ${phase} ${oneLine(id)}  ${oneLine(detail)}`;
      if (logUpdate === undefined) stream.write(`${terminalLine(line)}\n`);
      else logUpdate(terminalLine(colors.dim(fitColumns(line, (stream.columns || terminalColumnsDefault) - 1))));
    },
    clear() {
      logUpdate?.clear();
    },
  };
}
