import { operationKinds, type OperationKind } from '../../operation-kinds.js';
import type { Points } from '../points.js';

/** One operation, as an engine would receive it. */
export interface RecordedOperation {
  readonly operation: OperationKind;
  readonly site: number;
  readonly byteOffset: number;
  readonly value: number | bigint;
  readonly changed: boolean;
}

/** Points that only record what happens. */
export interface RecordingPoints extends Points {
  readonly operations: RecordedOperation[];
  /** The site announced last: here every shadow uses it as its own. */
  site: number;
  /** The number of points; each operation has exactly one. */
  points: number;
  /** Calls of wait, waitAsync and notify, with their arguments from the index on. */
  readonly waits: unknown[][];
  /** Called at each point. */
  atPoint: (site: number) => void;
}

export function recordingPoints(): RecordingPoints {
  const recording: RecordingPoints = {
    live: true,
    site: 0,
    at: (site) => {
      recording.site = site;
    },
    placeOf: () => recording.site,
    operations: [],
    points: 0,
    waits: [],
    atPoint: () => undefined,
    point: (site) => {
      recording.points++;
      recording.atPoint(site);
    },
    record: (code, site, _view, byteOffset, value, changed) => {
      const operation = operationKinds[code] ?? 'begin';
      recording.operations.push({ operation, site, byteOffset, value, changed });
    },
    wait: (_site, _view, ...rest) => {
      recording.waits.push(['wait', ...rest]);
      return 'timed-out';
    },
    waitAsync: (_site, _view, ...rest) => {
      recording.waits.push(['waitAsync', ...rest]);
      return { async: false, value: 'timed-out' };
    },
    notify: (_site, _view, ...rest) => {
      recording.waits.push(['notify', ...rest]);
      return 0;
    },
  };
  return recording;
}
