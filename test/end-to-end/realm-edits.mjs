// Run by realm-edits.test.ts in a process of its own, whose realm nobody else changes. Prints nothing and ends with 0 if all
// is well. What is checked is checked after the realm has been put right.
import fc from 'fast-check';
import assert from 'node:assert/strict';
import events from 'node:events';
import fs from 'node:fs';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual } from 'node:util';

const { RealmGuard } = await import(pathToFileURL(process.argv[2]).href);
// What is loaded when it is first asked for belongs to the realm as it is.
for (const key of Reflect.ownKeys(globalThis)) Reflect.get(globalThis, key);
const guard = new RealmGuard([], 'everything');

/** What a program can find out about an object without calling anything of it; the order of keys aside. */
const look = (target) => {
  const descriptors = Reflect.ownKeys(target).map((key) => [key, Reflect.getOwnPropertyDescriptor(target, key)]);
  return [Reflect.getPrototypeOf(target), new Map(descriptors)];
};
const isObject = (value) => typeof value === 'function' || (typeof value === 'object' && value !== null);

const starts = [
  Array,
  Promise,
  Intl,
  Reflect,
  globalThis.WebAssembly,
  globalThis.EventTarget,
  process.versions,
  fs,
  events,
  Int8Array,
];
/** Follows properties, prototypes and accessors that are objects, as long as the numbers last. */
const walk = (start, turns) => {
  let at = start;
  for (const turn of turns) {
    const descriptors = Reflect.ownKeys(at).map((key) => Reflect.getOwnPropertyDescriptor(at, key));
    const next = descriptors.flatMap(({ value, get, set }) => [value, get, set].filter(isObject));
    at = next[turn % next.length] ?? at;
  }
  return at;
};
/** A property that is added and cannot be configured cannot be removed again. */
const define = (target, key, changes) =>
  Reflect.defineProperty(target, key, Object.hasOwn(target, key) ? changes : { ...changes, configurable: true });
const ways = [
  // Not by assigning: setters do more than change a property. 7 can be the length of an array too.
  (target, key) => define(target, key, { value: 7 }),
  (target, key) => Reflect.deleteProperty(target, key),
  (target, key) => Reflect.defineProperty(target, key, { get: () => 'leaked', configurable: true }),
  (target, key) => define(target, key, { enumerable: true }),
  (target) => Reflect.setPrototypeOf(target, { leaked: true }),
  (target) => Reflect.set(target, 'leaked', 'yes'),
];

fc.assert(
  fc.property(
    fc.constantFrom(...starts),
    fc.array(fc.nat(), { maxLength: 5 }),
    fc.nat(),
    fc.nat(ways.length - 1),
    (start, turns, keyNumber, way) => {
      const target = walk(start, turns);
      const keys = Reflect.ownKeys(target);
      const before = look(target);
      ways[way](target, keys[keyNumber % keys.length] ?? 'leaked');
      // Whoever looks now looks with what may have been changed; the guard must not.
      const changes = guard.changes(1);
      guard.restore();
      ways[way](target, keys[keyNumber % keys.length] ?? 'leaked');
      const isChanged = (() => {
        try {
          return !isDeepStrictEqual(look(target), before);
        } catch {
          return true;
        }
      })();
      guard.restore();
      assert.deepEqual(look(target), before);
      assert.equal(changes.length > 0, isChanged, `changes: ${changes.join(', ')}`);
      assert.deepEqual(guard.changes(1), []);
    },
  ),
  { numRuns: 150 },
);

const vital = {
  'Object.prototype.get': () => Reflect.set(Object.prototype, 'get', 1),
  'Object.prototype.value': () => Reflect.set(Object.prototype, 'value', 1),
  'Array.prototype.push': () => Reflect.set(Array.prototype, 'push', () => 0),
  'Array.prototype[Symbol(Symbol.iterator)]': () => Reflect.deleteProperty(Array.prototype, Symbol.iterator),
  'Map.prototype.get': () => Reflect.deleteProperty(Map.prototype, 'get'),
  'Set.prototype.has': () => Reflect.set(Set.prototype, 'has', () => true),
  'RegExp.prototype.exec': () => Reflect.deleteProperty(RegExp.prototype, 'exec'),
  'Function.prototype.call': () => Reflect.deleteProperty(Function.prototype, 'call'),
  Reflect: () => Reflect.deleteProperty(globalThis, 'Reflect'),
  'whether Map.prototype can be changed': () => Object.preventExtensions(Map.prototype),
};
for (const [name, change] of Object.entries(vital)) {
  change();
  const changes = guard.changes(5);
  guard.restore();
  assert.deepEqual(changes, [name]);
}
// The last one cannot be undone.
assert.deepEqual(guard.changes(5), ['whether Map.prototype can be changed']);
