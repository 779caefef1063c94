import fc from 'fast-check';
import { pct } from './pct.js';
import { preemptions } from './preemptions.js';
import { randomWalk } from './random-walk.js';
import { roundRobin } from './round-robin.js';
import { surw } from './surw.js';
import type { Strategy } from './strategy.js';

/** The default: the weights with which the bugs of docs/search.md are found soonest. */
export const mix: Strategy = (shape) =>
  fc.oneof(
    { arbitrary: preemptions(shape), weight: 2 },
    { arbitrary: pct(shape), weight: 1 },
    { arbitrary: surw(shape), weight: 11 },
    { arbitrary: randomWalk(shape), weight: 6 },
    { arbitrary: roundRobin(shape), weight: 1 },
  );
