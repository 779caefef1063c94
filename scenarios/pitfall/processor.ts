/** The article's fourth pattern: what processors have collected, by key. */
export type Data = Readonly<Record<string, number>>;

export type Fetch = (key: string) => Promise<number>;

/**
 * Its first half, as printed. As there, `data` is static: all processors share it, and code that receives it has a reference to
 * what others keep changing.
 */
export class PublishedProcessor {
  static readonly data: Record<string, number> = {};
  readonly #fetch: Fetch;

  constructor(fetch: Fetch) {
    this.#fetch = fetch;
  }

  get data(): Record<string, number> {
    return PublishedProcessor.data;
  }

  async process(key: string): Promise<void> {
    this.data[key] = await this.#fetch(key);
  }
}

/** Its second half, as printed: takes data and returns new data, with one more key. */
export async function publishedProcessItem(data: Data, key: string, fetch: Fetch): Promise<Data> {
  const newValue = await fetch(key);
  return { ...data, [key]: newValue };
}
