import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runBare, runInstrumented } from './testing/run-snippet.js';
import { snippets } from './testing/snippets.js';

const numbers = (length: number): number[] => Array.from({ length }, (_, index) => index + 1);

/** Arrays and similar objects that a snippet must treat alike, shared or not. */
const makers: Readonly<Record<string, (length: number) => unknown>> = {
  'a plain array': numbers,
  'an unshared typed array': (length) => Int32Array.from(numbers(length)),
  'a shared Int32Array': (length) => {
    const array = new Int32Array(new SharedArrayBuffer(4 * length));
    array.set(numbers(length));
    return array;
  },
  'a shared Float64Array': (length) => {
    const array = new Float64Array(new SharedArrayBuffer(8 * length));
    array.set(numbers(length));
    return array;
  },
  'a shared Uint8ClampedArray': (length) => {
    const array = new Uint8ClampedArray(new SharedArrayBuffer(length));
    array.set(numbers(length));
    return array;
  },
  'a shared BigInt64Array': (length) => {
    const array = new BigInt64Array(new SharedArrayBuffer(8 * length));
    array.set(numbers(length).map(BigInt));
    return array;
  },
  'a proxy': (length) => {
    // Traps are part of what is observed: instrumentation must not add or drop one.
    const seen: string[] = [];
    return new Proxy(Object.assign(numbers(length), { seen }), {
      get: (target, key, receiver) => {
        if (key !== 'seen') seen.push(`get ${String(key)}`);
        return Reflect.get(target, key, receiver) as unknown;
      },
      set: (target, key, value) => {
        seen.push(`set ${String(key)}`);
        return Reflect.set(target, key, value);
      },
    });
  },
};

describe('instrumented code means what it meant', () => {
  for (const [maker, make] of Object.entries(makers)) {
    test.each(snippets.map((snippet, number) => ({ snippet, number })))(
      `$number with ${maker}: $snippet`,
      async ({ snippet }) => {
        for (const strict of [true, false]) {
          const bare = await runBare(snippet, strict, make);
          const { result, error, log, code } = await runInstrumented(snippet, strict, make);
          expect({ result, error, log }, code).toEqual(bare);
        }
      },
    );
  }
});

test.each([
  ['let x = 1\nx++\n(x)\nreturn x', '2'],
  ['let x = 1\nx--\n[x].map(log)\nreturn x', '0'],
  ['let x = 1\nlet y = x++\n`${x}`\nreturn y', '1'],
  ['let x = 1\nif (x) x++\n(x)\nreturn x', '2'],
  ['let x = 4, g = 2\nx++\n/ 2 / g\nreturn x', '5'],
  ['const a = make(2)\na[0]++\n;(a[1])++\nreturn [...a].join()', "'2,3'"],
])('a line after ++ or -- begins a statement of its own: %j', async (snippet, result) => {
  expect(await runInstrumented(snippet, true, numbers)).toMatchObject({ error: undefined, result });
});

