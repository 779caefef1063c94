import type { Counterexample, RunRecord, ScenarioResult } from './schema.js';

/** What a campaign emits while it runs. Reporters consume nothing else. */
export type CampaignEvent =
  | {
      readonly kind: 'runStarted';
      readonly seed: number;
      readonly scenarios: number;
      /** Whether they are tests, of files of vitest or node:test. */
      readonly areTests?: boolean;
      readonly explorers: number;
      /** When the run's total budget ends; null if it has none. */
      readonly endsInMs: number | null;
    }
  | {
      readonly kind: 'scenarioStarted';
      readonly name: string;
      readonly file: string;
      readonly plannedExecutions: number | null;
    }
  | {
      readonly kind: 'progress';
      readonly name: string;
      readonly executions: number;
      readonly executionsPerSecond: number;
      /** Of every interleaving: the part that is explored, by estimate, from 0 to 1. */
      readonly fractionDone?: number;
      readonly phase: 'corpus' | 'exploring' | 'shrinking' | 'stressing';
    }
  | {
      readonly kind: 'scenarioFinished';
      readonly result: ScenarioResult;
      /** The whole counterexample, for the interleaving; null if held. */
      readonly counterexample: Counterexample | null;
    }
  | { readonly kind: 'note'; readonly message: string }
  | { readonly kind: 'runFinished'; readonly record: RunRecord; readonly recordFile: string | null };

export interface Reporter {
  handle(event: CampaignEvent): void;
}
