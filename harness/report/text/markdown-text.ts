import { oneLine, printableLines } from './columns.js';

/** Characters with a meaning in Markdown, HTML, and GitHub's tables and formulas, and list markers at the beginning. */
const meaningful = /[\\`*_[\]<>&|~$!"']|^[-+=]|^\d(?=\d*[.)](?:\s|$))/g;
/** Characters that turn plain words into a link, a mention, a reference or a picture: `@team`, `#1`, `https://`, `www.`, `:smile:`. */
const linking = /@|(?<!&)#|:(?=\/\/|[\w+-]+:)|(?<=www)\./gi;

/** Makes any text safe in a line or a table cell of Markdown. It appears unchanged, on one line. */
export function markdownText(text: string): string {
  // A numeric reference is never taken for structure, neither by Markdown nor by HTML; a backslash is, in places.
  const plain = oneLine(text).replace(meaningful, (character) => `&#${character.codePointAt(0)};`);
  // Words are linked in the finished page, in each text node, after references have become characters. An element in
  // between separates the parts.
  return plain.replace(linking, '<span>$&</span>');
}

/** Any text as code, in a line or a table cell. */
export function markdownCode(text: string): string {
  return `<code>${markdownText(text)}</code>`;
}

/** Lines as a code block. */
export function markdownBlock(language: string, lines: readonly string[]): string[] {
  const safe = lines.flatMap(printableLines);
  const longest = safe.reduce(
    (most, line) => Math.max(most, ...(line.match(/`+/g) ?? ['']).map((run) => run.length)),
    2,
  );
  const fence = '`'.repeat(longest + 1);
  return [`${fence}${language}`, ...safe, fence];
}

/** A foldable section. The summary is plain text. */
export function markdownDetails(summary: string, lines: readonly string[]): string[] {
  return ['<details>', `<summary>${markdownText(summary)}</summary>`, '', ...lines, '', '</details>'];
}

/** A table. Headings and cells are Markdown. Columns of numbers are aligned to the right. */
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
