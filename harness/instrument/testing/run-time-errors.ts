import { program, type Program } from './program.js';

const tried = 'const tried = (f) => { try { return f() } catch (e) { return e.name } };';
const told =
  'const told = (promise) => promise.then((it) => it, (e) => [e.name, e.code, e instanceof SyntaxError]); const later = async (f) => { const found = []; for (const one of f) found.push(await told(one())); return found };';

/** Valid programs that fail, or do not fail, only at run time. */
export const runTimeErrors: readonly Program[] = [
  program(
    'assignments to constants and imports',
    `import { x, f, live } from './a.mjs'; import d from './a.mjs'; import c from './c.cjs'; import * as ns from './a.mjs'; ${tried} const k = 1; const log = [];
     export default [tried(() => { k = 2 }), tried(() => { k++ }), tried(() => { [k] = [2] }), tried(() => { ({ k } = { k: 2 }) }), tried(() => { for (k of [1]); }), tried(() => { for (k in { a: 1 }); }),
       tried(() => { x = 2 }), tried(() => { x += log.push(1) }), tried(() => { f = 2 }), tried(() => { live = log.push(2) }), tried(() => { live++ }), tried(() => { [live] = [1] }), tried(() => { ({ live } = { live: 2 }) }), tried(() => { d = 2 }), tried(() => { ns = 2 }), tried(() => { x ??= 2 }), k, x, live, log, c]`,
    {
      'a.mjs': 'export const x = 1; export function f() {} export let live = 1; live = 2; export default 3',
      'c.cjs': `${tried} const c = 1; var C = 'outside'; const cls = class C extends (set = () => { C = null }, class {}) { m() { return C } }; var set; module.exports = [tried(() => { c = 2 }), tried(() => { ({ c, ...c } = {}) }), tried(set), new cls().m() === cls, C, c]`,
    },
  ),
  program('assignments to imports in a circle', `import { x, look } from './a.mjs'; export default [look(), x]`, {
    'a.mjs': `import { y } from './b.mjs'; export let x = 1; ${tried} export const look = () => [tried(() => { y = 2 }), y]; x = 2`,
    'b.mjs': "import { x } from './a.mjs'; export const y = 1; export const set = () => { x = 3 }",
  }),
  ...[
    'var await; async function foo() { function* bar() { await = 1 } bar().next() } foo(); module.exports = await',
    'async function await() { return 1 } module.exports = [await.name, await instanceof Function]',
    'var C = class aw\\u0061it {}; module.exports = C.name',
    'function await(x) { return [x] } const array = [1]; module.exports = [await(array[0]), ((await) => await)(2)]; label: { const await = 3; exports.q = await }',
    "function await(x) { return x } module.exports = import('./d.mjs', await(undefined)).then((it) => it.x)",
  ].map((text, number) =>
    program(`await is a name in CommonJS ${number}`, "import it from './a.cjs'; export default it", {
      'a.cjs': text,
      'd.mjs': 'export const x = 1',
    }),
  ),
  program(
    'import() of what is not there',
    `${told} export default later([() => import('./gone.mjs'), () => import('./folder.mjs/x.mjs'), () => import('no-such-package'), () => import('./' + 'gone.mjs'), () => import(['no', 'such'].join('-')), () => import(new URL('gone.mjs', import.meta.url)), () => import({ toString() { throw new RangeError() } }), () => import(Symbol.iterator)])`,
  ),
  program(
    'exports that are missing, circular or ambiguous, behind import()',
    `${told} export default later([() => import('./missing.mjs'), () => import('./circle1.mjs'), () => import('./ambiguous.mjs'), () => import('./self.mjs'), () => import('./through.mjs'), () => import('./fine.mjs').then((ns) => Object.entries(ns)), async () => globalThis.evaluated])`,
    {
      'missing.mjs': "import { no } from './fine.mjs'; globalThis.evaluated = no",
      'circle1.mjs': "export { x } from './circle2.mjs'",
      'circle2.mjs': "export { x } from './circle1.mjs'",
      'ambiguous.mjs': "import { x } from './stars.mjs'; globalThis.evaluated = x",
      'stars.mjs': "export * from './x1.mjs'; export * from './x2.mjs'; export * from './x1.mjs'",
      'x1.mjs': "export const x = 1, y = 1; export * from './fine.mjs'",
      'x2.mjs': "export const x = 2, z = 2; export * from './fine.mjs'",
      'self.mjs': "export { q } from './self.mjs'",
      'missing2.mjs': "import { no } from './fine.mjs'; globalThis.evaluated = no",
      'through.mjs': "import './missing2.mjs'; globalThis.evaluated = 1",
      'fine.mjs': "export * from './fine2.mjs'; export const f = 1",
      'fine2.mjs': 'export const g = 2',
    },
  ),
  program(
    'exports that several stars provide',
    `import * as all from './stars.mjs'; import { y, z, f } from './stars.mjs'; export default [Object.keys(all), 'x' in all, y, z, f]`,
    {
      'stars.mjs': "export * from './x1.mjs'; export * from './x2.mjs'",
      'x1.mjs': "export const x = 1, y = 1; export * from './fine.mjs'",
      'x2.mjs': "export const x = 2, z = 2; export * from './fine.mjs'",
      'fine.mjs': 'export const f = 1; export default 2',
    },
  ),
];
