import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { HarnessError } from '../../campaign/api.js';

/** What the browser needs for one page. */
export interface Bundle {
  readonly script: string;
  readonly styles: string;
}

const bundlesDirectory = fileURLToPath(new URL('./browser', import.meta.url));
/** Browsers of the last years; what is newer is rewritten, as far as syntax goes. */
const browserTarget = 'es2022';

/**
 * The script and the styles of a page: those that the build left beside this file or, where the harness runs from its
 * sources, what they come to now.
 *
 * @param name the page's folder in `browser/`
 * @throws HarnessError if there are neither
 */
export async function readBundle(name: string): Promise<Bundle> {
  const folder = path.join(bundlesDirectory, name);
  const built = { script: path.join(folder, 'main.js'), styles: path.join(folder, 'main.css') };
  if (existsSync(built.script) && existsSync(built.styles)) {
    return { script: readFileSync(built.script, 'utf8'), styles: readFileSync(built.styles, 'utf8') };
  }
  if (!existsSync(path.join(folder, 'main.ts'))) {
    throw new HarnessError(
      `The parts of the page "${name}" are missing from ${folder}.\nInstall threadmill anew; in its own checkout, run npm run build.`,
    );
  }
  return bundlePage(folder);
}

/**
 * Bundles every page for a build: each folder with a `main.ts` and a `main.css`.
 *
 * @param fromDirectory the sources: harness/report/html/browser
 * @param toDirectory the same place in the build
 */
export async function writeBundles(fromDirectory: string, toDirectory: string): Promise<void> {
  const names = readdirSync(fromDirectory).filter((name) => existsSync(path.join(fromDirectory, name, 'main.ts')));
  await Promise.all(
    names.map(async (name) => {
      const bundle = await bundlePage(path.join(fromDirectory, name));
      const folder = path.join(toDirectory, name);
      mkdirSync(folder, { recursive: true });
      writeFileSync(path.join(folder, 'main.js'), bundle.script);
      writeFileSync(path.join(folder, 'main.css'), bundle.styles);
    }),
  );
}

async function bundlePage(folder: string): Promise<Bundle> {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    entryPoints: [path.join(folder, 'main.ts'), path.join(folder, 'main.css')],
    outdir: folder,
    write: false,
    bundle: true,
    minify: true,
    format: 'iife',
    target: browserTarget,
    charset: 'utf8',
    // Licences of what is bundled go with it.
    legalComments: 'eof',
    logLevel: 'silent',
  });
  const textOf = (extension: string): string => {
    const file = outputFiles.find((output) => output.path.endsWith(`main${extension}`));
    if (file === undefined) throw new Error(`bundling ${folder} gave no main${extension}`);
    return file.text.trim();
  };
  return { script: textOf('.js'), styles: textOf('.css') };
}
