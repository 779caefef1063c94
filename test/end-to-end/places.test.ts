import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressText, valueText } from '../../harness/report/text/operation.js';
import type { Counterexample } from '../../harness/results/schema.js';
import { Experiment } from './experiment.js';

type Operation = Counterexample['trace'][number];

/*
 * A trace shows an operation at the innermost call in the program's code that caused it, however the code got the function.
 * The place is absent if there was no such call, and is never that of another call.
 */

const experiment = new Experiment();

/** A function that performs one operation. */
interface Performed {
  readonly callee: string;
  readonly self: string;
  /** The arguments in the statement with this number, so that operations with arguments can be distinguished. */
  readonly values: (number: number) => string;
  readonly name: string;
  /** Location and value as the trace shows them; undefined if they do not depend on the statement. */
  readonly shown?: (number: number) => RegExp;
}

const at = (number: number): RegExp => new RegExp(`^#\\d\\[${number}\\]`);
const operations: readonly Performed[] = [
  { callee: 'Atomics.load', self: 'Atomics', values: (n) => `view, ${n}`, name: 'Atomics.load', shown: at },
  { callee: 'Atomics.add', self: 'Atomics', values: (n) => `view, ${n}, 1`, name: 'Atomics.add', shown: at },
  { callee: 'Atomics.notify', self: 'Atomics', values: (n) => `view, ${n}`, name: 'Atomics.notify', shown: at },
  { callee: 'view.fill', self: 'view', values: (n) => `7, ${n}, ${n + 1}`, name: 'write', shown: at },
  { callee: 'view.at', self: 'view', values: (n) => `${n}`, name: 'read', shown: at },
  {
    callee: 'data.getInt8',
    self: 'data',
    values: (n) => `${n + 2_000}`,
    name: 'read',
    shown: (n) => at(n + 2_000),
  },
  {
    callee: 'setTimeout',
    self: 'globalThis',
    values: (n) => `idle, ${n + 1}`,
    name: 'set timer',
    shown: (n) => new RegExp(` ${n + 1} ms$`),
  },
  {
    callee: 'sleep',
    self: 'globalThis',
    values: (n) => `${n + 1_000}`,
    name: 'set timer',
    shown: (n) => new RegExp(` ${n + 1_000} ms$`),
  },
  {
    callee: 'history.read',
    self: 'history',
    values: (n) => `${n}`,
    name: 'history.read',
    shown: (n) => new RegExp(` ${n}$`),
  },
  { callee: 'setImmediate', self: 'globalThis', values: () => 'idle', name: 'set immediate' },
  { callee: 'port.postMessage', self: 'port', values: () => '0', name: 'postMessage' },
  { callee: 'performance.now', self: 'performance', values: () => '', name: 'clock' },
  { callee: 'pause', self: 'undefined', values: () => '', name: 'pause' },
];

const list = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(', ');

/** Ways to call it: lines of text, and the line with the call; none if Node calls it. */
type Form = (
  operation: Performed,
  number: number,
) => { readonly lines: readonly string[]; readonly line: number | null };

