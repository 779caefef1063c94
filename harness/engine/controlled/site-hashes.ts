import type { CompiledScenario } from '../../instrument/compiled.js';
import { hashText } from '../../hash-text.js';
import { spellPlace } from '../../place.js';

/**
 * A hash of each site's position, by the site's number. Traces are identified by positions, not by numbers, because numbers
 * depend on the order in which the bundler reads the files.
 */
export function siteHashesOf(compiled: CompiledScenario): Int32Array {
  return Int32Array.from(compiled.sites, (site) => (site === null ? 0 : hashText(spellPlace(site))));
}
