import type { Reporter } from '../../results/events.js';
import { printableJson } from '../text/printable.js';

/** The record of the run as JSON when the run has finished, as in `results/runs/`. */
export function createJsonReporter(write: (text: string) => void): Reporter {
  return {
    handle(event) {
      if (event.kind === 'runFinished') write(`${printableJson(event.record)}\n`);
    },
  };
}
