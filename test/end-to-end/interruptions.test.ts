import process from 'node:process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ends, faultsOf, interrupt, type Interruption } from './interruption.js';

/** How often each engine is interrupted. docs/controlled.md has the results of larger numbers. */
const interruptions = Number(process.env['THREADMILL_INTERRUPTIONS'] ?? 2);
/** Decides when and how. */
const seed = Number(process.env['THREADMILL_INTERRUPTIONS_SEED'] ?? Date.now() % 1_000_000);

const interruptionOf = (engine: Interruption['engine']): fc.Arbitrary<Interruption> =>
  fc.record({
    engine: fc.constant(engine),
    end: fc.constantFrom(...ends),
    // Half of them happen during shrinking, which takes about a second.
    afterMs: fc.oneof(fc.noBias(fc.integer({ min: 0, max: 6_000 })), fc.noBias(fc.integer({ min: 0, max: 1_000 }))),
    sinceFound: fc.boolean(),
    isCrowded: engine === 'controlled' ? fc.boolean() : fc.constant(false),
    seed: fc.noBias(fc.nat({ max: 1_000_000 })),
  });

describe.skipIf(process.platform === 'win32').concurrent('a run that is interrupted', () => {
  it.each(['controlled', 'stress'] as const)(
    'at any moment says nothing false, loses nothing that was found, and leaves no process: %s',
    { timeout: 60_000 * interruptions },
    async (engine) => {
      for (const interruption of fc.sample(interruptionOf(engine), { numRuns: interruptions, seed })) {
        const remains = await interrupt(interruption);
        const faults = faultsOf(remains);
        expect({ faults, ...(faults.length === 0 ? {} : { remains, seed }) }).toEqual({ faults: [] });
      }
    },
  );
});
