import type { List, Replay, Run } from '../campaign/api.js';
import type { Campaign } from './context.js';

/** The real campaign. */
export const campaign: Campaign = {
  async run() {
    const file = '../campaign/run.js' as string;
    return ((await import(file)) as { run: Run }).run;
  },
  async replay() {
    const file = '../campaign/replay.js' as string;
    return ((await import(file)) as { replay: Replay }).replay;
  },
  async list() {
    const file = '../campaign/list.js' as string;
    return ((await import(file)) as { list: List }).list;
  },
};
