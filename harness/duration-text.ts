const unitsMs = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
]);
/** The longest delay that setTimeout accepts: a little less than 25 days. */
const maximumMs = 2 ** 31 - 1;

/** Reads `500ms`, `30s`, `10m`, `1h` as milliseconds; undefined for anything else. */
export function readDurationMs(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const durationMs = Math.round(Number(match?.[1]) * (unitsMs.get(match?.[2] ?? '') ?? NaN));
  return Number.isNaN(durationMs) || durationMs < 1 || durationMs > maximumMs ? undefined : durationMs;
}
