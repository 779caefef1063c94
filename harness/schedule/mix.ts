import fc from 'fast-check';
import { pct } from './pct.js';
import { pos } from './pos.js';
import { preemptions } from './preemptions.js';
import { randomWalk } from './random-walk.js';
import { roundRobin } from './round-robin.js';
import { surw } from './surw.js';
import type { Strategy } from './strategy.js';

/** Above so many operations, one place is so rarely drawn that the search cannot afford much besides what finds it soonest. */
const longExecution = 500;

const usualWeights = { preemptions: 3, pct: 1, pos: 3, surw: 12, randomWalk: 1, roundRobin: 1 };
const weightsOfLong = { preemptions: 3, pct: 1, pos: 1, surw: 14, randomWalk: 1, roundRobin: 1 };

/** The default: the weights with which the bugs of docs/search.md are found soonest. */
export const mix: Strategy = (shape) => {
  const weights = shape.estimatedSteps > longExecution ? weightsOfLong : usualWeights;
  return fc.oneof(
    { arbitrary: preemptions(shape), weight: weights.preemptions },
    { arbitrary: pct(shape), weight: weights.pct },
    { arbitrary: pos(shape), weight: weights.pos },
    { arbitrary: surw(shape), weight: weights.surw },
    { arbitrary: randomWalk(shape), weight: weights.randomWalk },
    { arbitrary: roundRobin(shape), weight: weights.roundRobin },
  );
};
