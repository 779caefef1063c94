import { eastAsianWidth } from 'get-east-asian-width';
import { visible } from './printable.js';

let segmenter: Intl.Segmenter | undefined;
const printableAscii = /^[\u0020-\u007e]*$/;
/** Foreign colours, such as those in the message of a failed assertion. Only the words are kept. */
// eslint-disable-next-line no-control-regex -- finding control characters is the point
const foreignColors = /\u001b\[[\d;:]*m/g;
const lineEnds = /\r\n|[\n\r\u2028\u2029]/;
const zeroWidth = /^[\p{Mark}\p{Default_Ignorable_Code_Point}\p{Control}]+$/u;
/** The variation selector asks for the picture of a character that is also plain text. */
const emoji = /\p{Emoji_Presentation}|\ufe0f/u;

/** Making a segmenter takes long, and most texts need none. */
function graphemes(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return segmenter.segment(text);
}

/** How many terminal columns a text takes. The text must not have colours or line breaks. */
export function displayWidth(text: string): number {
  if (printableAscii.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes(text)) width += graphemeWidth(segment);
  return width;
}

/** Pads a text with spaces to a number of columns. */
export function padColumns(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)));
}

/** Cuts a text to a number of columns. An ellipsis marks the cut. */
export function fitColumns(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  if (columns < 1) return '';
  let kept = '';
  let width = 0;
  for (const { segment } of graphemes(text)) {
    width += graphemeWidth(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** Makes foreign text safe to print on one line: removes colours, turns white space into spaces, and escapes control characters. */
export function oneLine(text: string): string {
  return visible(text.replace(foreignColors, '').replace(/[\s\u0085]+/g, ' ')).trim();
}

/** Makes foreign text safe to print on several lines. */
export function printableLines(text: string): string[] {
  return text
    .replace(foreignColors, '')
    .split(lineEnds)
    .map((line) => visible(line.replaceAll('\t', '  ')).trimEnd());
}

function graphemeWidth(grapheme: string): number {
  if (zeroWidth.test(grapheme)) return 0;
  if (emoji.test(grapheme)) return 2;
  return eastAsianWidth(grapheme.codePointAt(0) ?? 0);
}
