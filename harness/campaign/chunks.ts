import { hashText } from '../kernel/trace.js';

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
  return range.repetition * chunksPerRepetition + index * range.shardCount + range.shardIndex;
}

/** Each chunk has a seed of its own, a function of the campaign's and its number. */
export function chunkSeed(campaignSeed: number, chunk: number): number {
  return hashText(`${String(campaignSeed)} ${String(chunk)}`);
}

/** A path through the whole campaign: the number of the execution, then fast-check's path of shrinking from there. */
export function campaignPath(chunk: number, pathInChunk: string): string {
  const [first = '0', ...rest] = pathInChunk.split(':');
  return [String(chunk * chunkExecutions + Number(first)), ...rest].join(':');
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
