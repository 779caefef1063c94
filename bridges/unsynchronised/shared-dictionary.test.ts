import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UncloneablePayload } from '../primitives/payload.js';
import { DictionaryFull, EntryTooLarge, TornEntry } from './dictionary-errors.js';
import { createSharedDictionary, SharedDictionary, type SharedDictionaryState } from './shared-dictionary.js';

const entriesOf = (dictionary: SharedDictionary<unknown>): [string, unknown][] =>
  [...dictionary.copy().decode()].sort(([one], [other]) => (one < other ? -1 : 1));

const change = fc.record({
  key: fc.constantFrom('', 'a', 'b', 'ö', '🌲', 'declinate', 'macallums'),
  value: fc.option(fc.oneof(fc.integer(), fc.string({ maxLength: 12 }), fc.array(fc.boolean(), { maxLength: 4 }))),
});

describe('SharedDictionary', () => {
  it('does what a Map does, whatever the changes, on every handle', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const state = createSharedDictionary({ entries: 7, entryBytes: 64 });
        const writer = new SharedDictionary<unknown>(state);
        const reader = new SharedDictionary<unknown>(state);
        const model = new Map<string, unknown>();
        for (const { key, value } of changes) {
          if (value === null) {
            expect(writer.delete(key)).toBe(model.delete(key));
          } else {
            writer.set(key, value);
            model.set(key, value);
          }
          expect(reader.get(key)).toEqual(model.get(key));
          expect(reader.size).toBe(model.size);
        }
        expect(new Map(entriesOf(reader))).toEqual(model);
      }),
    );
  });

  it('tells keys apart that have the same hash and the same length', () => {
    const dictionary = new SharedDictionary<number>(createSharedDictionary({ entries: 2 }));
    dictionary.set('declinate', 1);
    dictionary.set('macallums', 2);
    expect(dictionary.get('declinate')).toBe(1);
    expect(dictionary.get('macallums')).toBe(2);
  });

  it('carries whatever structured cloning does', () => {
    const dictionary = new SharedDictionary<unknown>(createSharedDictionary());
    const value = { at: new Date(5), ids: new Set([1n, 2n]), bytes: new Uint8Array([1, 2]), nothing: undefined };
    dictionary.set('value', value);
    expect(dictionary.get('value')).toEqual(value);
  });

  it('keeps a copy as it was', () => {
    const dictionary = new SharedDictionary<number>(createSharedDictionary());
    dictionary.set('a', 1);
    const copy = dictionary.copy();
    dictionary.set('a', 2);
    dictionary.set('b', 3);
    expect([...copy.decode()]).toEqual([['a', 1]]);
  });

  it('numbers its changes, and says which change wrote a key', () => {
    const dictionary = new SharedDictionary<number>(createSharedDictionary());
    expect(dictionary.set('a', 1)).toBe(1);
    expect(dictionary.set('b', 1)).toBe(2);
    const known = dictionary.stamps();
    expect(dictionary.set('a', 2)).toBe(3);
    const stamps = [...dictionary.stamps(known).values()];
    expect(stamps).toEqual([
      { key: 'a', change: 3 },
      { key: 'b', change: 2 },
    ]);
    expect([...known.values()]).toContain(stamps[1]);
  });

  describe('refuses, and stays as it is,', () => {
    const filled = (): SharedDictionary<unknown> => {
      const dictionary = new SharedDictionary<unknown>(createSharedDictionary({ entries: 1, entryBytes: 16 }));
      dictionary.set('a', 1);
      return dictionary;
    };

    it.each([
      ['a value that cannot be cloned', 'a', () => undefined, UncloneablePayload, /cannot be sent to another agent/],
      [
        'a value that is too large',
        'a',
        'x'.repeat(13),
        EntryTooLarge,
        /"a" takes 1 and 17 bytes.* has 16 \(entryBytes\)/,
      ],
      ['one key too many', 'b', 1, DictionaryFull, /is full: it has 1 keys \(entries\), and "b" is new/],
      ['half a surrogate pair', '\ud83c', 1, TypeError, /half a surrogate pair/],
    ])('%s', (_, key, value, kind, message) => {
      const dictionary = filled();
      expect(() => dictionary.set(key, value)).toThrow(kind);
      expect(() => dictionary.set(key, value)).toThrow(message);
      expect(entriesOf(dictionary)).toEqual([['a', 1]]);
      expect(dictionary.change).toBe(1);
    });

    it('a key that is no string', () => {
      expect(() => filled().set(7 as unknown as string, 1)).toThrow('A key must be a string, but it is a number.');
    });
  });

  it.each([
    [{ entries: 0 }, 'entries must be a whole number from 1 to 65536, but it is 0.'],
    [{ entries: 1.5 }, 'entries must be a whole number from 1 to 65536, but it is 1.5.'],
    [{ entryBytes: 7 }, 'entryBytes must be a whole number from 8 to 1048576, but it is 7.'],
    [{ entries: 65_536, entryBytes: 2 ** 20 }, /take \d+ bytes, but a dictionary has at most 1073741824/],
  ])('refuses the size %o', (options, message) => {
    expect(() => createSharedDictionary(options)).toThrow(message);
  });

  it('fills its room exactly, to the last byte and the last key', () => {
    const dictionary = new SharedDictionary<string>(createSharedDictionary({ entries: 3, entryBytes: 16 }));
    for (const key of ['a', 'b', 'c']) for (let times = 0; times < 3; times++) dictionary.set(key, 'x'.repeat(11));
    expect(entriesOf(dictionary)).toEqual(['a', 'b', 'c'].map((key) => [key, 'x'.repeat(11)]));
  });

  it('says that an entry is torn if its bytes are no value', () => {
    const state = createSharedDictionary({ entries: 1, entryBytes: 16 });
    const dictionary = new SharedDictionary<string>(state);
    dictionary.set('a', 'value');
    const lengths = new Int32Array(state.blocks.buffer, 4, 2);
    lengths[1]! -= 1;
    expect(() => dictionary.get('a')).toThrow(TornEntry);
    expect(() => dictionary.get('a')).toThrow('The entry of "a" is torn');
    lengths[0] = 17;
    expect(() => dictionary.copy().decode()).toThrow('The entry number 0 is torn');
  });

  describe('repair', () => {
    /** A dictionary whose next change ends at the given store into the order, as when a thread dies. */
    const dying = (state: SharedDictionaryState, storesLeft: number): SharedDictionary<number> => {
      const order = new Proxy(state.order, {
        get: (target, property) => {
          const value = Reflect.get(target, property, target) as unknown;
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
        set: (target, property, value) => {
          if (storesLeft-- <= 0) throw new Error('dead');
          return Reflect.set(target, property, value);
        },
      });
      return new SharedDictionary({ ...state, order });
    };

    it('leaves the old value or the new one, and everything else, wherever the writer died', () => {
      const changes: [string, (dictionary: SharedDictionary<number>) => unknown, (number | undefined)[]][] = [
        ['b', (dictionary) => dictionary.set('b', 20), [2, 20]],
        ['b', (dictionary) => dictionary.delete('b'), [2, undefined]],
        ['c', (dictionary) => dictionary.delete('c'), [3, undefined]],
        ['d', (dictionary) => dictionary.set('d', 40), [undefined, 40]],
      ];
      const seen = new Set<string>();
      for (const [key, change, allowed] of changes) {
        for (let stores = 0; stores < 4; stores++) {
          const state = createSharedDictionary({ entries: 4, entryBytes: 16 });
          const dictionary = new SharedDictionary<number>(state);
          for (const [index, name] of ['a', 'b', 'c'].entries()) dictionary.set(name, index + 1);
          // The store of the change's number, by Atomics, is the last point at which each of them ends.
          expect(() => change(dying(state, stores))).toThrow();
          dictionary.repair();
          expect(allowed).toContain(dictionary.get(key));
          seen.add(`${key} ${dictionary.get(key)}`);
          for (const [index, name] of ['a', 'b', 'c'].entries()) {
            if (name !== key) expect(dictionary.get(name)).toBe(index + 1);
          }
          // No room was lost.
          for (const name of ['a', 'b', 'c', 'd']) dictionary.set(name, 5);
          for (const name of ['a', 'b', 'c', 'd']) dictionary.set(name, 6);
          expect(entriesOf(dictionary)).toEqual(['a', 'b', 'c', 'd'].map((name) => [name, 6]));
        }
      }
      // The writers died early enough and late enough to see both.
      expect([...seen].sort()).toEqual(['b 2', 'b 20', 'b undefined', 'c 3', 'c undefined', 'd 40', 'd undefined']);
    });
  });
});
