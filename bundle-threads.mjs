import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

/** What becomes part of the bundles: loading these from their own files takes several times as long. */
const inlined = ['@jridgewell/trace-mapping', 'import-meta-resolve', 'zod'];
const projectDirectory = path.dirname(fileURLToPath(import.meta.url));
const { dependencies, peerDependencies } = JSON.parse(
  readFileSync(path.join(projectDirectory, 'package.json'), 'utf8'),
);

const common = {
  bundle: true,
  metafile: true,
  external: Object.keys({ ...dependencies, ...peerDependencies }).filter((name) => !inlined.includes(name)),
  platform: 'node',
  target: 'node20.19',
  keepNames: false,
};

/** The names and licenses of the packages that are in bundles. */
function licenses(metafiles) {
  const files = metafiles.flatMap(({ outputs }) => Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs)));
  const folders = files.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]);
  const texts = [...new Set(folders)].sort().flatMap((folder) => {
    if (folder === undefined) return [];
    const { name, version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((one) => /^licen[cs]e/i.test(one));
    return [`${name} ${version}\n\n${readFileSync(path.join(folder, file), 'utf8').trim()}\n`];
  });
  return ['Packages that are part of files in this folder:\n', ...texts].join(`\n${'-'.repeat(80)}\n\n`);
}

/**
 * Makes one file of the many modules of each thread, and few of those of each process: they are read at each start, and there
 * are many starts. A CommonJS thread starts more quickly than an ES module.
 *
 * @param outputDirectory the compiled build; the files are replaced
 */
export async function bundleThreads(outputDirectory) {
  const metafiles = [];
  for (const thread of threads) {
    const file = path.join(outputDirectory, thread);
    const { metafile } = await build({
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
    metafiles.push(metafile);
    rmSync(file);
  }
  for (const entry of processes) {
    const file = path.join(outputDirectory, entry);
    const { metafile } = await build({
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
    metafiles.push(metafile);
  }
  writeFileSync(path.join(outputDirectory, 'third-party-licenses.txt'), licenses(metafiles));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundleThreads(path.resolve(process.argv[2]));
