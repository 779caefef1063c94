/** How much of what packages make and never end each agent keeps beyond the execution. */
export const keptForPackages = {
  /** Message channels and broadcast channels. */
  channels: 1_000,
  /** Threads; when there are more, the newest ends with the execution. */
  threads: 32,
} as const;

/** Whether a package or the scenario is making the current instance. */
export interface Origin {
  isPackage: boolean;
}

type Constructor = new (...values: unknown[]) => object;

/** The same class, for packages: `origin` records it while one makes an instance. `instanceof` does not distinguish the two. */
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
