/** The built-in objects that a program can edit and that outlive an execution. */
function editableObjects(): object[] {
  const objects: object[] = [globalThis];
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    const descriptor = Object.getOwnPropertyDescriptor(globalThis, name);
    const value: unknown = descriptor !== undefined && 'value' in descriptor ? descriptor.value : undefined;
    if (typeof value !== 'function') continue;
    objects.push(value);
    const prototype: unknown = (value as { prototype?: unknown }).prototype;
    if (typeof prototype === 'object' && prototype !== null) objects.push(prototype);
  }
  return objects;
}

/**
 * Puts `globalThis` and the built-in constructors and prototypes back as they were when the guard was made, so that what
 * one execution adds to them is not there in the next. Used only for scenarios whose code mentions such objects:
 * comparing them all takes a few hundred microseconds.
 */
export class RealmGuard {
  readonly #saved: readonly {
    readonly target: object;
    readonly properties: ReadonlyMap<PropertyKey, PropertyDescriptor>;
  }[];

  constructor() {
    this.#saved = editableObjects().map((target) => ({
      target,
      properties: new Map(
        Reflect.ownKeys(target).map((key) => [key, Object.getOwnPropertyDescriptor(target, key) as PropertyDescriptor]),
      ),
    }));
  }

  restore(): void {
    for (const { target, properties } of this.#saved) {
      for (const key of Reflect.ownKeys(target)) {
        const saved = properties.get(key);
        if (saved === undefined) Reflect.deleteProperty(target, key);
        else if (!sameDescriptor(saved, Object.getOwnPropertyDescriptor(target, key)))
          Reflect.defineProperty(target, key, saved);
      }
      for (const [key, saved] of properties)
        if (!Object.hasOwn(target, key)) Reflect.defineProperty(target, key, saved);
    }
  }
}

function sameDescriptor(first: PropertyDescriptor, second: PropertyDescriptor | undefined): boolean {
  return (
    second !== undefined && Object.is(first.value, second.value) && first.get === second.get && first.set === second.set
  );
}
