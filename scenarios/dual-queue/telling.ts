/** What a reader tells: an item that it got, or in words what it does next, for whoever reads the interleaving. */
export type Told = { readonly got: unknown } | { readonly does: string };

/** Where exactlyOnce finds the item. */
export const delivered = (told: unknown): unknown =>
  'got' in (told as Told) ? (told as { got: unknown }).got : undefined;
