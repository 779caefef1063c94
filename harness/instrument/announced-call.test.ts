import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnnouncedCall } from './announced-call.js';

const found = -1;

class Calls extends AnnouncedCall {
  protected override findPlace(): number {
    return found;
  }
}

const holders: readonly unknown[] = [{ name: 'one' }, { name: 'other' }, undefined];
const functions = [(): number => 1, (): number => 2];
const names = ['load', 'set'];
const call = fc.record({
  holder: fc.constantFrom(...holders),
  callee: fc.constantFrom(...functions),
  name: fc.constantFrom(...names),
});

describe('an announced call', () => {
  it('is believed by the method it is announced of, and once', () => {
    const calls = new Calls();
    const holder = {};
    calls.at(7, holder, 'load');
    expect(calls.placeOf(holder, 'load')).toBe(7);
    expect(calls.placeOf(holder, 'load')).toBe(found);
  });

  it('is believed by the function it is announced of, whatever it is called on', () => {
    const calls = new Calls();
    const load = (): void => undefined;
    calls.at(7, load, '');
    expect(calls.placeOf(undefined, 'load', load)).toBe(7);
  });

  it('is believed by nobody else', () => {
    const announced = fc.oneof(
      call.map(({ holder, name }) => ({ whose: holder, name })),
      call.map(({ callee }) => ({ whose: callee, name: '' })),
    );
    fc.assert(
      fc.property(announced, call, ({ whose, name }, asking) => {
        const calls = new Calls();
        calls.at(7, whose, name);
        const isIts = name === '' ? whose === asking.callee : whose === asking.holder && name === asking.name;
        expect(calls.placeOf(asking.holder, asking.name, asking.callee)).toBe(isIts ? 7 : found);
      }),
    );
  });
});
