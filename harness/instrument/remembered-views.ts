/**
 * Code that caches views to answer faster the next time keeps their memory from being freed.
 */
const forgetting = new Set<() => void>();

/** Registers how to forget views. */
export function remembersViews(forget: () => void): void {
  forgetting.add(forget);
}

/** Forgets all views that this thread remembers, before memory is measured. */
export function forgetViews(): void {
  for (const forget of forgetting) forget();
}

/** The caches of views are no longer used. */
export function endRemembering(): void {
  forgetting.clear();
}
