import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Experiment, summary } from './experiment.js';

const experiment = new Experiment();
const held = { verdict: 'held', message: '' };
const controlled = {};
const stress = { engine: 'stress', stress: { profile: 'quick' }, runs: undefined } as const;
const bare = { engine: 'stress', stress: { profile: 'quick', instrument: false }, runs: undefined } as const;

function writePackage(name: string, files: Readonly<Record<string, string>>, main = 'index.js'): string {
  experiment.write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main }));
  for (const [file, text] of Object.entries(files)) experiment.write(`node_modules/${name}/${file}`, text);
  return path.join(experiment.project, 'node_modules', name);
}

/** Runs a check in all agents. */
const checked = async (
  before: string,
  body: string,
  options: Parameters<Experiment['run']>[1],
): Promise<{ readonly verdict: string; readonly message: string }> =>
  summary(
    await experiment.run(
      {
        before,
        fields: `writers: { count: 1, run() { ${body} } }, readers: { count: 1, run() { ${body} } }, stress: () => ({}),`,
      },
      { runs: 5, ...options },
    ),
  );

/** An addon that is already installed: the parser's, for the current platform. */
function anAddon(): string {
  const parser = path.dirname(createRequire(import.meta.url).resolve('oxc-parser/package.json'));
  const bindings = path.join(parser, '../@oxc-parser');
  for (const binding of readdirSync(bindings)) {
    const file = readdirSync(path.join(bindings, binding)).find((name) => name.endsWith('.node'));
    if (file !== undefined) return path.join(bindings, binding, file);
  }
  throw new Error(`no addon in ${bindings}`);
}

describe('packages that look for something', () => {
  it.each([
    ['under control', controlled],
    ['under stress', stress],
    ['without points', bare],
  ] as const)('find their files: %s', async (_, options) => {
    const folder = writePackage('finds-files', {
      'index.js': `const name = (...parts) => parts.join('');
        exports.paths = {
          literal: require.resolve('./lib/one'),
          computed: require.resolve(name('./lib', '/one.js')),
          other: require.resolve('finds-files/lib/one.js'),
          directory: __dirname,
        };
        exports.loaded = require(name('./lib/', 'two')).two;
        exports.same = require(name('./lib/', 'one')) === require('./lib/one');
        exports.lookedIn = require.resolve.paths('other-package');
        exports.main = require.main;
        exports.isCached = typeof require.cache === 'object';
        exports.threads = require(name('node:worker', '_threads'));
        exports.missing = () => require('not-installed-anywhere');
        try { require('./optional.node'); } catch (error) { exports.optional = error.code; }`,
      'lib/one.js': `exports.one = 1;`,
      'lib/two.js': `exports.two = 2;`,
    });
    const one = JSON.stringify(path.join(folder, 'lib/one.js'));
    expect(
      await checked(
        `import { createRequire } from 'node:module'; import { parentPort } from 'node:worker_threads';
         import found from 'finds-files'; const require = createRequire(import.meta.url);`,
        `const { literal, computed, other, directory } = found.paths;
         check(literal === ${one} && computed === ${one} && other === ${one}, 'the files are elsewhere: ' + literal);
         check(directory === ${JSON.stringify(folder)}, 'the folder is elsewhere: ' + directory);
         check(found.loaded === 2, 'the file was not loaded');
         check(found.lookedIn[0] === ${JSON.stringify(path.join(folder, 'node_modules'))}, 'looks in ' + found.lookedIn[0]);
         check(found.main === undefined && found.isCached, 'require is another');
         check((found.threads.parentPort === null) === (parentPort === null), 'the threads are not those of the engine');
         check(found.optional === 'MODULE_NOT_FOUND', 'another error: ' + found.optional);
         let code = '';
         try { found.missing(); } catch (error) { ({ code } = error as { code: string }); }
         check(code === 'MODULE_NOT_FOUND', 'another error: ' + code);
         check(require.resolve('finds-files/lib/one.js') === ${one}, 'createRequire looks elsewhere');
         check(require('finds-files') === found, 'the package is there twice');`,
        options,
      ),
    ).toEqual(held);
  });

  it.each([
    ['under control', controlled],
    ['under stress', stress],
  ] as const)('find their addons: %s', async (_, options) => {
    const lookup = `const { existsSync } = require('node:fs');
      const { dirname, join } = require('node:path');
      function callerOf(asked) {
        const { prepareStackTrace } = Error;
        let file;
        Error.prepareStackTrace = (_, sites) => { file = sites.map((site) => site.getFileName()).find((name) => name !== __filename); };
        const target = {};
        Error.captureStackTrace(target);
        void target.stack;
        Error.prepareStackTrace = prepareStackTrace;
        return file;
      }
      module.exports = (name) => {
        let folder = dirname(callerOf());
        while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
        return require(join(folder, 'build/Release', name));
      };`;
    writePackage('looks-for-addons', { 'index.js': lookup });
    const folder = writePackage(
      'has-addon',
      {
        'lib/index.js': `exports.addon = require('looks-for-addons')('addon.node'); exports.literal = require('../build/Release/addon.node');`,
      },
      'lib/index.js',
    );
    const platform = writePackage('is-addon', {}, 'addon.node');
    mkdirSync(path.join(folder, 'build/Release'), { recursive: true });
    for (const link of [path.join(folder, 'build/Release/addon.node'), path.join(platform, 'addon.node')]) {
      if (!existsSync(link)) symlinkSync(anAddon(), link);
    }
    writePackage('asks-for-platform', { 'index.js': `exports.addon = require('is-addon');` });
    expect(
      await checked(
        `import { addon, literal } from 'has-addon'; import platform from 'asks-for-platform';`,
        `for (const one of [addon, literal, platform.addon]) check(typeof one.parseSync === 'function', 'not the addon: ' + Object.keys(one));`,
        options,
      ),
    ).toEqual(held);
  });

  it.each([
    ['under control', controlled],
    ['under stress', stress],
  ] as const)('see who calls them: %s', async (_, options) => {
    const folder = writePackage('who-calls', {
      'index.js': `exports.sites = () => {
          const before = Error.prepareStackTrace;
          Error.prepareStackTrace = (_, sites) => sites;
          const { stack } = new Error();
          Error.prepareStackTrace = before;
          return stack.slice(1).map((site) => ({ file: site.getFileName(), line: site.getLineNumber(), text: String(site), by: site.getFunctionName() }));
        };
        exports.leave = () => { const before = Error.prepareStackTrace; Error.prepareStackTrace = () => 'left'; return before; };`,
      'through.js': `const { sites } = require('./index.js');\nexports.through = function through() {\n  return sites();\n};`,
    });
    const through = path.join(folder, 'through.js');
    expect(
      await checked(
        `import { leave, sites } from 'who-calls'; import { through } from 'who-calls/through.js';`,
        `const [first] = sites();
         check(first.file === import.meta.url && first.line > 1, 'called by ' + first.file + ':' + first.line);
         const [within, outer] = through();
         check(within.file === ${JSON.stringify(through)} && within.line === 3 && within.by === 'through', 'called by ' + within.text);
         check(within.text === 'through (${through.replaceAll('\\', '\\\\')}:3:10)', 'called by ' + within.text);
         check(outer.file === import.meta.url, 'called by ' + outer.file);
         check(leave() === undefined, 'an earlier execution prepares stacks');`,
        options,
      ),
    ).toEqual(held);
  });
});

