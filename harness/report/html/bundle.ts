import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { HarnessError } from '../../errors.js';

/** What the browser needs for one page. */
export interface Bundle {
  readonly script: string;
  readonly styles: string;
}

/** Browsers of recent years. Newer syntax is rewritten. */
const browserTarget = 'es2022';

/**
 * The script and the styles of a page: the ones that the build wrote beside this file or, if the harness runs from its
 * sources, freshly bundled ones.
 *
 * @param page the folder of the page's code, such as `new URL('./browser/', import.meta.url)`
 * @throws HarnessError if neither exists
 */
export async function readBundle(page: URL): Promise<Bundle> {
  const folder = fileURLToPath(page);
  const built = { script: path.join(folder, 'main.js'), styles: path.join(folder, 'main.css') };
  if (existsSync(built.script) && existsSync(built.styles)) {
    return { script: readFileSync(built.script, 'utf8'), styles: readFileSync(built.styles, 'utf8') };
  }
  if (!existsSync(path.join(folder, 'main.ts'))) {
    throw new HarnessError(
      `The parts of a page are missing from ${folder}.\nReinstall threadmill. In its own checkout, run npm run build.`,
    );
  }
  return bundlePage(folder);
}

/**
 * Bundles a page for a build.
 *
 * @param fromFolder its sources: a folder with a `main.ts` and a `main.css`
 * @param toFolder the same place in the build
 */
export async function writeBundle(fromFolder: string, toFolder: string): Promise<void> {
  const bundle = await bundlePage(fromFolder);
  mkdirSync(toFolder, { recursive: true });
  writeFileSync(path.join(toFolder, 'main.js'), bundle.script);
  writeFileSync(path.join(toFolder, 'main.css'), bundle.styles);
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
    // The licences of bundled packages are kept.
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
