import { inspect, stripVTControlCharacters } from 'node:util';
import { describeThrown, type ThrownText } from '../describe-thrown.js';
import type { DifferenceLine, Failure } from '../results/failure-schema.js';
import { lineDifference } from './line-difference.js';

/** Bounds on how the values of an assertion are printed. */
export const assertionLimits = {
  depth: 8,
  /** Elements of each array, map, set and typed array. */
  elements: 500,
  /** Values within the expected one that are searched for matchers. */
  values: 10_000,
  /** Characters of each string. */
  stringLength: 10_000,
  /** Lines of a value, all in all. */
  lines: 5_000,
  /** Characters of a value on one line. */
  lineLength: 200,
} as const;

/** An assertion that failed. Survives JSON. */
export interface FailedAssertion extends Pick<Failure, 'expected' | 'found' | 'assertion' | 'stack'> {
  /** Mostly one line: how the values differ is said by `assertion`. */
  readonly message: string;
  readonly assertion: { readonly difference: DifferenceLine[] };
}

interface ComparedValues {
  readonly actual: unknown;
  readonly expected: unknown;
}

/**
 * Describes what was thrown if it is an assertion that failed: an error called AssertionError, with the code ERR_ASSERTION,
 * or with `actual` and `expected` of its own, as those of node:assert, of chai, and of vitest's and jest's `expect` are. Never
 * throws, though looking at such a value may run the program's code.
 *
 * @returns undefined for everything else. The stack is that of the bundle.
 */
export function describeAssertion(thrown: unknown): FailedAssertion | undefined {
  try {
    return describe(thrown);
  } catch {
    return undefined;
  }
}

/** What a promise was rejected with, in words: of a failed assertion without how the values differ. */
export function describeRejected(reason: unknown): ThrownText {
  const text = describeThrown(reason);
  const assertion = describeAssertion(reason);
  return assertion === undefined ? text : { ...text, message: assertion.message };
}

function describe(thrown: unknown): FailedAssertion | undefined {
  const { isError, name, message, stack } = describeThrown(thrown);
  if (!isError) return undefined;
  const error = thrown as Partial<Record<string, unknown>>;
  const values = comparedBy(error);
  const isNamed = name === 'AssertionError' || error['code'] === 'ERR_ASSERTION';
  if (!isNamed && values === undefined) return undefined;
  const text = stripVTControlCharacters(message);
  const compared = values === undefined || error['showDiff'] === false ? undefined : compare(values);
  const said = saidBy(text, error['generatedMessage'] === true, compared !== undefined);
  return {
    message: said === '' ? name : said,
    ...(compared === undefined ? {} : { expected: compared.expected, found: compared.found }),
    assertion: { difference: compared?.difference ?? [] },
    ...(stack === undefined ? {} : { stack: withHeading(stack, `${name}: ${said}`) }),
  };
}

/** The values that an assertion compared: of jest's, within `matcherResult`. */
function comparedBy(error: Partial<Record<string, unknown>>): ComparedValues | undefined {
  for (const holder of [error, error['matcherResult']]) {
    if (typeof holder !== 'object' || holder === null) continue;
    if (Object.hasOwn(holder, 'actual') && Object.hasOwn(holder, 'expected')) return holder as ComparedValues;
  }
  return undefined;
}

/** What Node puts together itself ends with a difference of its own, which is cut where it is longest. */
function saidBy(message: string, isGenerated: boolean, isCompared: boolean): string {
  const whole = message.trim();
  if (!isGenerated) return whole;
  const line = whole.replaceAll(/\s+/g, ' ');
  if (line.length <= assertionLimits.lineLength && whole.split('\n').length <= 3) return line;
  return isCompared ? (whole.split('\n')[0] ?? '').replace(/:$/, '') : whole;
}

/** A stack that begins with one line of ours: the message above the calls may go on for pages. */
function withHeading(stack: string, heading: string): string {
  const lines = stack.split('\n');
  const calls = lines.findIndex((line) => /^\s+at /.test(line));
  return [heading.split('\n')[0] ?? '', ...(calls === -1 ? [] : lines.slice(calls))].join('\n');
}

/** Undefined if they look the same, or there are none: an assertion that something is not so compares what is equal. */
function compare(
  values: ComparedValues,
): { readonly expected: string; readonly found: string; readonly difference: DifferenceLine[] } | undefined {
  const found = values.actual;
  const expected = withoutMatchers(values.expected, found, { values: assertionLimits.values });
  const [expectedLines, foundLines] = [printed(expected), printed(found)];
  if (expectedLines === foundLines) return undefined;
  const isMultiline = expectedLines.includes('\n') || foundLines.includes('\n');
  return {
    expected: onOneLine(expected),
    found: onOneLine(found),
    difference: isMultiline ? lineDifference(expectedLines, foundLines) : [],
  };
}

const { depth, elements, stringLength } = assertionLimits;
const options = { depth, maxArrayLength: elements, maxStringLength: stringLength, sorted: true, customInspect: false };

function printed(value: unknown): string {
  // Lines of a text are compared as lines.
  if (typeof value === 'string' && value.includes('\n')) return value.slice(0, assertionLimits.stringLength);
  const lines = inspect(value, { ...options, compact: false, breakLength: 80 }).split('\n');
  const { lines: limit } = assertionLimits;
  return (lines.length <= limit ? lines : [...lines.slice(0, limit), '…']).join('\n');
}

function onOneLine(value: unknown): string {
  const line = inspect(value, { ...options, depth: 3, compact: true, breakLength: Infinity, maxArrayLength: 50 });
  return line.length <= assertionLimits.lineLength ? line : `${line.slice(0, assertionLimits.lineLength)}…`;
}

/** What stands for any value of a kind, as `expect.any(Number)` does. */
interface Matcher {
  asymmetricMatch(value: unknown): boolean;
  toAsymmetricMatcher?(): string;
}

const isMatcher = (value: object): value is Matcher => typeof Reflect.get(value, 'asymmetricMatch') === 'function';

/** An object that is printed as `text {}`. */
function called(text: string): object {
  // eslint-disable-next-line @typescript-eslint/no-extraneous-class -- only its name is wanted
  const Named = Object.defineProperty(class {}, 'name', { value: text });
  return new Named();
}

/**
 * The value with matchers that match replaced by what they match, and others by their names. What holds none is left as it is.
 *
 * @param budget how many values may still be looked at
 */
function withoutMatchers(expected: unknown, found: unknown, budget: { values: number }): unknown {
  if (typeof expected !== 'object' || expected === null || budget.values-- <= 0) return expected;
  if (isMatcher(expected)) {
    if (expected.asymmetricMatch(found)) return found;
    return called(expected.toAsymmetricMatcher?.() ?? 'matcher');
  }
  const isList = Array.isArray(expected);
  if (!isList && Object.getPrototypeOf(expected) !== Object.prototype) return expected;
  const before = Object.entries(expected);
  const after = before.map(([key, value]): [string, unknown] => {
    const other: unknown = typeof found === 'object' && found !== null ? Reflect.get(found, key) : undefined;
    return [key, withoutMatchers(value, other, budget)];
  });
  if (before.every(([, value], place) => value === after[place]?.[1])) return expected;
  return isList ? after.map(([, value]) => value) : Object.fromEntries(after);
}
