const { ownKeys, get, set, deleteProperty } = Reflect;
const { hasOwn } = Object;

/** The environment variables of this process as they were when the object was made. */
export class Environment {
  readonly #values: Readonly<Record<string, string>> = { ...process.env } as Record<string, string>;

  /** A copy for one thread, in which every value is text. */
  copy(): NodeJS.ProcessEnv {
    return textOnly(this.#values);
  }

  /** Undoes what was done to that of the process. */
  restore(): void {
    const { env } = process;
    for (const key of ownKeys(env)) if (!hasOwn(this.#values, key)) deleteProperty(env, key);
    for (const key of ownKeys(this.#values)) {
      const value: unknown = get(this.#values, key);
      if (get(env, key) !== value) set(env, key, value);
    }
  }
}

/** An environment, in which every value is text. */
export function textOnly(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const values: NodeJS.ProcessEnv = { ...env };
  return new Proxy<NodeJS.ProcessEnv>(values, {
    set: (target, key, value) => typeof key === 'string' && set(target, key, String(value)),
    defineProperty: (target, key, descriptor) =>
      Reflect.defineProperty(target, key, { ...descriptor, value: String(descriptor.value) }),
  });
}
