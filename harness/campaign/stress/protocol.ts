import type { StressFatalReply } from '../../engine/stress/watchdog-protocol.js';
import type { CompiledScenario } from '../../instrument/compiled.js';
import type { StressRepetition } from '../../results/stress-schema.js';
import type { Limits } from '../../scenario/limits.js';
import type { NamedProfile } from './profiles.js';

/** The requests a stress process takes, one at a time; `load` comes first, and once. */
export type StressRequest =
  | {
      readonly kind: 'load';
      readonly compiled: CompiledScenario;
      readonly file: string;
      readonly limits: Limits;
      readonly instrumented: boolean;
      readonly amplify: number;
      readonly watched: boolean;
    }
  | {
      readonly kind: 'repeat';
      readonly repetition: number;
      readonly seed: number;
      readonly profile: NamedProfile;
      /** Real time left; null for no limit. */
      readonly remainingMs: number | null;
    };

/** What a stress process writes, one line each. */
export type StressReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'loaded' }
  | { readonly kind: 'invalid'; readonly message: string }
  | { readonly kind: 'progress'; readonly executions: number }
  | { readonly kind: 'repeated'; readonly result: StressRepetition; readonly isStuck: boolean }
  | { readonly kind: 'broken'; readonly message: string }
  | { readonly kind: 'at'; readonly executions: number }
  | StressFatalReply;
