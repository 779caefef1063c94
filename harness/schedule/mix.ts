import fc from 'fast-check';
import { pct } from './pct.js';
import { preemptions } from './preemptions.js';
import { randomWalk } from './random-walk.js';
import { roundRobin } from './round-robin.js';
import type { Strategy } from './strategy.js';

/**
 * The default: mostly the strategy that finds shallow bugs soonest, and some of all others. A schedule with many switches
 * costs several times as much as one with few, hence the weights.
 */
export const mix: Strategy = (shape) =>
  fc.oneof(
    { arbitrary: preemptions(shape), weight: 12 },
    { arbitrary: pct(shape), weight: 5 },
    { arbitrary: randomWalk(shape), weight: 2 },
    { arbitrary: roundRobin(shape), weight: 1 },
  );
