import { randomUUID } from 'node:crypto';
import picocolors from 'picocolors';
import { plainPieces } from './printable.js';

/** The colours a report uses. */
export type Colors = ReturnType<typeof picocolors.createColors>;

const escape = '\u001b';
/**
 * Stands in for the escape character of our own colours until a line is written. It is secret, so foreign text in a
 * report can never pass for a colour or another escape sequence.
 */
const mark = `\u0000${randomUUID()}`;
const marked = new RegExp(`${mark}(\\[[\\d;]*m)`, 'g');

/** The colours of a report. They only work in lines that `terminalLine` writes. */
export function createColors(isEnabled: boolean): Colors {
  const colors = picocolors.createColors(isEnabled);
  if (!isEnabled) return colors;
  const entries = Object.entries(colors) as [string, boolean | ((text: string) => string)][];
  const markedOnes = entries.map(([name, paint]) => [name, typeof paint === 'function' ? markColors(paint) : paint]);
  return Object.fromEntries(markedOnes) as Colors;
}

/** A line for a terminal: always one line, in which nothing but our own colours acts on the terminal. */
export function terminalLine(line: string): string {
  // `split` puts the matches of a group between the pieces.
  const parts = line.split(marked);
  const pieces = plainPieces(parts.filter((_, index) => index % 2 === 0));
  return pieces.map((piece, index) => (index === 0 ? '' : escape + (parts[2 * index - 1] ?? '')) + piece).join('');
}

/** The library combines nested colours by looking for escape characters, so they are replaced afterwards. */
function markColors(paint: (text: string) => string): (text: string | number | null | undefined) => string {
  return (text) =>
    paint(
      String(text)
        .replaceAll(escape, String.raw`\u001b`)
        .replaceAll(mark, escape),
    ).replaceAll(escape, mark);
}
