import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { configDefaults } from 'vitest/config';
import type { Plugin } from 'vitest/config';
import type { ThreadmillPluginOptions } from './options.js';
import { sourceQuery, testModule } from './test-module.js';

const includeDefault = ['**/*.scenario.ts'];
const scenarioSuffix = '.scenario.ts';
/** The harness as Node loads it: built, except in the tests of the harness itself. */
const ownFile = fileURLToPath(import.meta.url);
const runtimeFile = path.join(path.dirname(ownFile), `runtime${path.extname(ownFile)}`);

/**
 * A vitest plugin: each scenario file becomes a test file with one test, which passes if the scenario meets its
 * expectation. Otherwise the test fails with the report that `threadmill run` would print.
 *
 * @example
 * // vitest.config.ts
 * import { defineConfig } from 'vitest/config';
 * import { threadmill } from 'threadmill/vitest';
 *
 * export default defineConfig({ plugins: [threadmill({ runs: 5_000 })] });
 */
export function threadmill(options: ThreadmillPluginOptions = {}): Plugin {
  const { include = includeDefault, ...testOptions } = options;
  let projectDirectory = process.cwd();
  // Vite names this file as the importer of modules that no other module imports.
  const isStart = (importer: string | undefined): boolean =>
    importer === undefined || path.resolve(importer) === path.resolve(projectDirectory, 'index.html');
  return {
    name: 'threadmill',
    enforce: 'pre',
    config: (config) => ({
      test: {
        // `include` replaces vitest's default, so the default is repeated here.
        include: [...(config.test?.include === undefined ? configDefaults.include : []), ...include],
        // Vite must not transform the built harness: its processes have to run the same code.
        ...(ownFile.endsWith('.js') ? { server: { deps: { external: [harnessPattern()] } } } : {}),
      },
    }),
    configResolved(config) {
      projectDirectory = config.root;
    },
    async resolveId(source, importer) {
      // A file that vitest starts is a test. A file that another module imports is the scenario itself.
      const isMarked = source.endsWith(sourceQuery);
      if (!isMarked && (isStart(importer) || !source.includes('.scenario'))) return undefined;
      const plainSource = isMarked ? source.slice(0, -sourceQuery.length) : source;
      const resolved = await this.resolve(plainSource, importer, { skipSelf: true });
      return resolved?.id.endsWith(scenarioSuffix) === true ? resolved.id + sourceQuery : resolved;
    },
    load(id) {
      if (id.endsWith(sourceQuery)) return readFileSync(id.slice(0, -sourceQuery.length), 'utf8');
      if (!id.endsWith(scenarioSuffix)) return undefined;
      return { code: testModule({ file: id, projectDirectory, runtimeFile, options: testOptions }), map: null };
    },
  };
}

function harnessPattern(): RegExp {
  const folder = path.resolve(path.dirname(ownFile), '..').replaceAll(path.sep, '/');
  return new RegExp(`^${folder.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)}/`);
}
