import type { Access } from './state.js';

/** Told of each access to a store, right before it happens, by what the program called: `site` is the operation. */
export type StoreWatcher = (access: Access, site: string) => void;

/** Methods that change what they are called on. All others look. */
const changing = new Set(
  (
    'add clear copyWithin delete fill pop push reverse set shift sort splice unshift ' +
    'setInt8 setUint8 setInt16 setUint16 setInt32 setUint32 setFloat32 setFloat64 setBigInt64 setBigUint64'
  ).split(' '),
);

/**
 * An object to be used in the stead of another one, which tells of every access and then performs it. Objects within it are not watched.
 *
 * A method of an array, a typed array, a DataView, a Map or a Set is one access, and so is each element or property.
 */
export function watchedStore<Store extends object>(store: Store, watch: StoreWatcher): Store {
  // Their methods work on them alone, and not on a stand-in.
  const collection = store instanceof Map || store instanceof Set || Array.isArray(store) || ArrayBuffer.isView(store);
  const elements =
    ArrayBuffer.isView(store) && !(store instanceof DataView)
      ? (store as unknown as Record<number, unknown>)
      : undefined;
  /** Which element it is, if it is one of a typed array. */
  const elementOf = (property: string | symbol): number =>
    elements !== undefined && typeof property === 'string' && /^\d+$/.test(property) ? Number(property) : -1;

  const standIn: Store = new Proxy(store, {
    get: (target, property, receiver): unknown => {
      const element = elementOf(property);
      if (element >= 0) {
        watch('read', 'element');
        // As a program writes it, since the harness sees element accesses by how they are written.
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
