/** Records in quick succession, and a pause after them. */
export interface Burst {
  readonly records: number;
  readonly pauseMs: number;
}

/** The workload of every bridge. */
export interface Workload {
  /** The number of readers on the main agent. Each reads in a loop. */
  readonly readers: number;
  /** How long a reader sleeps between two reads. */
  readonly readEveryMs: number;
  /** 32-bit words in the payload of a record, at least 2: the first two identify the write. */
  readonly payloadWords: number;
  /** The number of records in the table. Each writer has its share and writes them in turn, in a loop. */
  readonly keys: number;
  /** The capacity of each queue of a bridge. */
  readonly queueCapacity: number;
}

/** When writers write. */
export interface Pace {
  /** Records a second from each writer; null: as fast as they can. */
  readonly ratePerSecond: number | null;
  readonly burst: Burst | null;
}

const wordOffset = 2;

/** The number of keys of each writer, the same for all. At least one, even if that gives more keys in total. */
export function keysPerWriter(keys: number, writers: number): number {
  return Math.max(1, Math.floor(keys / writers));
}

/** The key of a writer's write number `sequence`, from 0. No two writers share a key. */
export function keyOf(writer: number, sequence: number, writers: number, keysOfEach: number): number {
  return writer + writers * (sequence % keysOfEach);
}

/** The payload of write number `sequence` of a writer. It differs from the payload of every other write. */
export function payloadOf(writer: number, sequence: number, payloadWords: number): number[] {
  const payload: number[] = [sequence, writer];
  for (let word = wordOffset; word < payloadWords; word++) {
    payload.push(Math.imul(sequence + word, 0x9e3779b1) ^ writer);
  }
  return payload;
}

/** The write that has this payload; undefined if there is none. */
export function writeOf(
  payload: readonly number[],
): { readonly sequence: number; readonly writer: number } | undefined {
  const [sequence, writer] = payload;
  if (sequence === undefined || writer === undefined || sequence < 0 || writer < 0) return undefined;
  for (let word = wordOffset; word < payload.length; word++) {
    if (payload[word] !== (Math.imul(sequence + word, 0x9e3779b1) ^ writer)) return undefined;
  }
  return { sequence, writer };
}

/** When write number `sequence` of a writer is due, counted from 0, after the start of a batch. */
export function dueAfterMs(sequence: number, { ratePerSecond, burst }: Pace): number {
  const byRate = ratePerSecond === null ? 0 : (sequence / ratePerSecond) * 1_000;
  const byBurst = burst === null ? 0 : Math.floor(sequence / burst.records) * burst.pauseMs;
  return byRate + byBurst;
}
