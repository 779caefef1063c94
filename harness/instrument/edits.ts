import MagicString, { type SourceMap } from 'magic-string';
import type { Node } from 'oxc-parser';

/** New text for a node: its children, each once and in source order, with strings between them. */
export type Piece = string | Node;

/**
 * The edits made to one source text. Children must be edited before their parents: what a parent inserts at an offset it shares
 * with a child then goes around what the child inserted.
 */
export class Edits {
  /** The number of edits so far: if it is the same after a visit, the visited text is unchanged. */
  count = 0;
  readonly source: string;
  readonly #text: MagicString;
  readonly #openedAt = new Set<number>();

  constructor(source: string) {
    this.source = source;
    this.#text = new MagicString(source);
  }

  /** Inserts before the node at `offset`, outside everything already inserted there. */
  before(offset: number, text: string): void {
    this.#text.prependRight(offset, text);
    this.#openedAt.add(offset);
    this.count++;
  }

  /** Inserts after the node that ends at `offset`, outside everything already inserted there. */
  after(offset: number, text: string): void {
    this.#text.appendLeft(offset, text);
    this.count++;
  }

  /** Inserts at the very beginning. */
  atStart(text: string): void {
    this.#text.prepend(text);
    this.count++;
  }

  /** Replaces text that is not part of a child. */
  replace(from: number, to: number, text: string): void {
    this.#text.update(from, to, text);
    this.count++;
  }

  /** Whether something was inserted before `offset`: a statement that begins there then needs a semicolon in front. */
  isOpenedAt(offset: number): boolean {
    return this.#openedAt.has(offset);
  }

  /** Replaces the text from `start` to `end` with `pieces`: everything between and around the nodes is replaced. */
  rewrite(start: number, end: number, pieces: readonly Piece[]): void {
    let cursor = start;
    let text = '';
    let first = true;
    for (const piece of pieces) {
      if (typeof piece === 'string') {
        text += piece;
        continue;
      }
      if (cursor < piece.start) this.#text.update(cursor, piece.start, text === '' ? ' ' : text);
      else if (text !== '') this.#text.prependRight(piece.start, text);
      if (first && text !== '') this.#openedAt.add(start);
      first = false;
      cursor = piece.end;
      text = '';
    }
    if (cursor < end) this.#text.update(cursor, end, text === '' ? ' ' : text);
    else if (text !== '') this.#text.appendLeft(end, text);
    this.count++;
  }

  /** The edited text. */
  code(): string {
    return this.#text.toString();
  }

  /** The map from the edited text to the source; `file` is the source's name in it. */
  map(file: string): SourceMap {
    return this.#text.generateMap({ source: file, hires: 'boundary', includeContent: false });
  }
}
