/** Records in quick succession, and a pause after them. */
export interface Burst {
  readonly records: number;
  readonly pauseMs: number;
}

/** What is put through every bridge. */
export interface Workload {
  /** How many readers read on the main agent, each again and again. */
  readonly readers: number;
  /** How long each of them sleeps between two reads. */
  readonly readEveryMs: number;
  /** 32-bit words in each record's payload, 2 or more: the first two say which write it was. */
  readonly payloadWords: number;
  /** How many records the table holds. Writers share them out, and write theirs in turn, again and again. */
  readonly keys: number;
  /** A bound on each queue of a bridge. */
  readonly queueCapacity: number;
}

/** When writers write. */
export interface Pace {
  /** Records a second of each writer; null: as fast as they can. */
  readonly ratePerSecond: number | null;
  readonly burst: Burst | null;
}

const wordOffset = 2;

/** How many keys each of so many writers has: as many as the others. At least one, even if that makes more keys. */
export function keysPerWriter(keys: number, writers: number): number {
  return Math.max(1, Math.floor(keys / writers));
}

/** The key of a writer's write number `sequence`, from 0. No two writers share a key. */
export function keyOf(writer: number, sequence: number, writers: number, keysOfEach: number): number {
  return writer + writers * (sequence % keysOfEach);
}

/** What write number `sequence` of a writer carries: nothing that another write's payload could be taken for. */
export function payloadOf(writer: number, sequence: number, payloadWords: number): number[] {
  const payload: number[] = [sequence, writer];
  for (let word = wordOffset; word < payloadWords; word++) {
    payload.push(Math.imul(sequence + word, 0x9e3779b1) ^ writer);
  }
  return payload;
}

/** Which write a payload is of; undefined if no write has such a payload. */
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

/** When a writer is to begin its write number `sequence`, from 0, after the start of a batch. */
export function dueAfterMs(sequence: number, { ratePerSecond, burst }: Pace): number {
  const byRate = ratePerSecond === null ? 0 : (sequence / ratePerSecond) * 1_000;
  const byBurst = burst === null ? 0 : Math.floor(sequence / burst.records) * burst.pauseMs;
  return byRate + byBurst;
}
