import type { RunOptions } from '../campaign/api.js';

/** How scenarios are run as tests: as `threadmill run` would, but for what is said here. */
export interface ScenarioTestOptions extends Partial<
  Pick<RunOptions, 'seed' | 'runs' | 'budgetMs' | 'strategy' | 'repeat' | 'save'>
> {
  /** Explorer processes of each scenario. Default 1: vitest runs several files at once already. */
  readonly explorers?: number | undefined;
  /** After how long a scenario's test is given up. Default 5 minutes, or a minute more than `budgetMs` times `repeat`. */
  readonly timeoutMs?: number | undefined;
}

/** What the plugin can be told. */
export interface ThreadmillPluginOptions extends ScenarioTestOptions {
  /** Where scenarios are, as globs; their names end in `.scenario.ts`. Default `**\/*.scenario.ts`. */
  readonly include?: readonly string[] | undefined;
}
