import { program, type Program } from './program.js';

const told =
  'const told = (promise) => promise.then((it) => it, (e) => [e.name, e.code]); const later = async (f) => { const found = []; for (const one of f) found.push(await told(one())); return found };';
const seen = 'const seen = (ns) => ({ ...ns });';

/** Programs with `import()`. */
export const importCalls: readonly Program[] = [
  program(
    'the second argument of import()',
    `${told} ${seen} const log = []; const logged = (name, value) => (log.push(name), value); const thrown = (options) => import('./a.mjs', options).then(seen, (e) => [e.name, e.message === 'own']);
     const own = () => { throw new RangeError('own') };
     export default (async () => [await thrown(undefined), await thrown({}), await thrown({ with: undefined }), await thrown({ with: {} }), await thrown({ get with() { return own() } }), await thrown({ with: new Proxy({}, { ownKeys: own }) }), await thrown({ with: { get type() { return own() } } }),
       await told(import('./a.mjs', null)), await told(import('./a.mjs', 'x')), await told(import('./a.mjs', { with: 1 })), await told(import('./a.mjs', { with: { type: 1 } })), await told(import('./b.mjs', { with: { other: 'x' } })), (await told(import('./a.mjs', { with: { type: 'json' } })))[0],
       seen(await import('./d.json', { with: { type: 'json' } })), seen(await import('./' + 'd.json', { with: logged('with', { type: 'json' }) },)), seen(await import('./a.mjs', 'x' in {} || undefined,)), (await import('./a.mjs', logged('second', undefined))).x, log,
       await (async () => { try { return import('./a.mjs', own()) } catch (e) { return e.name } })(), await told(import('./' + 'a.mjs', 5)), import('./a.mjs', [[0][0], import('./a.mjs')]) instanceof Promise])()`,
    { 'a.mjs': 'export const x = 1', 'b.mjs': '', 'd.json': '{ "a": [1], "default": 2 }' },
  ),
  program(
    'what import() gives has the properties of a namespace',
    `const tried = (f) => { try { return f() } catch (e) { return e.name } };
     export default (async () => { const ns = await import('./a.mjs'); const set = (key, wanted) => Reflect.defineProperty(ns, key, wanted); const before = Object.getOwnPropertyDescriptors(ns); ns.up();
       return [before, Reflect.ownKeys(ns), ns.n, Object.getOwnPropertyDescriptor(ns, 'n'), Object.getOwnPropertyDescriptor(ns, 'no'), tried(() => { ns.n = 9 }), Reflect.set(ns, 'n', 2), tried(() => { delete ns.n }), delete ns.no, tried(() => { ns.no = 1 }), 'n' in ns, 'no' in ns, Symbol.iterator in ns,
         set('n', {}), set('n', { value: 2 }), set('n', { value: 1 }), set('n', { writable: true, enumerable: true, configurable: false }), set('n', { writable: false }), set('n', { get: undefined }), set('no', {}), set(Symbol.toStringTag, { value: 'Module', writable: false }), set(Symbol.toStringTag, { value: 'x' }),
         Object.isFrozen(ns), Object.isSealed(ns), Object.isExtensible(ns), tried(() => Object.freeze(ns)), tried(() => Object.preventExtensions(ns) === ns), Reflect.setPrototypeOf(ns, null), Reflect.setPrototypeOf(ns, {}), Object.getPrototypeOf(ns), String(ns[Symbol.toStringTag]), Object.keys(ns), JSON.stringify(ns), ns.self() === ns, { ...ns }] })()`,
    {
      'a.mjs':
        "export let n = 1; export const up = () => { n++ }, b = 'b', a = 'a'; export function self() { return this } export { a as '10', b as '9', a as 'with space' }; export default 5",
    },
  ),
  program(
    'namespaces that are exported by what import() gives',
    "export default (async () => { const ns = await import('./a.mjs'); return [Object.getOwnPropertyDescriptor(ns.inner, 'x'), Reflect.ownKeys(ns.inner), ns.inner === (await import('./b.mjs')).self, ns.inner.self === ns.inner, Object.getOwnPropertyDescriptor(ns.inner.deep, 'z')] })()",
    {
      'a.mjs': "export * as inner from './b.mjs'",
      'b.mjs':
        "import * as self from './b.mjs'; import * as deep from './c.mjs'; export { self, deep }; export let x = 1; x++",
      'c.mjs': 'export const z = 5',
    },
  ),
  program('what import() gives before it is initialised', `import { early } from './a.mjs'; export default early`, {
    'a.mjs': `const tried = (f) => { try { return f() } catch (e) { return e.name } };
        export const early = import('./a.mjs').then((ns) => [tried(() => ns.late), Object.keys(ns)]); import * as self from './a.mjs'; export let late = [tried(() => self.late), tried(() => Object.keys(self)), tried(() => Object.getOwnPropertyDescriptor(self, 'late')), 'late' in self, Reflect.ownKeys(self).length]`,
  }),
  program(
    'import() of names that only running tells',
    `import { x, count } from './static.mjs'; ${told} const name = (...parts) => parts.join(''); const at = (text) => new URL(text, import.meta.url).href;
     export default (async () => { const one = await import(name('./sta', 'tic.mjs')); const lazy = await import(name('./la', 'zy.mjs')); const c = await import(name('./', 'c.cjs'));
       return [one.x === x, one === await import('./static.mjs'), one === await import(at('./static.mjs')), count(), lazy === await import('./lazy.mjs'), lazy === await import(name('../', at('./').split('/').at(-2), '/lazy.mjs')), lazy.n, lazy.up(), lazy.n, lazy.x === x, c === await import('./c.cjs'), c.default.k, (await import(name('node:', 'path'))).sep, (await import(name('f', 's'))).default === (await import('node:fs')).default,
         await told(import(name('./la', 'zy'))), await told(import(name('./', 'bad.mjs'))), await import(\`./\${name('gl', 'ob')}.mjs\`).then((ns) => [ns.x === x, ns.default]), await import({ toString: () => './lazy.mjs' }).then((ns) => ns === lazy), count()] })()`,
    {
      'static.mjs': 'export const x = {}; let n = 0; export const count = () => ++n',
      'lazy.mjs': "import { x } from './static.mjs'; export { x }; export let n = 1; export const up = () => ++n",
      'c.cjs': 'module.exports = { k: 1 }',
      'bad.mjs': "throw new TypeError('bad')",
      'glob.mjs': "export { x } from './static.mjs'; export default 'glob'",
    },
  ),
  program(
    'import() of files that the bundle does not have',
    `${told} const name = (...parts) => parts.join('');
     export default (async () => { const ns = await import(name('./out', 'side.mjs')); const c = await import(name('./out', 'side.cjs'));
       return [{ ...ns }, Reflect.ownKeys(ns), ns === await import(name('./outs', 'ide.mjs')), Object.prototype.toString.call(ns), (await import(name('./out', 'named.mjs'))), c.default, c === await import(name('./outside', '.cjs')), await told(import(name('./out', 'throws.mjs')))] })()`,
    {
      'outside.mjs': 'export const x = 1; export default 2',
      'outnamed.mjs': 'export const x = 1',
      'outside.cjs': 'module.exports = { a: [1] }',
      'outthrows.mjs': "throw new RangeError('x')",
    },
  ),
  program(
    'import() of CommonJS and of nothing much gives one object',
    `export default (async () => { const [a, b] = await Promise.all([import('./empty.cjs'), import('./empty.cjs')]); const [c, d] = await Promise.all([import('./c.cjs'), import('./c.cjs')]); return [a === b, c === d, c.default, await import(import('./empty.cjs')).catch((e) => e.code)] })()`,
    { 'empty.cjs': '', 'c.cjs': 'module.exports = 5' },
  ),
];
