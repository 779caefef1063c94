import { mix } from './mix.js';
import { pct } from './pct.js';
import { pos } from './pos.js';
import { preemptions } from './preemptions.js';
import { randomWalk } from './random-walk.js';
import { roundRobin } from './round-robin.js';
import { surw } from './surw.js';
import type { StrategyName } from './strategy-names.js';
import type { Strategy } from './strategy.js';

/** Every strategy by its name. A strategy without a name, or a name without a strategy, does not compile. */
export const strategies: Readonly<Record<StrategyName, Strategy>> = {
  mix,
  preemptions,
  pct,
  pos,
  surw,
  randomWalk,
  roundRobin,
};
