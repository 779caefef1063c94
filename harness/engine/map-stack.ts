import type * as traceMapping from '@jridgewell/trace-mapping';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { PlacedBundle } from '../instrument/compiled.js';
import { spellPlace } from '../place.js';

const maps = new WeakMap<PlacedBundle, traceMapping.TraceMap>();
const nodeRequire = createRequire(import.meta.url);
let loaded: typeof traceMapping | undefined;

/** Loaded when the first stack is mapped: most explorers and their watchdogs never do that, and start faster without it. */
const mapping = (): typeof traceMapping => (loaded ??= nodeRequire('@jridgewell/trace-mapping') as typeof traceMapping);

function mapOf(bundle: PlacedBundle): traceMapping.TraceMap {
  let map = maps.get(bundle);
  if (map === undefined) {
    map = new (mapping().TraceMap)(bundle.sourceMap);
    maps.set(bundle, map);
  }
  return map;
}

/** Maps the bundle's positions in a stack to the sources, and leaves out the engine's own frames. */
export function mapStack(stack: string, bundles: Iterable<PlacedBundle>): string {
  const known = [...bundles];
  const lines: string[] = [];
  for (const line of stack.split('\n')) {
    const bundle = known.find((candidate) => line.includes(`${candidate.fileName}:`));
    if (bundle === undefined) {
      if (!/^\s+at /.test(line)) lines.push(line);
      continue;
    }
    const position = /:(\d+):(\d+)\)?$/.exec(line);
    if (position === null) continue;
    const original = mapping().originalPositionFor(mapOf(bundle), {
      line: Number(position[1]),
      column: Number(position[2]) - 1,
    });
    if (original.source === null) continue;
    const source = original.source.startsWith('file:') ? fileURLToPath(original.source) : original.source;
    const place = spellPlace({ file: source, line: original.line, column: original.column + 1 });
    const name = /^\s+at (?:async )?([^( ]+) \(/.exec(line)?.[1];
    lines.push(name === undefined ? `    at ${place}` : `    at ${name} (${place})`);
  }
  return lines.join('\n');
}
