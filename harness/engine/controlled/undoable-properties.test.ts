import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepPropertiesUndoable } from './undoable-properties.js';

const realm = {};
const own = {};
let undo: () => void;
const before = [Object.defineProperty, Object.defineProperties, Reflect.defineProperty];

beforeEach(() => {
  undo = keepPropertiesUndoable((target) => target === realm);
});
afterEach(() => {
  undo();
  for (const key of Reflect.ownKeys(realm)) Reflect.deleteProperty(realm, key);
});

describe('keepPropertiesUndoable', () => {
  it.each<[string, (target: object, key: string) => void]>([
    ['Object.defineProperty', (target, key) => Object.defineProperty(target, key, { value: 1 })],
    ['Object.defineProperties', (target, key) => Object.defineProperties(target, { [key]: { get: () => 1 } })],
    ['Reflect.defineProperty', (target, key) => Reflect.defineProperty(target, key, { value: 1, configurable: false })],
  ])('lets what %s adds to a built-in object be taken away, and nothing else', (_, define) => {
    define(realm, 'added');
    expect(Reflect.get(realm, 'added')).toBe(1);
    expect(Reflect.deleteProperty(realm, 'added')).toBe(true);
    define(own, _);
    expect(Object.getOwnPropertyDescriptor(own, _)?.configurable).toBe(false);
  });

  it('changes no other answer', () => {
    Object.defineProperty(realm, 'there', { value: 1, configurable: true });
    Object.defineProperty(realm, 'there', { value: 2, configurable: false });
    expect(Object.getOwnPropertyDescriptor(realm, 'there')).toMatchObject({ value: 2, configurable: true });
    Object.defineProperty(own, 'locked', { value: 1 });
    expect(Reflect.defineProperty(own, 'locked', { value: 2 })).toBe(false);
    expect(Reflect.defineProperty(Object.freeze({}), 'no', { value: 1 })).toBe(false);
    expect(Object.defineProperty(realm, 'other', { value: 1 })).toBe(realm);
    expect(() => Object.defineProperty(realm, 'wrong', 1 as never)).toThrow(/Property description must be an object/);
    for (const wrong of [1, false, undefined]) {
      const define = (): unknown => Object.defineProperties(realm, { wrong: wrong as never });
      expect(define).toThrow(/Property description must be an object/);
    }
    expect(() => Object.defineProperty(1 as never, 'wrong', {})).toThrow(/called on non-object/);
    expect(Object.defineProperty.name).toBe('defineProperty');
    expect(Object.defineProperty).toHaveLength(3);
    expect(Object.defineProperties).toHaveLength(2);
  });

  it('is undone', () => {
    undo();
    expect([Object.defineProperty, Object.defineProperties, Reflect.defineProperty]).toEqual(before);
  });
});
