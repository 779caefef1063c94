import { deserialize, serialize } from 'node:v8';
import { asRecord } from '../../results/read-json.js';
import type { Plan } from '../../schedule/schedule.js';
import type { ShrinkingEnd } from '../../results/schema.js';
import type { ExecutionResult } from '../../engine/execution-result.js';

/** A failure found by exploring: the smallest so far. */
export interface FoundFailure {
  /** fast-check's path within the chunk. */
  readonly path: string;
  readonly plan: Plan;
  /** With its trace. */
  readonly executionResult: ExecutionResult;
  /** Whether a replay gave the same trace, or the watchdog that ended the process saw the failure. */
  readonly confirmed: boolean;
  /** Why it was not shrunk as far as possible; null if it was. */
  readonly shrinkingEnded: ShrinkingEnd | null;
}

/** A plan in a form that fits a line of JSON. JSON cannot hold every parameter, so they are in base64, as V8 serializes them. */
export type EncodedPlan = Omit<Plan, 'params'> & { readonly params: string };

/** A failure in such a form. */
export type EncodedFailure = Omit<FoundFailure, 'plan'> & { readonly plan: EncodedPlan };

/** Makes a plan fit for a line of JSON. */
export function encodePlan(plan: Plan): EncodedPlan {
  return { ...plan, params: serialize(plan.params).toString('base64') };
}

/** The inverse of `encodePlan`. */
export function decodePlan(encoded: EncodedPlan): Plan {
  return { ...encoded, params: asRecord(deserialize(Buffer.from(encoded.params, 'base64'))) };
}

/** Makes a failure fit for a line of JSON. */
export function encodeFailure(failure: FoundFailure): EncodedFailure {
  return { ...failure, plan: encodePlan(failure.plan) };
}

/** The inverse of `encodeFailure`. */
export function decodeFailure(encoded: EncodedFailure): FoundFailure {
  return { ...encoded, plan: decodePlan(encoded.plan) };
}