const forms: Readonly<Record<string, Form>> = {
  directly: ({ callee, values }, n) => ({ lines: [`await ${callee}(${values(n)});`], line: 0 }),
  'by another name': ({ callee, self, values }, n) => ({
    lines: [`const alias${n} = ${callee}.bind(${self});`, 'noise();', `await alias${n}(${values(n)});`],
    line: 2,
  }),
  'by call': ({ callee, self, values }, n) => ({ lines: [`await ${callee}.call(${list(self, values(n))});`], line: 0 }),
  'by Reflect.apply': ({ callee, self, values }, n) => ({
    lines: ['noise();', `await Reflect.apply(${callee}, ${self}, [${values(n)}]);`],
    line: 1,
  }),
  'as a method of another object': ({ callee, self, values }, n) => ({
    lines: [`const other${n} = { load: ${callee}.bind(${self}) };`, `await other${n}?.load(${values(n)});`],
    line: 1,
  }),
  'under a name that means something else': ({ callee, self, values }, n) => ({
    lines: [
      `const known${n} = { pause: () => undefined, set: ${callee}.bind(${self}) };`,
      `known${n}.pause();`,
      `await known${n}.set(${values(n)});`,
    ],
    line: 2,
  }),
  'within a function of the same name': ({ callee, self, values }, n) => ({
    lines: [
      `const inner${n} = ${callee}.bind(${self});`,
      `const load${n} = { load: (...values: readonly never[]) =>`,
      `inner${n}(...values) };`,
      `await load${n}.load(${values(n)});`,
    ],
    line: 2,
  }),
  'by a private name': ({ callee, self, values }, n) => ({
    lines: [
      `const hidden${n} = new (class { readonly #load = ${callee}.bind(${self});`,
      `call() { return this.#load (${values(n)}); } })();`,
      `await hidden${n}.call();`,
    ],
    line: 1,
  }),
  'by a computed name': ({ callee, self, values }, n) => ({
    lines: [
      `const computed${n} = { load: ${callee}.bind(${self}) }, key${n} = ['load'].join() as 'load';`,
      `await computed${n}[key${n}](${values(n)});`,
    ],
    line: 1,
  }),
  'by a function of Node': ({ callee, self, values }, n) => ({
    lines: ['noise();', `await [0].map(${callee}.bind(${list(self, values(n))}))[0];`],
    line: 1,
  }),
  'in an argument': ({ callee, self, values }, n) => ({
    lines: [
      `const argument${n} = ${callee}.bind(${list(self, values(n))});`,
      'Math.max(',
      `(argument${n}(), 0),`,
      'noise());',
    ],
    line: 2,
  }),
  'in a microtask': ({ callee, self, values }, n) => ({
    lines: [`await Promise.resolve().then(${callee}.bind(${list(self, values(n))}));`],
    line: null,
  }),
  'by an accessor': ({ callee, self, values }, n) => ({
    lines: [
      `const accessor${n} = Object.defineProperty({}, 'load', { get: ${callee}.bind(${list(self, values(n))}) }) as { load: unknown };`,
      `noise();`,
      `await accessor${n}.load;`,
    ],
    line: null,
  }),
};

/** Functions with the names of known functions, which are not these functions. */
const noise = `function noise(): number {
  const own = { load: (value: number) => value, postMessage: () => 0, fill: () => 0 };
  new Map().set(1, 'x'.at(0));
  own.postMessage();
  own.fill();
  return own.load([1, 2].slice(1).indexOf(2));
}`;

/** Every operation in every form. */
const statements = operations.flatMap((operation) => Object.values(forms).map((form) => ({ operation, form })));

describe('the place of an operation', () => {
  it('is right, or absent, however the function that performs it is called', async () => {
    const order = fc.shuffledSubarray(statements, { minLength: statements.length });
    const property = fc.asyncProperty(order, async (shuffled) => {
      const lines: string[] = [];
      const expected = shuffled.map(({ operation, form }, number) => {
        const made = form(operation, number);
        const text = made.line === null ? null : (made.lines[made.line] ?? '');
        lines.push(...made.lines);
        return { ...operation, number, text };
      });
      const { trace } = await traceOf(lines);
      const places = expected.map(({ name, shown, number, text }, index) => {
        const isLike = (operation: Operation): boolean => operation.kind === name;
        const operation =
          shown === undefined
            ? trace.filter(isLike)[expected.slice(0, index).filter((other) => other.name === name).length]
            : trace.find((candidate) => isLike(candidate) && shown(number).test(detailOf(candidate)));
        return {
          number,
          name,
          expected: text,
          found: operation === undefined ? 'nothing' : (operation.source ?? null),
        };
      });
      expect(places.filter((place) => place.found !== place.expected)).toEqual([]);
    });
    await fc.assert(property, { numRuns: 3, endOnFailure: true });
  });
});

const detailOf = (operation: Operation): string =>
  `${operation.address === undefined ? '' : addressText(operation.address)} ${valueText(operation) ?? ''}`.trimEnd();

/** The counterexample of a writer with these statements. */
async function traceOf(lines: readonly string[]): Promise<Counterexample> {
  const result = await experiment.run(
    {
      before: `import { setTimeout as sleep } from 'node:timers/promises';\n${noise}\nconst idle = (): void => undefined;`,
      fields: `
        store: () => ({
          view: new Int32Array(new SharedArrayBuffer(4_096)),
          data: new DataView(new SharedArrayBuffer(4_096)),
        }),
        writers: { count: 1, async run({ store: { view, data }, history, pause }) {
          const { port1: port } = new MessageChannel();
${lines.join('\n')}
          throw new Error('the end');
        } },`,
    },
    { save: true, runs: 1 },
  );
  expect(result.counterexample?.failure.message).toBe('Error: the end');
  return experiment.saved(result);
}
