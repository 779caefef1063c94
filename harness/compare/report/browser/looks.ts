import type { BridgeComparison } from '../../../results/comparison-schema.js';
import { seriesColor, themeColor } from '../../../report/html/browser/theme.js';

/** How a bridge is drawn in every chart. */
export interface Look {
  readonly label: string;
  readonly color: string;
  /** The dashes of its line; empty for a solid one. */
  readonly dash: number[];
  readonly width: number;
}

/**
 * The looks of all bridges, by id. Both variants of a bridge have its colour, and the published one a dashed line; those that
 * broke have no colour, a dotted line, and a cross before their names.
 */
export function looksOf(bridges: readonly BridgeComparison[]): ReadonlyMap<string, Look> {
  const names = [...new Set(bridges.map(({ name }) => name))].sort();
  return new Map(bridges.map((bridge) => [bridge.id, lookOf(bridge, names.indexOf(bridge.name))]));
}

function lookOf({ id, variant, standing }: BridgeComparison, index: number): Look {
  if (standing === 'broke') return { label: `✗ ${id}`, color: themeColor('--text-soft'), dash: [2, 4], width: 1.5 };
  const isPublished = variant === 'published';
  return {
    label: isPublished ? `! ${id}` : id,
    color: seriesColor(index),
    dash: isPublished ? [8, 4] : [],
    width: isPublished ? 1.5 : 2.5,
  };
}
