/** Of what packages make and nobody ends, how much each agent keeps beyond the execution. */
export const keptForPackages = {
  /** Message channels and broadcast channels. */
  channels: 1_000,
  /** Threads; when there are more, the newest ends with the execution. */
  threads: 32,
} as const;

/** Who makes what is being made. */
export interface Origin {
  isPackage: boolean;
}

type Constructor = new (...values: unknown[]) => object;

/** The same class, for packages: `origin` says so while one of them makes an instance. `instanceof` does not tell the two apart. */
export function madeByPackages<Class extends object>(constructor: Class, origin: Origin): Class {
  return new Proxy(constructor, {
    construct: (target, values: unknown[], newTarget) => {
      origin.isPackage = true;
      try {
        return Reflect.construct<unknown[], object>(target as Constructor, values, newTarget as Constructor);
      } finally {
        origin.isPackage = false;
      }
    },
  });
}
