import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** What is started for each writer of each scenario, by its place in the build. */
const threads = [
  'harness/engine/controlled/watchdog.js',
  'harness/engine/controlled/worker-agent.js',
  'harness/engine/stress/watchdog.js',
  'harness/engine/stress/worker-agent.js',
];
/** What is started for each scenario. */
const processes = [
  'harness/campaign/controlled/main.js',
  'harness/campaign/stress/main.js',
  'harness/engine/controlled/compiler.js',
  'harness/engine/stress/program-thread.js',
];

/** Modules that ask where they are go on saying where they were before they were bundled. */
const keepPlaces = (entryFile) => ({
  name: 'keep places',
  setup({ onLoad }) {
    onLoad({ filter: /\.js$/, namespace: 'file' }, ({ path: file }) => {
      const source = readFileSync(file, 'utf8');
      if (file.includes('node_modules') || !source.includes('import.meta.url')) return undefined;
      const relative = path.relative(path.dirname(entryFile), file).replaceAll('\\', '/');
      return {
        contents: source.replaceAll(
          'import.meta.url',
          `new URL(${JSON.stringify(`./${relative}`)}, import.meta.url).href`,
        ),
      };
    });
  },
});

const common = { bundle: true, packages: 'external', platform: 'node', target: 'node20.19', keepNames: false };

/**
 * Makes one file of the many modules of each thread, and few of those of each process: they are read at each start, and there
 * are many starts. A CommonJS thread starts more quickly than an ES module.
 *
 * @param outputDirectory the compiled build; the files are replaced
 */
export async function bundleThreads(outputDirectory) {
  for (const thread of threads) {
    const file = path.join(outputDirectory, thread);
    await build({
      ...common,
      entryPoints: [file],
      outfile: file.replace(/\.js$/, '.cjs'),
      format: 'cjs',
      // Programs see no main module, as in a thread that is an ES module.
      banner: {
        js: 'process.mainModule = undefined;\nconst $fileUrl = require("node:url").pathToFileURL(__filename).href;',
      },
      define: { 'import.meta.url': '$fileUrl' },
      plugins: [keepPlaces(file)],
    });
    rmSync(file);
  }
  for (const entry of processes) {
    const file = path.join(outputDirectory, entry);
    await build({
      ...common,
      entryPoints: [file],
      outdir: path.dirname(file),
      allowOverwrite: true,
      format: 'esm',
      // What is seldom needed stays in files of its own, loaded on demand.
      splitting: true,
      chunkNames: 'main-[hash]',
      plugins: [keepPlaces(file)],
    });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundleThreads(path.resolve(process.argv[2]));
