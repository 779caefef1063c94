import { oneLine, printableLines } from './columns.js';

/** Whatever begins or ends something in Markdown, in HTML, in GitHub's tables or in its formulas; a list at the beginning. */
const meaningful = /[\\`*_[\]<>&|~$!"']|^[-+=]|^\d(?=\d*[.)](?:\s|$))/g;
/** What makes a link, a mention, a reference or a picture of plain words: `@team`, `#1`, `https://`, `www.`, `:smile:`. */
const linking = /@|(?<!&)#|:(?=\/\/|[\w+-]+:)|(?<=www)\./gi;

/** Makes any text safe within a line or a table's cell of Markdown: it shows as it is, on one line. */
export function markdownText(text: string): string {
  // A numeric reference is never taken for structure, neither by Markdown nor by HTML; a backslash is, in places.
  const plain = oneLine(text).replace(meaningful, (character) => `&#${character.codePointAt(0)};`);
  // Words are linked in the finished page, text by text, where references are characters again: an element of its own
  // parts what would belong together.
  return plain.replace(linking, '<span>$&</span>');
}

/** Any text in the type of code, within a line or a table's cell. */
export function markdownCode(text: string): string {
  return `<code>${markdownText(text)}</code>`;
}

/** Lines as they are, in a block. */
export function markdownBlock(language: string, lines: readonly string[]): string[] {
  const safe = lines.flatMap(printableLines);
  const longest = safe.reduce(
    (most, line) => Math.max(most, ...(line.match(/`+/g) ?? ['']).map((run) => run.length)),
    2,
  );
  const fence = '`'.repeat(longest + 1);
  return [`${fence}${language}`, ...safe, fence];
}

/** Something to unfold; the summary is plain text. */
export function markdownDetails(summary: string, lines: readonly string[]): string[] {
  return ['<details>', `<summary>${markdownText(summary)}</summary>`, '', ...lines, '', '</details>'];
}

/** A table; headings and cells are Markdown. Columns of numbers are set right. */
export function markdownTable(
  columns: readonly { readonly heading: string; readonly isNumber?: boolean }[],
  rows: readonly (readonly string[])[],
): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(({ heading }) => heading)),
    line(columns.map(({ isNumber }) => (isNumber === true ? '---:' : '---'))),
    ...rows.map(line),
  ];
}
