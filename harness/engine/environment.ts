const { ownKeys, get, set, deleteProperty } = Reflect;
const { hasOwn } = Object;

/** Copies of an `Environment` that have not been changed. */
const unchangedCopies = new WeakSet();

/** The environment variables of this process as they were when the object was made. */
export class Environment {
  readonly values: Readonly<Record<string, string>>;

  /** @param values default: those of the process */
  constructor(values: Readonly<NodeJS.ProcessEnv> = process.env) {
    this.values = { ...values } as Record<string, string>;
  }

  /** A copy for one thread, in which every value is text. */
  copy(): NodeJS.ProcessEnv {
    const copy = textOnly(this.values);
    unchangedCopies.add(copy);
    return copy;
  }

  /** Undoes what was done to that of the process. */
  restore(): void {
    const { env } = process;
    for (const key of ownKeys(env)) if (!hasOwn(this.values, key)) deleteProperty(env, key);
    for (const key of ownKeys(this.values)) {
      const value: unknown = get(this.values, key);
      if (get(env, key) !== value) set(env, key, value);
    }
  }
}

/** Whether this is a copy of an `Environment` as it was made: then other copies are the same. */
export function isUnchangedCopy(env: object): boolean {
  return unchangedCopies.has(env);
}

/** An environment, in which every value is text. */
export function textOnly(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const values: NodeJS.ProcessEnv = { ...env };
  const changes = (): void => {
    unchangedCopies.delete(copy);
  };
  const copy: NodeJS.ProcessEnv = new Proxy<NodeJS.ProcessEnv>(values, {
    set: (target, key, value) => {
      changes();
      return typeof key === 'string' && set(target, key, String(value));
    },
    defineProperty: (target, key, descriptor) => {
      changes();
      return Reflect.defineProperty(target, key, { ...descriptor, value: String(descriptor.value) });
    },
    deleteProperty: (target, key) => {
      changes();
      return deleteProperty(target, key);
    },
  });
  return copy;
}
