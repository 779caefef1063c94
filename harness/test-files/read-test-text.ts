import { parseSync, type Node, type Program } from 'oxc-parser';
import { Lines, type Position } from '../instrument/lines.js';
import { mockRemedy, moduleMocks, snapshotMatchers, snapshotRemedy } from './unavailable.js';
import { merged, readTestOptions, WrongOption, type TestOptions } from './options.js';

/** Something that tests use and cannot have. */
export interface Unavailable {
  readonly position: Position;
  /** What it is, and what to do. */
  readonly message: string;
  /** Whether no test of the file can run. */
  readonly isOfFile: boolean;
  readonly offset: number;
}

/** A comment that cannot be obeyed. */
export interface WrongComment {
  readonly position: Position;
  /** The rest of a sentence that begins with its place. */
  readonly problem: string;
}

/** What the text of a file of tests says besides its code. */
export interface TestText {
  /** Of the whole file. */
  readonly options: TestOptions;
  /** The options of the tests that are declared at these places, by the same indices. */
  optionsOf(places: readonly (Position | null)[]): readonly TestOptions[];
  /** Which of the tests that are declared at these places need what cannot be had, by their indices; undefined if all do. */
  needing(unavailable: Unavailable, places: readonly (Position | null)[]): readonly number[];
  readonly unavailable: readonly Unavailable[];
  /** Comments that are wrong, or stand above no test. Known once `optionsOf` has been called. */
  readonly wrong: readonly WrongComment[];
}

interface Statement {
  readonly start: number;
  readonly end: number;
}

interface Comment {
  readonly text: string;
  readonly start: number;
  /** The statement that begins on the next line of code, without an empty line between. */
  readonly above: Statement | undefined;
  readonly isAtHead: boolean;
}

const marked = /^[\s*]*threadmill:(.*)$/s;
const environment = /@(?:vitest|jest)-environment\s+([\w-]+)/;

/** Reads comments that concern threadmill, and finds what tests cannot have. A text with errors has neither. */
export function readTestText(file: string, source: string): TestText {
  const { program, comments } = parseSync(file, source, { sourceType: 'module' });
  const lines = new Lines(source);
  const statements: Statement[] = [];
  const unavailable: Unavailable[] = [];
  const find = (offset: number, message: string, isOfFile: boolean): void => {
    unavailable.push({ position: lines.at(offset), message, isOfFile, offset });
  };
  visit(program, (node) => {
    if (/Statement$|Declaration$/.test(node.type) && node.type !== 'BlockStatement')
      statements.push({ start: node.start, end: node.end });
    lookFor(node, find);
  });
  for (const { value, start } of comments) {
    const name = environment.exec(value)?.[1];
    if (name !== undefined && name !== 'node')
      find(start, `the environment ${name} is not available under threadmill test: only node is`, true);
  }
  const firstStatement = program.body[0]?.start ?? source.length;
  const found = comments.flatMap(({ value, start, end }): Comment[] => {
    const text = marked.exec(value)?.[1];
    if (text === undefined) return [];
    const gap = /^[^\S\n]*\n[^\S\n]*/.exec(afterComments(source, end, comments));
    const next = gap === null ? -1 : nextCode(source, end, comments);
    const above = gap === null ? undefined : statements.find((statement) => statement.start === next);
    return [{ text: text.replace(/\*+$/, ''), start, above, isAtHead: start < firstStatement }];
  });
  const wrong: WrongComment[] = [];
  const read = ({ text, start }: Comment, isOfFile: boolean): TestOptions => {
    try {
      return readTestOptions(text, isOfFile);
    } catch (error) {
      if (!(error instanceof WrongOption)) throw error;
      wrong.push({ position: lines.at(start), problem: error.message });
      return {};
    }
  };
  const offsetOf = (place: Position | null): number => (place === null ? -1 : lines.offset(place));
  const contains = ({ start, end }: Statement, offset: number): boolean => start <= offset && offset < end;
  // Comments at the head belong to the file, unless they stand directly above a test.
  const first = program.body[0];
  const startsWithTest = first?.type === 'ExpressionStatement';
  const isOfFile = ({ isAtHead, above }: Comment): boolean =>
    isAtHead && !(startsWithTest && above?.start === firstStatement);
  const options = found.filter(isOfFile).reduce<TestOptions>((so, comment) => merged(so, read(comment, true)), {});
  return {
    options,
    unavailable,
    wrong,
    optionsOf: (places) => {
      const offsets = places.map(offsetOf);
      const own = found.filter((comment) => !isOfFile(comment));
      const readOnes = own.map((comment) => {
        const { above } = comment;
        if (above === undefined || !offsets.some((offset) => contains(above, offset))) {
          wrong.push({
            position: lines.at(comment.start),
            problem: 'found above no test, expected on the line above a test or a suite, or at the head of the file',
          });
          return { options: {}, above: undefined };
        }
        return { options: read(comment, false), above };
      });
      return offsets.map((offset) =>
        // Outer statements come first, so inner ones say more.
        readOnes
          .filter(({ above }) => above !== undefined && contains(above, offset))
          .reduce<TestOptions>((so, one) => merged(so, one.options), options),
      );
    },
    needing: ({ offset, isOfFile: all }, places) => {
      const offsets = places.map(offsetOf);
      const everyOne = offsets.map((_, index) => index);
      if (all) return everyOne;
      const around = statements.filter((statement) => contains(statement, offset));
      const innermost = around.findLast((statement) => offsets.some((one) => contains(statement, one)));
      return innermost === undefined ? [] : everyOne.filter((index) => contains(innermost, offsets[index]!));
    },
  };
}

type Comments = readonly { readonly start: number; readonly end: number }[];

/** The text after an offset, from the end of the comments that follow it directly. */
function afterComments(source: string, offset: number, comments: Comments): string {
  return source.slice(lastOfRun(source, offset, comments));
}

/** Where the comments end that follow each other without an empty line between. */
function lastOfRun(source: string, offset: number, comments: Comments): number {
  const next = comments.find(({ start }) => start >= offset);
  if (next === undefined || !/^[^\S\n]*\n[^\S\n]*$/.test(source.slice(offset, next.start))) return offset;
  return lastOfRun(source, next.end, comments);
}

function nextCode(source: string, offset: number, comments: Comments): number {
  const end = lastOfRun(source, offset, comments);
  return end + (/^[^\S\n]*\n[^\S\n]*/.exec(source.slice(end))?.[0].length ?? 0);
}

function visit(node: Program | Node, see: (node: Node) => void): void {
  see(node);
  for (const value of Object.values(node) as unknown[]) {
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (isNode(child)) visit(child, see);
    }
  }
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';

function lookFor(node: Node, find: (offset: number, message: string, isOfFile: boolean) => void): void {
  if (node.type === 'ImportDeclaration') {
    const from = node.source.value;
    if (/^(?:@vitest\/browser|vitest\/browser|@vitest\/browser-)/.test(from))
      find(node.start, `${from} is not available under threadmill test: it has no browser`, true);
  }
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return;
  const { object, property } = node.callee;
  if (node.callee.computed || property.type !== 'Identifier') return;
  const owner = object.type === 'Identifier' ? object.name : undefined;
  const { name } = property;
  if ((owner === 'vi' || owner === 'vitest') && (moduleMocks as readonly string[]).includes(name))
    find(node.start, mockRemedy(name), true);
  else if ((snapshotMatchers as readonly string[]).includes(name)) find(property.start, snapshotRemedy, false);
}
