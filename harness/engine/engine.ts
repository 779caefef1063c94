/** What an execution is given by any engine. */
export interface ExecutionInputs {
  readonly writers: number;
  readonly readers: number;
  readonly params: Readonly<Record<string, unknown>>;
}

/**
 * Runs executions of one scenario, one at a time, in a separate process. The process belongs to the host: an engine may leave
 * behind anything that ends with the process.
 *
 * @typeParam Inputs what determines an execution: a plan under control, a seed under stress
 * @typeParam Ended what `execute` returns: a result, a promise of one, or nothing if it is read afterwards
 */
export interface Engine<Inputs extends ExecutionInputs, Ended> {
  /** Makes a scenario the current one, and evaluates it once. Returns its file's default export, unchecked. */
  load(...setting: readonly never[]): unknown;
  /** Runs one execution to its end. If it never ends, a watchdog ends the process. */
  execute(inputs: Inputs, ...how: readonly never[]): Ended;
}
