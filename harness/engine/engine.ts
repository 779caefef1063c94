/** What an execution is given, whatever runs it. */
export interface ExecutionInputs {
  readonly writers: number;
  readonly readers: number;
  readonly params: Readonly<Record<string, unknown>>;
}

/**
 * What runs executions of one scenario, one at a time, in a process of its own. Its process is its host's: an engine may
 * leave behind whatever ends with that.
 *
 * @typeParam Inputs what decides over an execution: a plan under control, a seed under stress
 * @typeParam Ended what `execute` comes back with: a result, a promise of one, or nothing where it is read afterwards
 */
export interface Engine<Inputs extends ExecutionInputs, Ended> {
  /** Makes a scenario the one that is run, and evaluates it once: what its file exports by default, not checked in any way. */
  load(...setting: readonly never[]): unknown;
  /** Runs one execution to its end. One that never ends takes the process with it: a watchdog sees to that. */
  execute(inputs: Inputs, ...how: readonly never[]): Ended;
}
