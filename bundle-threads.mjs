import { readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

/** What is started once for each writer of each scenario, by its place in the build. */
const threads = [
  'harness/engine/controlled/watchdog.js',
  'harness/engine/controlled/worker-agent.js',
  'harness/engine/stress/worker-agent.js',
];

/** Modules that ask where they are go on saying where they were before they were bundled. */
const keepPlaces = (threadFile) => ({
  name: 'keep places',
  setup({ onLoad }) {
    onLoad({ filter: /\.js$/, namespace: 'file' }, ({ path: file }) => {
      const source = readFileSync(file, 'utf8');
      if (file.includes('node_modules') || !source.includes('import.meta.url')) return undefined;
      const relative = path.relative(path.dirname(threadFile), file).replaceAll('\\', '/');
      return {
        contents: source.replaceAll(
          'import.meta.url',
          `new URL(${JSON.stringify(`./${relative}`)}, import.meta.url).href`,
        ),
      };
    });
  },
});

/**
 * Makes one file of each thread's many modules: a thread reads them when it starts, and threads start often.
 *
 * @param outputDirectory the compiled build; the files are replaced
 */
export async function bundleThreads(outputDirectory) {
  for (const thread of threads) {
    const file = path.join(outputDirectory, thread);
    await build({
      entryPoints: [file],
      outfile: file,
      allowOverwrite: true,
      bundle: true,
      packages: 'external',
      platform: 'node',
      format: 'esm',
      target: 'node20.19',
      keepNames: false,
      plugins: [keepPlaces(file)],
    });
  }
}
