/**
 * Whoever remembers views that it was asked about, to answer sooner the next time, keeps their memory from being let go.
 */
const forgetting = new Set<() => void>();

/** Says how to forget views. */
export function remembersViews(forget: () => void): void {
  forgetting.add(forget);
}

/** Lets go of all views that this thread remembers: before memory is measured. */
export function forgetViews(): void {
  for (const forget of forgetting) forget();
}

/** Those who remember views are not used any more. */
export function endRemembering(): void {
  forgetting.clear();
}
