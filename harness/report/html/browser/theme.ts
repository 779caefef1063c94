/** The number of colours that `base.css` has for series and lanes. After the last one the first one follows. */
export const seriesColorCount = 8;

/** The colour of a series or lane, counted from 0, in the current scheme, for canvases, which cannot use CSS variables. */
export function seriesColor(index: number): string {
  return themeColor(`--series-${(index % seriesColorCount) + 1}`);
}

/** The value of one of the colours of `base.css`, such as `--text`, in the current scheme. */
export function themeColor(name: `--${string}`): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Calls back when the scheme changes between light and dark, so that canvases can be redrawn. */
export function onSchemeChange(redraw: () => void): void {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
}
