import { traceSegment, TraceMap } from '@jridgewell/trace-mapping';
import { SourceMap } from 'magic-string';

/** A text within a bundle, and how it leads back to its source. */
export interface MappedText {
  readonly text: string;
  /** From the text to the first of `maps`, as decoded by magic-string. */
  readonly mappings: readonly (readonly (readonly number[])[])[];
  /** From there on, the last first. */
  readonly maps: readonly string[];
  /** Absolute. */
  readonly source: string;
}

type Segment = [number, number, number, number];

/** Concatenates texts, each beginning on a new line, into one with one map. */
export class BundleText {
  #text = '';
  readonly #mappings: Segment[][] = [[]];
  readonly #sources: string[] = [];

  /** Adds text that maps to no source. */
  add(text: string): void {
    this.#text += text;
    for (let count = text.split('\n').length; count > 1; count--) this.#mappings.push([]);
  }

  /** Adds a text on its own lines. */
  addMapped({ text, mappings, maps, source }: MappedText): void {
    this.add('\n');
    const number = this.#sources.push(source) - 1;
    const traces = maps.map((map) => new TraceMap(map));
    for (const [line, segments] of mappings.entries()) {
      if (line > 0) this.#mappings.push([]);
      const target = this.#mappings.at(-1)!;
      for (const [column, , sourceLine, sourceColumn] of segments) {
        if (column === undefined || sourceLine === undefined || sourceColumn === undefined) continue;
        const place = follow(traces, sourceLine, sourceColumn);
        if (place !== undefined) target.push([column, number, ...place]);
      }
    }
    this.#text += text;
    for (let count = text.split('\n').length - mappings.length; count > 0; count--) this.#mappings.push([]);
    this.add('\n');
  }

  get text(): string {
    return this.#text;
  }

  /** Source map version 3, JSON; sources are absolute paths. */
  map(fileName: string): string {
    return new SourceMap({ file: fileName, sources: this.#sources, names: [], mappings: this.#mappings }).toString();
  }
}

function follow(maps: readonly TraceMap[], line: number, column: number): [number, number] | undefined {
  let place: [number, number] = [line, column];
  for (const map of maps) {
    const segment = traceSegment(map, place[0], place[1]);
    if (segment?.[2] === undefined || segment[3] === undefined) return undefined;
    place = [segment[2], segment[3]];
  }
  return place;
}