/** Programs with element accesses of every kind in every place; `e` logs what is evaluated when. */
const program = fc.letrec<Record<'expression' | 'key' | 'object' | 'target' | 'statement', string>>((tie) => ({
  key: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('0', '1', 'i', 'i+1', '"1"', '9', '"length"', '-0', '`${i}`'),
    tie('expression'),
  ),
  object: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('a', 'b', 'o.a', 'e(a)', '(i=2,b)', 'this.a', '(a as never)', 'a!'),
  ),
  target: fc.tuple(tie('object'), tie('key')).map(([object, key]) => `${object}[${key}]`),
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('1', 'i', '2', 'e(3)', 'null', 'undefined', '(i++)'),
    tie('target'),
    fc
      .tuple(tie('expression'), fc.constantFrom('+', '-', '*', '<', '===', '&&', '||', '??'), tie('expression'))
      .map(([left, operator, right]) => `((${left}) ${operator} (${right}))`),
    fc
      .tuple(
        tie('target'),
        fc.constantFrom('=', '+=', '-=', '*=', '**=', '>>>=', '&&=', '||=', '??='),
        tie('expression'),
      )
      .map(([target, operator, right]) => `(${target} ${operator} ${right})`),
    tie('target').chain((target) =>
      fc.constantFrom(`${target}++`, `(--${target})`, `(++${target})`, `(typeof ${target})`, `(delete ${target})`),
    ),
    tie('expression').map((inner) => `(await (${inner}))`),
    tie('expression').map((inner) => `e(${inner})`),
    tie('expression').map((inner) => `(() => ${inner})()`),
    tie('expression').map((inner) => `((p = ${inner}) => p)()`),
    tie('expression').map((inner) => `new (class { f = ${inner.includes('await') ? '0' : inner} })().f`),
    fc
      .tuple(tie('object'), tie('key'), tie('key'))
      .map(([object, first, second]) => `${object}?.[${first}]?.[${second}]`),
    fc.tuple(tie('key'), tie('expression')).map(([key, argument]) => `o?.m(${argument})?.[${key}]`),
    fc.tuple(tie('key')).map(([key]) => `n?.[${key}].x`),
    fc
      .tuple(tie('target'), tie('target'), tie('expression'))
      .map(([first, second, value]) => `([${first}, ${second} = 4] = [${value}, ${value}])`),
    fc
      .tuple(tie('target'), tie('expression'))
      .map(([target, value]) => `({ x: ${target} = 5, ...o.rest } = { x: ${value}, y: 1 })`),
    fc.tuple(tie('expression'), tie('expression')).map(([first, second]) => `[...[${first}], ${second}].slice(0)`),
    fc.tuple(tie('expression'), tie('expression')).map(([first, second]) => `a.indexOf(${first}, ${second})`),
    fc.tuple(tie('expression')).map(([inner]) => `e\`x\${${inner}}\``),
  ),
  statement: fc.oneof(
    tie('expression').map((expression) => `e(${expression})`),
    tie('expression'),
    fc.tuple(tie('target'), tie('target')).map(([first, second]) => `;[${first}, ${second}] = [${second}, ${first}]`),
    fc.tuple(tie('target'), tie('expression')).map(([target, value]) => `for (${target} of [${value}, 2]) e(a[0])`),
    fc
      .tuple(tie('key'), tie('object'))
      .map(([key, object]) => `{ let { [${key}]: x, 1: y = 2 } = ${object}; e([x, y]) }`),
    fc.tuple(tie('expression'), tie('expression')).map(([test, then]) => `if (${test}) ${then}\nelse e(0)`),
  ),
}));

const preamble = `let a = make(4), b = make(4), n = null, i = 0
const o = { a, m(x) { log('m'); return b } }
const e = (x, ...rest) => { log(typeof x === 'function' || (typeof x === 'object' && x !== null && x.raw) ? 'f' : x === a ? 'a' : x === b ? 'b' : x); return x }
const body = async function () {`;
// A program may set a length of a billion, and reading that many elements takes minutes.
const epilogue = `}
await body.call(o)
if (a.length > 1000 || b.length > 1000) return [a.length, b.length, i]
return [Array.from(a, String), Array.from(b, String), i]`;

test.each(Object.entries(makers))('random programs with %s mean what they meant', async (_name, make) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(program.statement, { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      async (statements, strict) => {
        const snippet = [preamble, ...statements, epilogue].join('\n');
        // The tool that removes the types from the bare program treats `x++` and a parenthesis on the next line as a call.
        const separated = statements.map((statement) => (statement.endsWith('++') ? `${statement};` : statement));
        const bareSnippet = [preamble, ...separated, epilogue].join('\n');
        const bare = await runBare(bareSnippet, strict, make).catch(() => undefined);
        fc.pre(bare !== undefined);
        const { result, error, log } = await runInstrumented(snippet, strict, make);
        expect({ result, error, log }).toEqual(bare);
      },
    ),
    { numRuns: 100 },
  );
});
