import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { configDefaults } from 'vitest/config';
import type { Plugin } from 'vitest/config';
import type { ThreadmillPluginOptions } from './options.js';
import { sourceQuery, testModule } from './test-module.js';

const includeDefault = ['**/*.scenario.ts'];
const scenarioSuffix = '.scenario.ts';
/** The harness as Node has it: built, unless it is being worked on. */
const ownFile = fileURLToPath(import.meta.url);
const runtimeFile = path.join(path.dirname(ownFile), `runtime${path.extname(ownFile)}`);

/**
 * A vitest plugin: scenario files become test files with one test each, which passes if the scenario meets its
 * expectation and fails with the report that `threadmill run` would print.
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
  // Where nothing imports a module, vite says that this file does.
  const isStart = (importer: string | undefined): boolean =>
    importer === undefined || path.resolve(importer) === path.resolve(projectDirectory, 'index.html');
  return {
    name: 'threadmill',
    enforce: 'pre',
    config: (config) => ({
      test: {
        // Naming files to include replaces vitest's own choice, unless that is named as well.
        include: [...(config.test?.include === undefined ? configDefaults.include : []), ...include],
        // The built harness runs as it is: what it starts and measures must not be vite's rendering of it.
        ...(ownFile.endsWith('.js') ? { server: { deps: { external: [harnessPattern()] } } } : {}),
      },
    }),
    configResolved(config) {
      projectDirectory = config.root;
    },
    async resolveId(source, importer) {
      // What vitest starts is a test; what another module imports is the scenario itself.
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
