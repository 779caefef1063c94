import type { Arbitrary } from 'fast-check';
import type { ConflictingPlaces, Region } from './profile.js';
import type { Schedule } from './schedule.js';

/** What a strategy may know about the executions it draws schedules for. */
export interface ScheduleShape {
  /** About how many visible operations an execution has: preemptions are spread over them. At least 1. */
  readonly estimatedSteps: number;
  /** The most agents an execution has, the main agent included. */
  readonly maximumAgents: number;
  /** How many of them are workers that the program starts. Default 0. */
  readonly startedWorkers?: number;
  /** About how many operations each agent performs, by its number. Default: not known. */
  readonly weights?: readonly number[];
  /** Places that belong together. Default: none are known. */
  readonly regions?: readonly Region[];
  /** Where a switch can matter. Default: not known. */
  readonly conflicts?: ConflictingPlaces | null;
}

/** A distribution over schedules. */
export type Strategy = (shape: ScheduleShape) => Arbitrary<Schedule>;
