import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Bundle } from './compiled.js';
import type { SitePlace } from './site-marks.js';
import { harnessRoot } from './source-names.js';

/** A file with scheduling points. */
export interface SitedFile {
  /** As sites name it. */
  readonly name: string;
  /** Absolute. */
  readonly file: string;
  readonly places: readonly SitePlace[];
}

/** A bundle of modules of the harness, with marks for the numbers of their scheduling points, which count through all files. */
export interface MarkedBundle extends Omit<Bundle, 'fileName'> {
  readonly sited: readonly SitedFile[];
  /** The files that it was made of, absolute. */
  readonly inputs: readonly string[];
}

/** Beside this file in a build. */
const savedFile = path.join(harnessRoot, 'harness', 'instrument', 'harness-bundle.json');
let saved: MarkedBundle | null | undefined;

/**
 * The bundle of all modules of the harness that scenarios can import and that are evaluated once. The build makes it: that takes
 * longer than to compile most scenarios. Undefined where nothing was built.
 */
export function savedHarnessBundle(): MarkedBundle | undefined {
  if (saved === undefined) {
    const text = readIfThere(savedFile);
    saved = text === undefined ? null : fromSaved(text);
  }
  return saved ?? undefined;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The content of the saved file for a bundle: the same wherever the harness is installed. */
export function toSaved(bundle: MarkedBundle): string {
  return JSON.stringify(placedBy(bundle, (file) => path.relative(harnessRoot, file).split(path.sep).join('/')));
}

function fromSaved(text: string): MarkedBundle {
  return placedBy(JSON.parse(text) as MarkedBundle, (file) => path.join(harnessRoot, file));
}

function placedBy(bundle: MarkedBundle, place: (file: string) => string): MarkedBundle {
  const map = JSON.parse(bundle.sourceMap) as { readonly sources: readonly string[] };
  return {
    ...bundle,
    sourceMap: JSON.stringify({ ...map, sources: map.sources.map(place) }),
    esModules: bundle.esModules.map(place),
    sited: bundle.sited.map((one) => ({ ...one, file: place(one.file) })),
    inputs: bundle.inputs.map(place),
  };
}
