import { program, type Program } from './program.js';

/** A package whose entry says by which condition it was found. */
const conditional: Readonly<Record<string, string>> = {
  'node_modules/both/package.json': JSON.stringify({
    name: 'both',
    exports: {
      '.': { import: './import.mjs', require: './require.cjs' },
      './sub/*': './lib/*.cjs',
      './package.json': './package.json',
      './node': { browser: './browser.js', node: { import: './import.mjs', default: './require.cjs' } },
    },
    imports: { '#own': { import: './import.mjs', default: './require.cjs' } },
  }),
  'node_modules/both/import.mjs': "export default 'by import'",
  'node_modules/both/require.cjs': "module.exports = 'by require'",
  'node_modules/both/lib/deep.cjs': "module.exports = ['deep', __filename.endsWith('deep.cjs')]",
};

const tail = "const tail = (text) => String(text).split(/[\\\\/]/).slice(-2).join('/');";
const tried = 'const tried = (f) => { try { return f() } catch (e) { return e.code ?? e.name } };';

/** What modules know of themselves and of each other, and names that only running the program tells. */
export const moduleFeatures: readonly Program[] = [
  program(
    'conditions and exports of packages, for import, require, and both by computed names',
    `import { createRequire } from 'node:module'; import both from 'both'; import deep from 'both/sub/deep'; import cjs from './a.cjs'; ${tail} ${tried} const require = createRequire(import.meta.url); const name = (...parts) => parts.join('');
     export default Promise.all([import(name('bo', 'th')), import(name('both', '/sub/deep')), import(name('both', '/node'))]).then((all) => [both, deep, cjs, all.map((one) => one.default), require(name('bo', 'th')), require('both/node'), tail(require.resolve('both')), tail(import.meta.resolve('both')), tail(import.meta.resolve('both/sub/deep')), tried(() => require('both/hidden')), tried(() => import.meta.resolve('both/hidden')), tried(() => import.meta.resolve('not-there')), tried(() => require.resolve('./not-there.js')), require('both') === require(name('bo', 'th')), all[1].default === deep])`,
    {
      ...conditional,
      'a.cjs': "const name = 'both'; module.exports = [require('both'), require(name), require('both/node')]",
    },
  ),
  program(
    'require of computed names: the same modules as by literal ones',
    `import a from './a.cjs'; import { createRequire } from 'node:module'; const require = createRequire(import.meta.url); const name = (...parts) => parts.join('');
     export default [a, require(name('./', 'b.cjs')) === require('./b.cjs'), require(name('./', 'b.cjs')) === a.b, require(name('./da', 'ta.json')), require(name('./da', 'ta.json')) === a.data, a.again === a.b, require(name('node:', 'path')) === require('path')]`,
    {
      'a.cjs':
        "const at = (name) => require('./' + name); exports.b = at('b.cjs'); exports.again = module.require('./b.cjs'); exports.data = at('data'); try { at('gone') } catch (e) { exports.code = e.code }",
      'b.cjs': 'exports.b = {}',
      'data.json': '{ "x": [1] }',
    },
  ),
  program('what a CommonJS module knows of itself', `import a from './a.cjs'; ${tail} export default a(tail)`, {
    'a.cjs':
      "const inner = require('./b.cjs'); module.exports = (tail) => [tail(__filename), tail(__dirname).split('/')[1] === tail(module.path).split('/')[1], tail(module.filename), tail(module.id), module.loaded, module.paths[0] === require('path').join(__dirname, 'node_modules'), module.paths.length > 1, Object.keys(module), module.constructor.name, require.main, typeof require.cache, typeof require.resolve.paths, tail(require.resolve('./b.cjs')), require.resolve('fs'), require.resolve.paths('fs'), module.exports === module.exports, inner(tail)]",
    'b.cjs':
      'const { parent } = module; module.exports = (tail) => [tail(parent.filename), parent.exports !== undefined, module.parent === parent, tail(module.id)]',
  }),
  program('require in evaluated text', "import a from './a.cjs'; export default a", {
    'a.cjs': "module.exports = [typeof eval('require').resolve, eval('module').loaded, eval('require')('./b.cjs')]",
    'b.cjs': 'module.exports = 1',
  }),
  program(
    'createRequire of other places',
    `import { createRequire } from 'node:module'; import path from 'node:path'; import { pathToFileURL } from 'node:url'; ${tail} ${tried} const folder = import.meta.dirname;
     export default [createRequire(path.join(folder, 'sub/x.js'))('./c.cjs'), createRequire(pathToFileURL(path.join(folder, 'sub/')))('./c.cjs'), tail(createRequire(path.join(folder, 'sub/x.js')).resolve('../d.cjs')), tried(() => createRequire('relative')), tried(() => createRequire(import.meta.url)('./c.cjs')), createRequire(import.meta.url)('./d.cjs') === createRequire(import.meta.filename)('./d.cjs')]`,
    { 'sub/c.cjs': "module.exports = __filename.endsWith('c.cjs')", 'd.cjs': 'exports.d = {}' },
  ),
  program(
    'JSON: imported, required, computed',
    `import data from './data.json' with { type: 'json' }; import { createRequire } from 'node:module'; const require = createRequire(import.meta.url); const name = './' + 'data.json';
     export default import(name, { with: { type: 'json' } }).then((ns) => [data, ns.default === data, Object.keys(ns), require('./data.json')])`,
    { 'data.json': '[1, { "a": null }]' },
  ),
  program(
    'a self-reference and imports of a package',
    `import me from 'me'; import inner from '#inner'; ${tail} export default [me, inner, tail(import.meta.resolve('#inner')), tail(import.meta.resolve('me'))]`,
    {
      'package.json': '{ "name": "me", "exports": "./me.mjs", "imports": { "#inner": "./inner.cjs" } }',
      'me.mjs': "export default 'me'",
      'inner.cjs': "module.exports = 'inner'",
    },
  ),
];
