/** How many colours `base.css` has for series and lanes; then they begin anew. */
export const seriesColorCount = 8;

/** The colour of a series or lane, counted from 0, in the scheme that is on: for canvases, which know no variables. */
export function seriesColor(index: number): string {
  return themeColor(`--series-${(index % seriesColorCount) + 1}`);
}

/** The value of one of the colours of `base.css`, such as `--text`, in the scheme that is on. */
export function themeColor(name: `--${string}`): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Calls back whenever the reader changes between light and dark: what was drawn on a canvas is then drawn anew. */
export function onSchemeChange(redraw: () => void): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
}
