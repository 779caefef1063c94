interface Saved {
  readonly target: object;
  readonly properties: ReadonlyMap<PropertyKey, PropertyDescriptor>;
  /** Properties that are Node's own business: they change without the program's doing. */
  readonly isForeign: (key: PropertyKey) => boolean;
}

/** Built-in objects that no global names, but that a program gets at easily. */
function hiddenIntrinsics(): object[] {
  const generator = Object.getPrototypeOf(function* () {
    yield undefined;
  }) as object;
  const asyncGenerator = Object.getPrototypeOf(async function* () {
    await Promise.resolve();
    yield undefined;
  }) as object;
  return [
    Object.getPrototypeOf(Int8Array) as object,
    Object.getPrototypeOf(Int8Array.prototype) as object,
    generator,
    Reflect.get(generator, 'prototype') as object,
    asyncGenerator,
    Reflect.get(asyncGenerator, 'prototype') as object,
    Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())) as object,
    ...[[][Symbol.iterator](), new Map().values(), new Set().values(), ''[Symbol.iterator]()].map(
      (iterator) => Object.getPrototypeOf(iterator) as object,
    ),
  ];
}

/** The objects that a program can edit and that outlive an execution: these, and what they lead to. */
function editableObjects(roots: readonly unknown[]): Set<object> {
  const objects = new Set<object>();
  for (const root of roots) {
    if ((typeof root !== 'object' && typeof root !== 'function') || root === null) continue;
    objects.add(root);
    if (typeof root !== 'function') continue;
    const prototype: unknown = Object.getOwnPropertyDescriptor(root, 'prototype')?.value;
    if (typeof prototype === 'object' && prototype !== null) objects.add(prototype);
  }
  return objects;
}

function globalValues(): unknown[] {
  return Object.getOwnPropertyNames(globalThis).map((name): unknown => {
    const descriptor = Object.getOwnPropertyDescriptor(globalThis, name);
    return descriptor !== undefined && 'value' in descriptor ? descriptor.value : undefined;
  });
}

const isNever = (): boolean => false;

/**
 * Puts `globalThis`, the built-in constructors, prototypes and namespaces, and the environment variables back as they were
 * when the guard was made, so that what one execution adds to them is not there in the next. Used only for scenarios
 * whose code mentions such objects: comparing them all takes a few hundred microseconds.
 */
export class RealmGuard {
  readonly #saved: readonly Saved[];

  /** @param shadows what stands for globals in the program under test, to be put back like them */
  constructor(shadows: readonly unknown[] = []) {
    const targets = editableObjects([
      globalThis,
      ...globalValues(),
      ...hiddenIntrinsics(),
      performance,
      process.env,
      ...shadows,
    ]);
    // Its own bookkeeping changes all the time; a program would add to it, or replace its functions.
    targets.delete(process);
    this.#saved = [
      ...[...targets].map((target) => ({ target, properties: propertiesOf(target), isForeign: isNever })),
      { target: process, properties: propertiesOf(process), isForeign: isForeignInProcess },
    ];
  }

  restore(): void {
    for (const { target, properties, isForeign } of this.#saved) {
      for (const key of Reflect.ownKeys(target)) {
        if (isForeign(key)) continue;
        const saved = properties.get(key);
        if (saved === undefined) Reflect.deleteProperty(target, key);
        else if (!sameDescriptor(saved, Object.getOwnPropertyDescriptor(target, key)))
          Reflect.defineProperty(target, key, saved);
      }
      for (const [key, saved] of properties) {
        if (!isForeign(key) && !Object.hasOwn(target, key)) Reflect.defineProperty(target, key, saved);
      }
    }
  }
}

function propertiesOf(target: object): Map<PropertyKey, PropertyDescriptor> {
  return new Map(Reflect.ownKeys(target).map((key) => [key, Object.getOwnPropertyDescriptor(target, key)!]));
}

const stateOfProcess: ReadonlySet<PropertyKey> = new Set(
  Reflect.ownKeys(process).filter((key) => typeof Object.getOwnPropertyDescriptor(process, key)?.value !== 'function'),
);

function isForeignInProcess(key: PropertyKey): boolean {
  return typeof key === 'symbol' || (typeof key === 'string' && key.startsWith('_')) || stateOfProcess.has(key);
}

function sameDescriptor(first: PropertyDescriptor, second: PropertyDescriptor | undefined): boolean {
  return (
    second !== undefined &&
    Object.is(first.value, second.value) &&
    first.get === second.get &&
    first.set === second.set &&
    first.writable === second.writable &&
    first.enumerable === second.enumerable &&
    first.configurable === second.configurable
  );
}
