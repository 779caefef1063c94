import { errors } from './cases/errors.js';
import { events } from './cases/events.js';
import { handle } from './cases/handle.js';
import { inside } from './cases/inside.js';
import { modules } from './cases/modules.js';
import { options } from './cases/options.js';
import { together } from './cases/together.js';
import { nodeHas, type Theme } from './worker-case.js';

/** Every case that this Node can run. */
export const themes: readonly Theme[] = [events, errors, modules, options, handle, inside, together].map(
  ({ name, cases }) => ({ name, cases: cases.filter(({ since }) => since === undefined || nodeHas(since)) }),
);