/** What a package keeps where nobody looks for state. */
const hiddenState = `class Numbers { static advance(kept) { kept.next = (kept.next ?? -1) + 1; return kept.next; } }
  exports.number = () => Numbers.advance(Numbers);`;

describe('a schedule that gives two traces', () => {
  it('names the package that keeps state, and the remedy', async () => {
    writePackage('innocent', { 'index.js': `exports.same = (value) => value;` });
    writePackage('another-one', { 'index.js': `exports.same = (value) => value;` });
    writePackage('numbers', { 'index.js': hiddenState });
    const scenario = {
      before: `import { same } from 'innocent'; import { same as again } from 'another-one'; import { number } from 'numbers';`,
      fields: `writers: { count: 1, run({ history }) { history.read(same(again(number()))); } },`,
    };
    const { verdict, message } = summary(await experiment.run(scenario));
    expect(verdict).toBe('uncontrolled');
    expect(message).toMatch(/ if numbers is evaluated again .* Add freshPackages: \['numbers'\] to the scenario\.$/);
    const fresh = { ...scenario, fields: `freshPackages: ['numbers'], ${scenario.fields}` };
    expect(summary(await experiment.run(fresh))).toEqual(held);
  });

  it('does so too where the controlled engine follows up on what stress has found', async () => {
    writePackage('numbers', { 'index.js': hiddenState });
    const result = await experiment.run(
      {
        before: `import { number } from 'numbers';`,
        fields: `writers: { count: 1, run({ history }) { history.read(number()); } },
          invariants: [invariant('the first', ({ event }) => event?.kind !== 'read' || event.value === 0)],`,
      },
      stress,
    );
    expect(result.verdict).toBe('violation');
    expect(summary(result).message).toContain("Add freshPackages: ['numbers'] to the scenario.");
  });

  it('blames no package where it is none', async () => {
    writePackage('innocent', { 'index.js': `exports.same = (value) => value;` });
    const { verdict, message } = summary(
      await experiment.run({
        before: `import { same } from 'innocent';`,
        fields: `writers: { count: 1, run({ history }) { history.read(same(process.hrtime.bigint === undefined ? 0 : process.cpuUsage().user + process.memoryUsage().heapUsed)); } },`,
      }),
    );
    expect(verdict).toBe('uncontrolled');
    expect(message).not.toContain('freshPackages');
  });
});
