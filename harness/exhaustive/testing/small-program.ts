import fc from 'fast-check';
import { acts } from '../../kernel/access.js';
import { read, write, type SimulatedProgram, type Step } from './simulated-program.js';

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.nat({ max: 2 }).map(write) },
  { weight: 4, arbitrary: fc.nat({ max: 2 }).map(read) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { access: { acts: acts.all, resource: 0, offset: 0, size: 0 } },
      { access: { acts: acts.judge, resource: 0, offset: 0, size: 0 } },
      { access: { acts: 0, resource: 0, offset: 0, size: 0 } },
      { ...write(0), options: 2 },
      { ...read(1), options: 3 },
    ),
  },
);
/** A program of two or three agents with up to three steps each, of all kinds. */
export const smallProgram: fc.Arbitrary<SimulatedProgram> = fc.array(fc.array(step, { maxLength: 3 }), {
  minLength: 2,
  maxLength: 3,
});
