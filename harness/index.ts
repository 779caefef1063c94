export * from './authoring.js';
export * from './errors.js';
export * from './campaign/api.js';
export type * from './results/events.js';
export * from './results/schema.js';
export * from './results/comparison-schema.js';
export * from './results/stress-schema.js';
export {
  readCorpus,
  readCounterexample,
  resultsFolders,
  resultsLimits,
  type Corpus,
  type CorpusEntry,
} from './results/folder.js';
export { decodeParams, encodeParams } from './results/params.js';
export { compare, type CompareProgress, type CompareSurroundings } from './compare/compare.js';
export { defaultComparison, type ComparisonRequest } from './compare/options.js';
export { list } from './campaign/list.js';
export { replay } from './campaign/replay.js';
export { run } from './campaign/run.js';
