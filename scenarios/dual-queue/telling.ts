/** What a reader records: an item that it got, or what it does next, in words for readers of the interleaving. */
export type Told = { readonly got: unknown } | { readonly does: string };

/** Where exactlyOnce finds the item. */
export const delivered = (told: unknown): unknown =>
  'got' in (told as Told) ? (told as { got: unknown }).got : undefined;
