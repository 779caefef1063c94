import { readFileSync } from 'node:fs';
import path from 'node:path';
import { packageDirectory } from '../end-to-end/command.js';

/** A fenced block, with the parts of its info string. */
export interface FencedBlock {
  readonly language: string;
  /** Words of the form `name=value`, and names alone with an empty value. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly text: string;
  /** Where its text begins, counted from 1. */
  readonly line: number;
}

/** One table: its columns by name. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The text of a document, by its path in the repository. */
export function readDocument(file: string): string {
  return readFileSync(path.join(packageDirectory, file), 'utf8');
}

/** Every fenced block of a document, in order. */
export function fencedBlocks(text: string): FencedBlock[] {
  const blocks: FencedBlock[] = [];
  const lines = text.split('\n');
  for (let start = 0; start < lines.length; start++) {
    const opening = /^\s*```(\S*)\s*(.*)$/.exec(lines[start] ?? '');
    if (opening === null) continue;
    let end = start + 1;
    while (end < lines.length && !/^\s*```\s*$/.test(lines[end] ?? '')) end++;
    const words = (opening[2] ?? '').split(/\s+/).filter((word) => word !== '');
    blocks.push({
      language: opening[1] ?? '',
      attributes: new Map(words.map((word) => [word.split('=')[0] ?? '', word.split('=').slice(1).join('=')])),
      text: lines.slice(start + 1, end).join('\n'),
      line: start + 2,
    });
    start = end;
  }
  return blocks;
}

/** Every table of a document. */
export function tables(text: string): Table[] {
  const found: Table[] = [];
  const lines = text.split('\n');
  for (let start = 0; start + 1 < lines.length; start++) {
    if (!lines[start]?.startsWith('|') || !/^\|[\s|:-]+\|$/.test(lines[start + 1] ?? '')) continue;
    let end = start + 2;
    while (lines[end]?.startsWith('|') === true) end++;
    found.push({ columns: cells(lines[start] ?? ''), rows: lines.slice(start + 2, end).map(cells) });
    start = end;
  }
  return found;
}

/** The table whose first column has this heading. */
export function tableOf(text: string, heading: string): Table {
  const table = tables(text).find((candidate) => candidate.columns[0] === heading);
  if (table === undefined) throw new Error(`no table begins with the column "${heading}"`);
  return table;
}

/** The code spans of a table's cell, unescaped. */
export function codeSpans(cell: string): string[] {
  return [...cell.matchAll(/(`+)(.+?)\1/g)].map((match) => (match[2] ?? '').trim().replaceAll('\\|', '|'));
}

function cells(line: string): string[] {
  return line
    .trim()
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());
}
