import { mix } from './mix.js';
import { pct } from './pct.js';
import { preemptions } from './preemptions.js';
import { randomWalk } from './random-walk.js';
import { roundRobin } from './round-robin.js';
import type { Strategy } from './strategy.js';

/** Every strategy, by the name under which it is asked for. */
export const strategies = { mix, preemptions, pct, randomWalk, roundRobin } as const satisfies Record<string, Strategy>;
