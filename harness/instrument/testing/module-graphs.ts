import fc from 'fast-check';
import { program, type Program } from './program.js';

/** One module of a graph: what it imports, by number, and how many turns it waits, if it awaits at all. */
interface GraphNode {
  readonly imports: readonly number[];
  readonly turns: number | null;
  /** Whether it throws at its end. */
  readonly fails: boolean;
  readonly isCommonJs: boolean;
}

const maximumModules = 7;

const graphNode: fc.Arbitrary<GraphNode> = fc.record({
  imports: fc.uniqueArray(fc.nat(maximumModules - 1), { maxLength: 3 }),
  turns: fc.option(fc.nat(4), { nil: null, freq: 1 }),
  fails: fc.nat(24).map((drawn) => drawn === 0),
  isCommonJs: fc.nat(9).map((drawn) => drawn === 0),
});

function text(number: number, { imports, turns, fails, isCommonJs }: GraphNode, nodes: readonly GraphNode[]): string {
  const note = (what: string): string => `(globalThis.order ??= []).push('${what}${number}');`;
  if (isCommonJs) return note('c');
  const waits = turns === null ? '' : `for (let turn = 0; turn <= ${turns}; turn++) await null; ${note('-')}`;
  const asked = imports
    .filter((one) => one < nodes.length)
    .map((one) => `import './m${one}.${nodes[one]?.isCommonJs === true ? 'cjs' : 'mjs'}';`);
  return `${asked.join('')} ${note('+')} ${waits} ${fails ? `throw new Error('m${number}');` : ''}`;
}

/** Programs whose modules import each other in any way, circles included, and tell in which order they are evaluated. */
export function moduleGraphs(count: number, seed: number): readonly Program[] {
  const drawn = fc.sample(fc.array(graphNode, { minLength: 3, maxLength: maximumModules }), { numRuns: count, seed });
  return drawn.map((nodes, number) => {
    const main = `globalThis.order = []; const told = (promise) => promise.then(() => 'done', (e) => e.message); const one = await told(import('./m0.${nodes[0]?.isCommonJs === true ? 'cjs' : 'mjs'}'));
      const soFar = [...globalThis.order]; const two = await Promise.all([told(import('./entry.mjs')), told(import('./m1.${nodes[1]?.isCommonJs === true ? 'cjs' : 'mjs'}'))]);
      const { order } = globalThis; delete globalThis.order; export default [one, soFar.join(' '), two, order.join(' ')]`;
    const files = nodes.map((node, index): [string, string] => [
      `m${index}.${node.isCommonJs ? 'cjs' : 'mjs'}`,
      text(index, node, nodes),
    ]);
    const entry = text(9, { imports: [0, 1, 2], turns: null, fails: false, isCommonJs: false }, nodes);
    return program(`graph ${number}`, main, { ...Object.fromEntries(files), 'entry.mjs': entry });
  });
}
