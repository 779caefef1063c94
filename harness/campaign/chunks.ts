import { hashText } from '../hash-text.js';

/** Executions of one chunk: what an explorer does in one go. Part of what a path means; never change it lightly. */
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

/** How many chunks of a repetition of so many executions, of all shards together, are this range's. */
export function chunksOfRange(range: ChunkRange, executions: number): number {
  const chunks = Math.ceil(executions / chunkExecutions);
  return chunks === Infinity ? Infinity : Math.max(0, Math.ceil((chunks - range.shardIndex) / range.shardCount));
}

/** How many executions the `index`th chunk of this range has: all of them, but for the last chunk of a repetition. */
export function executionsOfChunk(range: ChunkRange, index: number, executions: number): number {
  return Math.max(0, Math.min(chunkExecutions, executions - placeInRepetition(range, index) * chunkExecutions));
}

/** This range's share of the executions of a repetition. The shares of all shards are the whole. */
export function executionsOfRange(range: ChunkRange, executions: number): number {
  const chunks = chunksOfRange(range, executions);
  if (chunks === 0 || chunks === Infinity) return chunks;
  return (chunks - 1) * chunkExecutions + executionsOfChunk(range, chunks - 1, executions);
}

/** Each chunk has a seed of its own, a function of the campaign's and its number. */
export function chunkSeed(campaignSeed: number, chunk: number): number {
  return hashText(`${campaignSeed} ${chunk}`);
}

/** A path through the whole campaign: the number of the execution, then fast-check's path of shrinking from there. */
export function campaignPath(chunk: number, pathInChunk: string): string {
  const [first = '0', ...rest] = pathInChunk.split(':');
  return [String(chunk * chunkExecutions + Number(first)), ...rest].join(':');
}

/**
 * How many executions of its repetition, of all shards together, a campaign has performed when it comes to the one that
 * this path names, itself included.
 */
export function executionsUpTo(path: string): number {
  return (Number(path.split(':')[0]) % (chunksPerRepetition * chunkExecutions)) + 1;
}

/** The inverse of `campaignPath`; undefined if the text is no path. */
export function parseCampaignPath(path: string): { readonly chunk: number; readonly pathInChunk: string } | undefined {
  if (!/^\d+(:\d+)*$/.test(path)) return undefined;
  const [first = '0', ...rest] = path.split(':');
  const execution = Number(first);
  return {
    chunk: Math.floor(execution / chunkExecutions),
    pathInChunk: [String(execution % chunkExecutions), ...rest].join(':'),
  };
}
