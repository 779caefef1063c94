import type { Access } from './state.js';

/** Called right before each access to a store. `site` is the operation that the program called. */
export type StoreWatcher = (access: Access, site: string) => void;

/** Methods that change the object they are called on. All others read. */
const changing = new Set(
  (
    'add clear copyWithin delete fill pop push reverse set shift sort splice unshift ' +
    'setInt8 setUint8 setInt16 setUint16 setInt32 setUint32 setFloat32 setFloat64 setBigInt64 setBigUint64'
  ).split(' '),
);

/**
 * Wraps an object: reports every access and then performs it. Objects within it are not watched.
 *
 * Each call of a method of an array, typed array, DataView, Map or Set is one access, and so is each element or property.
 */
export function watchedStore<Store extends object>(store: Store, watch: StoreWatcher): Store {
  // Their methods work only on the real object, and not on a proxy.
  const collection = store instanceof Map || store instanceof Set || Array.isArray(store) || ArrayBuffer.isView(store);
  const elements =
    ArrayBuffer.isView(store) && !(store instanceof DataView)
      ? (store as unknown as Record<number, unknown>)
      : undefined;
  /** The index, if the property is an element of a typed array. */
  const elementOf = (property: string | symbol): number =>
    elements !== undefined && typeof property === 'string' && /^\d+$/.test(property) ? Number(property) : -1;

  const standIn: Store = new Proxy(store, {
    get: (target, property, receiver): unknown => {
      const element = elementOf(property);
      if (element >= 0) {
        watch('read', 'element');
        // Written as a program writes it: the harness finds element accesses in the source.
        return elements![element];
      }
      const value = Reflect.get(target, property, collection ? target : receiver) as unknown;
      if (typeof value !== 'function') {
        watch('read', 'property');
        return value;
      }
      if (!collection || property === 'constructor') return value;
      return (...args: unknown[]): unknown => {
        const name = typeof property === 'symbol' ? 'iteration' : `${property}()`;
        watch(changing.has(String(property)) ? 'write' : 'read', name);
        const result = Reflect.apply(value, target, args) as unknown;
        return result === target ? standIn : result;
      };
    },
    set: (target, property, value, receiver): boolean => {
      watch('write', 'assignment');
      const element = elementOf(property);
      if (element < 0) return Reflect.set(target, property, value, receiver === standIn ? target : receiver);
      elements![element] = value;
      return true;
    },
    deleteProperty: (target, property): boolean => {
      watch('write', 'deletion');
      return Reflect.deleteProperty(target, property);
    },
    defineProperty: (target, property, descriptor): boolean => {
      watch('write', 'definition');
      return Reflect.defineProperty(target, property, descriptor);
    },
  });
  return standIn;
}
