import { describe, expect, it } from 'vitest';
import { lostMethod } from './lost-methods.js';

class Limiter {
  #left = 3;
  take(): number {
    return this.#left--;
  }
}
class Slow extends Limiter {}

const why = (path: string): string => `${path} is a copy made by structuredClone, which drops methods.`;

describe('lostMethod', () => {
  it.each<[string, unknown, string | undefined]>([
    ['store.limiter.take', { limiter: new Limiter() }, why('store.limiter')],
    ['take', { deep: [{ limiter: new Slow() }] }, why('store.deep[0].limiter')],
    ['context.store.take', new Limiter(), why('store')],
    ['(intermediate value).take', new Map([['a', new Limiter()]]), why('store.get(a)')],
    ['x.take', new Set([new Limiter()]), why('an element of store')],
    ['store.limiter.give', { limiter: new Limiter() }, undefined],
    ['store.take', { take: 7 }, undefined],
    ['store.map.has', { map: new Map(), view: new Int32Array(2), date: new Date() }, undefined],
    ['store.hasOwnProperty', { limiter: new Limiter() }, undefined],
  ])('of %s', (called, store, expected) => {
    const found = lostMethod(`TypeError: ${called} is not a function`, store);
    expect(found === undefined ? undefined : `${found.split('. ')[0]}.`).toBe(expected);
  });

  it('has nothing to say of other errors, and runs no getter', () => {
    const store = {
      get trap(): never {
        throw new Error('a getter ran');
      },
      limiter: new Limiter(),
    };
    expect(lostMethod('TypeError: take is not iterable', store)).toBeUndefined();
    expect(lostMethod('Error: take is not a function', store)).toBeUndefined();
    expect(lostMethod('TypeError: a.take is not a function', store)).toContain('store.limiter');
  });
});
