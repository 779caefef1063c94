import type { ScenarioDefinition } from './define.js';

/** A scenario with its types forgotten, as the harness handles it. */
export type AnyScenario = ScenarioDefinition<Record<string, unknown>, unknown>;
