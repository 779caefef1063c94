import { hashText } from '../../hash-text.js';
import { bundlesOf, type CompiledScenario, type PlacedBundle } from '../../instrument/compiled.js';
import * as at from '../../kernel/layout.js';
import { spellPlace } from '../../place.js';
import type { Site } from '../../results/schema.js';

/** What is needed to find places in one compiled file and its imports. */
export interface CodePlaces extends Pick<CompiledScenario, 'calls' | 'files'> {
  /** Absolute. */
  readonly file: string;
  readonly bundles: readonly PlacedBundle[];
  /** The number of the first site in `sites`. */
  readonly firstSite: number;
  readonly sites: readonly (Site | null)[];
}

/** The part of a compiled program that all threads need. */
export function placesOf(compiled: CompiledScenario): CodePlaces {
  return {
    file: compiled.file,
    bundles: bundlesOf(compiled).map(({ fileName, sourceMap, esModules }) => ({ fileName, sourceMap, esModules })),
    calls: compiled.calls,
    files: compiled.files,
    firstSite: compiled.firstSite,
    sites: compiled.sites,
  };
}

/** The places in all code that an explorer has compiled, as far as one of its threads knows it. */
export class KnownCode {
  readonly #bundles = new Map<string, PlacedBundle>();
  readonly #parts: CodePlaces[] = [];
  readonly #sites: (Site | null)[] = [];

  add(places: CodePlaces): void {
    this.#parts.push(places);
    for (const bundle of places.bundles) this.#bundles.set(bundle.fileName, bundle);
    for (const [index, site] of places.sites.entries()) this.#sites[places.firstSite + index] = site;
  }

  /** The file of a program, by its number, where all programs are known. */
  fileOf(program: number): string | undefined {
    return this.#parts[program]?.file;
  }

  /** The place of a scheduling point; null if it is unknown. */
  site(number: number): Site | null {
    return this.#sites[number] ?? null;
  }

  /** A bundle, by the name under which it was compiled. */
  bundle(fileName: string): PlacedBundle | undefined {
    return this.#bundles.get(fileName);
  }

  get bundles(): Iterable<PlacedBundle> {
    return this.#bundles.values();
  }

  /** The calls of all files: each with its site, and the place of the name of what it calls. */
  *calls(): Generator<readonly [site: number, place: string]> {
    for (const { calls, files } of this.#parts)
      for (let row = 0; row < calls.length; row += 4)
        yield [
          calls[row]!,
          spellPlace({ file: files[calls[row + 1]!]!, line: calls[row + 2]!, column: calls[row + 3]! }),
        ];
  }
}

/**
 * Writes a hash of each site's place where every agent finds it. Traces are identified by places, not by numbers, because numbers
 * depend on the order in which files are compiled.
 */
export function writeSiteHashes(siteHashes: Int32Array, { firstSite, sites }: CodePlaces): void {
  if (firstSite + sites.length > at.maximumSites)
    throw new RangeError(`the files of a scenario have more than ${at.maximumSites} scheduling points`);
  for (const [index, site] of sites.entries())
    siteHashes[firstSite + index] = site === null ? 0 : hashText(spellPlace(site));
}
