import { readDurationMs } from '../duration-text.js';
import { defaultLimits, type Limits } from '../scenario/limits.js';
import { strategyNames, type StrategyName } from '../schedule/strategy-names.js';

/** What comments say about how tests are explored. */
export interface TestOptions {
  readonly skip?: true;
  readonly runs?: number;
  readonly budgetMs?: number;
  readonly strategy?: StrategyName;
  readonly limits?: Partial<Limits>;
  /** Of a whole file only. */
  readonly freshPackages?: readonly string[];
}

/** A limit that has a meaning for the one coroutine of a test. */
const limitNames = Object.keys(defaultLimits).filter((name) => name !== 'stressTimeoutMs');

const expected = [
  'skip',
  'runs=<count>',
  'budget=<duration>',
  `strategy=<${strategyNames.join('|')}>`,
  'freshPackages=<name,name> at the head of the file',
  `or a limit, such as steps=<count> (${limitNames.join(', ')})`,
].join(', ');

/** What is wrong with an option: the rest of a sentence that begins with its place. */
export class WrongOption extends Error {}

/**
 * Reads the options of one comment, separated by spaces.
 *
 * @throws WrongOption saying what was found and what was expected
 */
export function readTestOptions(text: string, isOfFile: boolean): TestOptions {
  return text
    .split(/\s+/)
    .filter((word) => word !== '')
    .reduce<TestOptions>((options, word) => merged(options, readOption(word, isOfFile)), {});
}

function readOption(word: string, isOfFile: boolean): TestOptions {
  const [name = '', ...rest] = word.split('=');
  const value = rest.join('=');
  if (name === 'skip' && rest.length === 0) return { skip: true };
  if (name === 'runs') return { runs: count(word, value) };
  if (name === 'budget') {
    const budgetMs = readDurationMs(value);
    if (budgetMs === undefined) throw wrong(word, 'a duration such as budget=500ms, 30s or 10m');
    return { budgetMs };
  }
  if (name === 'strategy') {
    const strategy = strategyNames.find((known) => known === value);
    if (strategy === undefined) throw wrong(word, `strategy=<${strategyNames.join('|')}>`);
    return { strategy };
  }
  if (name === 'freshPackages') {
    if (!isOfFile || value === '') throw wrong(word, 'freshPackages=<name,name> at the head of the file');
    return { freshPackages: value.split(',') };
  }
  if (limitNames.includes(name)) return { limits: { [name]: count(word, value) } };
  throw wrong(word, expected);
}

function count(word: string, value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < 1 || !Number.isSafeInteger(number))
    throw wrong(word, 'a whole number, at least 1');
  return number;
}

const wrong = (word: string, what: string): WrongOption => new WrongOption(`found "${word}", expected ${what}`);

/** Both, where the second says more about the same. */
export function merged(outer: TestOptions, inner: TestOptions): TestOptions {
  const limits = { ...outer.limits, ...inner.limits };
  return { ...outer, ...inner, ...(Object.keys(limits).length === 0 ? {} : { limits }) };
}
