import type { Bench } from 'tinybench';

/** One number of the report. */
export interface Measurement {
  readonly name: string;
  /** What is counted per second. */
  readonly unit: string;
  /** The median over the samples. */
  readonly perSecond: number;
  /** Relative margin of error, in per cent, at 95 % confidence. */
  readonly marginPercent: number;
  readonly samples: number;
}

/** Reads a finished tinybench, given the number of operations in an iteration of each task. */
export function measurementsOf(
  bench: Bench,
  unit: string,
  operationsPerIteration: ReadonlyMap<string, number>,
): Measurement[] {
  return bench.tasks.map((task) => {
    const { result } = task;
    if (result.state !== 'completed')
      throw new Error(`${task.name}: ${result.state}`, { cause: 'error' in result ? result.error : undefined });
    const operations = operationsPerIteration.get(task.name) ?? 1;
    return {
      name: task.name,
      unit,
      perSecond: (1_000 / result.latency.p50) * operations,
      marginPercent: result.latency.rme,
      samples: result.latency.samplesCount,
    };
  });
}
