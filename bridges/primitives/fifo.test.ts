import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fifo } from './fifo.js';

describe('Fifo', () => {
  it('does what an array does with push, shift and splice', () => {
    const step = fc.constantFrom('push', 'push', 'shift', 'takeAll');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const fifo = new Fifo<number | undefined>();
        const array: (number | undefined)[] = [];
        for (const [index, each] of steps.entries()) {
          if (each === 'push') {
            const item = index % 5 === 0 ? undefined : index;
            fifo.push(item);
            array.push(item);
          } else if (each === 'takeAll' && index % 7 === 0) {
            expect(fifo.takeAll()).toEqual(array.splice(0));
          } else if (array.length > 0) {
            expect(fifo.shift()).toBe(array.shift());
          }
          expect(fifo.length).toBe(array.length);
        }
      }),
    );
  });

  it('keeps its order when it holds much', () => {
    const fifo = new Fifo<number>();
    let next = 0;
    let added = 0;
    for (let round = 0; round < 50; round++) {
      for (let item = 0; item < 400; item++) fifo.push(added++);
      for (let item = 0; item < 350; item++) expect(fifo.shift()).toBe(next++);
    }
    expect(fifo.takeAll()).toEqual(Array.from({ length: 2_500 }, (_, item) => next + item));
    expect(fifo.length).toBe(0);
  });
});
