/** Words of memory with which a test and the threads that hand the turn over communicate. */
export const control = {
  round: 0,
  idle: 1,
  over: 2,
  defect: 3,
  length: 4,
  /** The holder of the turn, plus one: checked by every holder. */
  owner: 5,
  /** Counted up without Atomics, as only holders of the turn may. */
  counter: 6,
  turns: 7,
  violations: 8,
} as const;
export const controlWords = 16;

/** Turnstiles that do not keep turns apart. */
export const turnstileDefects = {
  'a baton for two agents': 1,
  'a wait that ends without the baton': 2,
  'a baton that is not taken away': 3,
} as const;

export interface TurnWorkerData {
  readonly words: Int32Array;
  readonly state: Int32Array;
  /** Whose turn each step is. */
  readonly plan: Int32Array;
  readonly agent: number;
  readonly agents: number;
}
