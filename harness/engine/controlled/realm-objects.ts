import { builtinModules, createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';

/** How far a guard looks: at the objects in globals, or at everything that properties and prototypes reach from there. */
export type GuardDepth = 'globals' | 'everything';

/** A value that outlives executions, and its name in messages. */
export type NamedRoot = readonly [name: string, value: unknown];

/** Built-in objects that are not in a global, but that a program can easily reach. */
function hiddenIntrinsics(): NamedRoot[] {
  const generator = Object.getPrototypeOf(function* () {
    yield undefined;
  }) as object;
  const asyncGenerator = Object.getPrototypeOf(async function* () {
    await Promise.resolve();
    yield undefined;
  }) as object;
  const iterators: readonly (readonly [string, object])[] = [
    ['arrays', [][Symbol.iterator]()],
    ['maps', new Map().values()],
    ['sets', new Set().values()],
    ['strings', ''[Symbol.iterator]()],
  ];
  return [
    ['%TypedArray%', Object.getPrototypeOf(Int8Array)],
    ['%TypedArray%.prototype', Object.getPrototypeOf(Int8Array.prototype)],
    ['the prototype of generator functions', generator],
    ['the prototype of generators', Reflect.get(generator, 'prototype')],
    ['the prototype of async generator functions', asyncGenerator],
    ['the prototype of async generators', Reflect.get(asyncGenerator, 'prototype')],
    ['the prototype of iterators', Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()))],
    ...iterators.map(([name, iterator]): NamedRoot => [
      `the prototype of iterators of ${name}`,
      Object.getPrototypeOf(iterator),
    ]),
  ];
}

function globalValues(): NamedRoot[] {
  return Object.getOwnPropertyNames(globalThis).map((name): NamedRoot => {
    const descriptor = Object.getOwnPropertyDescriptor(globalThis, name);
    return [name, descriptor !== undefined && 'value' in descriptor ? descriptor.value : undefined];
  });
}

const nodeRequire = createRequire(import.meta.url);

/** Node's own modules, as far as this thread has loaded them: loading the others would take longer than everything else. */
function loadedModules(): NamedRoot[] {
  const loaded = new Set(Reflect.get(process, 'moduleLoadList') as readonly string[]);
  return builtinModules
    .filter((id) => !id.startsWith('_') && loaded.has(`NativeModule ${id}`))
    .map((id): NamedRoot => [`node:${id}`, nodeRequire(`node:${id}`)]);
}

/** What a program can reach by itself. `Object.prototype` comes first: it affects all others. */
export function realmRoots(depth: GuardDepth): NamedRoot[] {
  return [
    ['Object.prototype', Object.prototype],
    ['globalThis', globalThis],
    ...globalValues(),
    // Accessors return these.
    ['process', process],
    ['performance', performance],
    // Threads have copies of their own.
    ...(isMainThread ? [['process.env', process.env] satisfies NamedRoot] : []),
    ...hiddenIntrinsics(),
    ...(depth === 'globals'
      ? []
      : ([
          ['process.argv', process.argv],
          ['process.execArgv', process.execArgv],
          ['process.versions', process.versions],
          ['process.release', process.release],
          ...loadedModules(),
        ] satisfies NamedRoot[])),
  ];
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** The roots and the prototypes of those that are constructors. */
export function editableObjects(roots: readonly NamedRoot[]): Map<object, string> {
  const objects = new Map<object, string>();
  const add = (name: string, value: unknown): void => {
    if (isObject(value) && !objects.has(value)) objects.set(value, name);
  };
  for (const [name, root] of roots) {
    add(name, root);
    if (typeof root !== 'function') continue;
    const prototype: unknown = Object.getOwnPropertyDescriptor(root, 'prototype')?.value;
    if (isObject(prototype)) add(`${name}.prototype`, prototype);
  }
  return objects;
}

/** The roots and everything that properties, accessors and prototypes reach from them. No accessor is called. */
export function everyObject(roots: readonly NamedRoot[]): Map<object, string> {
  const objects = editableObjects(roots);
  const found = [...objects].map(([object, name]): [string, object] => [name, object]);
  const add = (name: string, value: unknown): void => {
    if (!isObject(value) || objects.has(value)) return;
    objects.set(value, name);
    found.push([name, value]);
  };
  // Breadth first: this gives objects near a global a short path.
  for (const [name, object] of found) {
    for (const key of Reflect.ownKeys(object)) {
      if (object === process && isForeignInProcess(key)) continue;
      const descriptor = Reflect.getOwnPropertyDescriptor(object, key);
      const property = propertyName(name, key);
      add(property, descriptor?.value);
      add(`the getter of ${property}`, descriptor?.get);
      add(`the setter of ${property}`, descriptor?.set);
    }
    add(`the prototype of ${name}`, Reflect.getPrototypeOf(object));
  }
  return objects;
}

const stateOfProcess: ReadonlySet<PropertyKey> = new Set(
  Reflect.ownKeys(process).filter((key) => typeof Object.getOwnPropertyDescriptor(process, key)?.value !== 'function'),
);

/** A method as a function of its `this`, which works even if the prototype changes. */
function uncurried(method: string, prototype: object): (...values: never[]) => unknown {
  return Function.prototype.call.bind(Reflect.get(prototype, method) as () => unknown) as (
    ...values: never[]
  ) => unknown;
}

const has = uncurried('has', Set.prototype) as (set: ReadonlySet<PropertyKey>, key: PropertyKey) => boolean;
const startsWith = uncurried('startsWith', String.prototype) as (text: string, start: string) => boolean;

const describeSymbol = uncurried('toString', Symbol.prototype) as (symbol: symbol) => string;
const matches = uncurried('test', RegExp.prototype) as (pattern: RegExp, text: string) => boolean;
const identifier = /^[\w$]+$/;
const { stringify } = JSON;

/** How a program would write a property. */
export function propertyName(object: string, key: PropertyKey): string {
  if (typeof key === 'symbol') return `${object}[${describeSymbol(key)}]`;
  const text = `${key}`;
  if (object === 'globalThis') return text;
  return matches(identifier, text) ? `${object}.${text}` : `${object}[${stringify(text)}]`;
}

/** Bookkeeping of the process, which changes constantly; a program would add to it, or replace its functions. */
export function isForeignInProcess(key: PropertyKey): boolean {
  return typeof key === 'symbol' || (typeof key === 'string' && startsWith(key, '_')) || has(stateOfProcess, key);
}
