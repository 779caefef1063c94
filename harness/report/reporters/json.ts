import type { Reporter } from '../../results/events.js';
import { printableJson } from '../text/printable.js';

/** The run's record as JSON, once the run has finished: what `results/runs/` holds too. */
export function createJsonReporter(write: (text: string) => void): Reporter {
  return {
    handle(event) {
      if (event.kind === 'runFinished') write(`${printableJson(event.record)}\n`);
    },
  };
}
