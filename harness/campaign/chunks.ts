import { hashText } from '../hash-text.js';

/** Executions of one chunk, which an explorer does in one go. A path depends on this number: changing it breaks old paths. */
export const chunkExecutions = 128;

/** Chunks set aside for each repetition of a campaign. */
const chunksPerRepetition = 1 << 22;

/** Which chunks of a campaign one process explores. */
export interface ChunkRange {
  readonly repetition: number;
  readonly shardIndex: number;
  readonly shardCount: number;
}

/** The number, within the whole campaign of all shards and repetitions, of the `index`th chunk of this range. */
export function chunkNumber(range: ChunkRange, index: number): number {
  return range.repetition * chunksPerRepetition + placeInRepetition(range, index);
}

/** The place of the `index`th chunk of this range among all chunks of its repetition. */
function placeInRepetition(range: ChunkRange, index: number): number {
  return index * range.shardCount + range.shardIndex;
}

/** How many chunks of a repetition belong to this range. The repetition has so many executions in all shards together. */
export function chunksOfRange(range: ChunkRange, executions: number): number {
  const chunks = Math.ceil(executions / chunkExecutions);
  return chunks === Infinity ? Infinity : Math.max(0, Math.ceil((chunks - range.shardIndex) / range.shardCount));
}

/** How many executions the `index`th chunk of this range has: the full number, except for the last chunk of a repetition. */
export function executionsOfChunk(range: ChunkRange, index: number, executions: number): number {
  return Math.max(0, Math.min(chunkExecutions, executions - placeInRepetition(range, index) * chunkExecutions));
}

/** This range's share of the executions of a repetition. The shares of all shards add up to the whole. */
export function executionsOfRange(range: ChunkRange, executions: number): number {
  const chunks = chunksOfRange(range, executions);
  if (chunks === 0 || chunks === Infinity) return chunks;
  return (chunks - 1) * chunkExecutions + executionsOfChunk(range, chunks - 1, executions);
}

/** Each chunk has its own seed, which follows from the campaign's seed and the chunk's number. */
export function chunkSeed(campaignSeed: number, chunk: number): number {
  return hashText(`${campaignSeed} ${chunk}`);
}

/** A path through the whole campaign: the number of the execution, then fast-check's path of shrinking from there. */
export function campaignPath(chunk: number, pathInChunk: string): string {
  const [first = '0', ...rest] = pathInChunk.split(':');
  return [String(chunk * chunkExecutions + Number(first)), ...rest].join(':');
}

/**
 * How many executions of its repetition, in all shards together, a campaign has performed when it reaches the one that
 * this path names, including that one.
 */
export function executionsUpTo(path: string): number {
  return (Number(path.split(':')[0]) % (chunksPerRepetition * chunkExecutions)) + 1;
}

/** The inverse of `campaignPath`; undefined if the text is not a path. */
export function parseCampaignPath(path: string): { readonly chunk: number; readonly pathInChunk: string } | undefined {
  if (!/^\d+(:\d+)*$/.test(path)) return undefined;
  const [first = '0', ...rest] = path.split(':');
  const execution = Number(first);
  return {
    chunk: Math.floor(execution / chunkExecutions),
    pathInChunk: [String(execution % chunkExecutions), ...rest].join(':'),
  };
}
