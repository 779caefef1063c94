import type { Campaign } from './context.js';

/** The real campaign. */
export const campaign: Campaign = {
  run: async () => (await import('../campaign/run.js')).run,
  replay: async () => (await import('../campaign/replay.js')).replay,
  list: async () => (await import('../campaign/list.js')).list,
  compare: async () => (await import('../compare/compare.js')).compare,
};
