import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as at from '../../kernel/layout.js';
import { memory } from '../../kernel/testing/agents.js';
import { SingleAgent } from './testing/single-agent.js';

describe('a scheduling point at which memory is to be measured', () => {
  it('leaves everything as it would be if nobody had asked, whenever that is', () => {
    const agent = new SingleAgent();
    const { words } = memory;
    let measured = 0;
    agent.kernel.onMeasure = () => {
      measured++;
    };
    const stateAfter = (steps: number, asked: ReadonlySet<number>): number[] => {
      agent.begin({ preemptions: [{ step: 20, to: 0 }] });
      for (let step = 0; step < steps; step++) {
        if (asked.has(step)) words[at.NEXT_STOP] = at.stopToMeasure;
        agent.points.point(1);
        agent.points.note(1, 1, 0, 0, step % 3, false);
      }
      return [...words];
    };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.array(fc.nat({ max: 59 })), (steps, drawn) => {
        const asked = new Set(drawn.filter((step) => step < steps));
        measured = 0;
        const expected = stateAfter(steps, new Set());
        const found = stateAfter(steps, asked);
        // They differ in which execution of this memory they are.
        expected[at.EXECUTION] = found[at.EXECUTION]!;
        expect(found).toEqual(expected);
        expect(measured).toBe(asked.size);
      }),
      { numRuns: 40 },
    );
  });
});
