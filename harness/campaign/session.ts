import type { CampaignEvent } from '../results/events.js';
import type { CorpusEntry } from '../results/read-counterexample.js';
import type { RunOptions } from './api.js';
import type { ExplorerPool } from './controlled/explorer-pool.js';

/** What the scenarios of one run share. */
export interface Session {
  readonly options: RunOptions;
  readonly seed: number;
  readonly pool: ExplorerPool;
  readonly corpus: readonly CorpusEntry[];
  readonly emit: (event: CampaignEvent) => void;
  readonly isStopped: () => boolean;
  /** How long this scenario may explore, in milliseconds: its share of the run's total budget. */
  readonly exploreMs?: number | undefined;
  /** When the run is to be over, by `performance.now()`; undefined without a total budget. */
  readonly deadlineMs: number | undefined;
}
