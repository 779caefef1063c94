import {
  editableObjects,
  everyObject,
  isForeignInProcess,
  propertyName,
  realmRoots,
  type GuardDepth,
  type NamedRoot,
} from './realm-objects.js';

// The guard restores the realm, so it must work in one that has been changed: it has its own references to what it calls, and
// avoids everything that looks up a property of a built-in object, such as `for...of` and `Map`.
const {
  apply,
  get,
  ownKeys,
  getOwnPropertyDescriptor,
  defineProperty,
  deleteProperty,
  getPrototypeOf,
  setPrototypeOf,
} = Reflect;
const { is: isSame, isExtensible, hasOwn } = Object;
const hasTarget: (target: object) => boolean = get(WeakSet.prototype, 'has');

interface Saved {
  readonly name: string;
  readonly target: object;
  readonly keys: readonly PropertyKey[];
  /** One for each key. */
  readonly descriptors: readonly PropertyDescriptor[];
  readonly prototype: object | null;
  readonly isExtensible: boolean;
  /** Properties that Node itself changes, without the program. */
  readonly isForeign: ((key: PropertyKey) => boolean) | undefined;
}

/**
 * Restores `globalThis`, the built-in constructors, prototypes and namespaces, and the environment variables to their state when
 * the guard was made, so that what one execution does to them does not affect the next. Only used for scenarios whose code
 * mentions such objects: comparing them all takes a few hundred microseconds.
 */
export class RealmGuard {
  readonly #saved: Saved[];
  readonly #targets: WeakSet<object>;

  /**
   * @param shadows the replacements of globals in the program under test, which are restored as well
   * @param depth `everything` takes several times as long. Default `globals`
   */
  constructor(shadows: readonly unknown[] = [], depth: GuardDepth = 'globals') {
    const roots: NamedRoot[] = [...realmRoots(depth), ...shadows.map((shadow): NamedRoot => ['a global', shadow])];
    const objects = depth === 'globals' ? editableObjects(roots) : everyObject(roots);
    this.#saved = [...objects].map(([target, name]) => save(target, name));
    this.#targets = new WeakSet(objects.keys());
  }

  /** Whether it restores this object. */
  guards(target: object): boolean {
    return apply(hasTarget, this.#targets, [target]);
  }

  /** Makes the current state of some of the objects the one to restore. */
  renew(targets: readonly object[]): void {
    for (const [index, { target, name }] of this.#saved.entries()) {
      if (targets.includes(target)) this.#saved[index] = save(target, name);
    }
  }

  /** Undoes what can be undone. */
  restore(): void {
    // Not `for...of`, which calls functions that a program may have replaced.
    let index = 0;
    while (index < this.#saved.length) restoreObject(this.#saved[index++]!);
  }

  /**
   * Names what differs, such as `Array.prototype.map`.
   *
   * @param limit the most names to return
   */
  changes(limit: number): string[] {
    const names: string[] = [];
    for (let index = 0; index < this.#saved.length && names.length < limit; index++) {
      addChanges(this.#saved[index]!, names, limit);
    }
    return names;
  }
}

function save(target: object, name: string): Saved {
  const keys = ownKeys(target);
  return {
    name,
    target,
    keys,
    descriptors: keys.map((key) => getOwnPropertyDescriptor(target, key)!),
    prototype: getPrototypeOf(target),
    isExtensible: isExtensible(target),
    isForeign: target === process ? isForeignInProcess : undefined,
  };
}

function restoreObject({ target, keys, descriptors, prototype, isForeign }: Saved): void {
  if (getPrototypeOf(target) !== prototype) setPrototypeOf(target, prototype);
  const present = ownKeys(target);
  for (let index = 0; index < present.length; index++) {
    const key = present[index]!;
    if (key !== keys[index] && indexOf(keys, key) === -1 && isForeign?.(key) !== true) deleteProperty(target, key);
  }
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index]!;
    const saved = descriptors[index]!;
    if (isForeign?.(key) === true || isSameDescriptor(saved, getOwnPropertyDescriptor(target, key))) continue;
    defineProperty(target, key, saved);
  }
}

function addChanges(saved: Saved, names: string[], limit: number): void {
  const { name, target, keys, descriptors, isForeign } = saved;
  // Methods of a changed realm may do anything: no `push` here.
  const add = (change: string): void => {
    if (names.length < limit) defineProperty(names, names.length, dataDescriptor(change));
  };
  if (getPrototypeOf(target) !== saved.prototype) add(`the prototype of ${name}`);
  const present = ownKeys(target);
  for (let index = 0; index < present.length; index++) {
    const key = present[index]!;
    if (key !== keys[index] && indexOf(keys, key) === -1 && isForeign?.(key) !== true) add(propertyName(name, key));
  }
  let isChanged = false;
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index]!;
    const descriptor = descriptors[index]!;
    const now = getOwnPropertyDescriptor(target, key);
    if (isForeign?.(key) === true || isSameDescriptor(descriptor, now) || wasLoaded(target, descriptor, now)) continue;
    // Freezing changes every property, but is reported as one change.
    if (isChanged && !isExtensible(target)) continue;
    isChanged = true;
    if (!isExtensible(target) && saved.isExtensible) continue;
    add(propertyName(name, key));
  }
  if (isExtensible(target) !== saved.isExtensible) add(`whether ${name} can be changed`);
}

/** Node loads some of its globals on first use: an accessor becomes the value that it returns. */
function wasLoaded(target: object, before: PropertyDescriptor, now: PropertyDescriptor | undefined): boolean {
  const getter = get(before, 'get') as (() => unknown) | undefined;
  if (getter === undefined || now === undefined || !hasOwn(now, 'value') || now.value === undefined) return false;
  try {
    return apply(getter, target, []) === now.value;
  } catch {
    return false;
  }
}

/** Without a prototype, so that changes of `Object.prototype` do not affect it. */
function dataDescriptor(value: unknown): PropertyDescriptor {
  return { __proto__: null, value, writable: true, enumerable: true, configurable: true } as PropertyDescriptor;
}

function indexOf(keys: readonly PropertyKey[], key: PropertyKey): number {
  for (let index = 0; index < keys.length; index++) if (keys[index] === key) return index;
  return -1;
}

function isSameDescriptor(first: PropertyDescriptor, second: PropertyDescriptor | undefined): boolean {
  return (
    second !== undefined &&
    isSame(first.value, second.value) &&
    first.get === second.get &&
    first.set === second.set &&
    first.writable === second.writable &&
    first.enumerable === second.enumerable &&
    first.configurable === second.configurable
  );
}
