import type { RunOptions } from '../campaign/api.js';

/** How scenarios run as tests: like `threadmill run`, except for the options here. */
export interface ScenarioTestOptions extends Partial<
  Pick<RunOptions, 'seed' | 'runs' | 'budgetMs' | 'strategy' | 'repeat' | 'save'>
> {
  /** Explorer processes of each scenario. Default 1, because vitest already runs several files at once. */
  readonly explorers?: number | undefined;
  /** Timeout of a scenario's test. Default 5 minutes, or a minute more than `budgetMs` times `repeat`. */
  readonly timeoutMs?: number | undefined;
}

/** The options of the plugin. */
export interface ThreadmillPluginOptions extends ScenarioTestOptions {
  /** Globs of scenario files, whose names end in `.scenario.ts`. Default `**\/*.scenario.ts`. */
  readonly include?: readonly string[] | undefined;
}
