import * as fastCheck from 'fast-check';
import { expect, it } from 'vitest';
import type { CampaignEvent } from '../results/events.js';
import { InOrder } from './in-order.js';

const fc = fastCheck;

const note = (message: string): CampaignEvent => ({ kind: 'note', message });
const progress = (name: string): CampaignEvent => ({
  kind: 'progress',
  name,
  executions: 1,
  executionsPerSecond: 1,
  phase: 'exploring',
});

it('tells everything of one scenario before anything of the next, whichever is quicker', () => {
  const counts = fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(counts, fc.infiniteStream(fc.nat()), (notes, draws) => {
      const told: CampaignEvent[] = [];
      const inOrder = new InOrder((event) => told.push(event));
      const left = notes.map((count, place) => ({ place, count, emit: inOrder.emitterOf(place) }));
      while (left.length > 0) {
        const at = (draws.next().value as number) % left.length;
        const scenario = left[at]!;
        if (scenario.count === 0) {
          inOrder.finish(scenario.place);
          left.splice(at, 1);
        } else {
          scenario.emit(note(`${scenario.place}.${scenario.count--}`));
        }
      }
      const expected = notes.flatMap((count, place) =>
        Array.from({ length: count }, (_, said) => note(`${place}.${count - said}`)),
      );
      expect(told).toEqual(expected);
    }),
  );
});

it('tells the progress of the first that is not finished, as it goes on, and of no other', () => {
  const told: CampaignEvent[] = [];
  const inOrder = new InOrder((event) => told.push(event));
  const [first, second] = [inOrder.emitterOf(0), inOrder.emitterOf(1)];
  second(progress('second'));
  first(progress('first'));
  inOrder.finish(0);
  second(progress('second'));
  expect(told).toEqual([progress('first'), progress('second')]);
});

it('tells in the end what the interruption of an earlier one has kept waiting', () => {
  const told: CampaignEvent[] = [];
  const inOrder = new InOrder((event) => told.push(event));
  inOrder.emitterOf(2)(note('third'));
  inOrder.emitterOf(1)(note('second'));
  inOrder.end();
  expect(told).toEqual([note('second'), note('third')]);
});
