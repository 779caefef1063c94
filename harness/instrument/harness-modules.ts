import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bridgesDirectory, harnessRoot } from './source-names.js';

/** The harness's own modules: next to this file, as TypeScript if this file is TypeScript. */
const extension = path.extname(fileURLToPath(import.meta.url));
/** Specifiers of the harness, wherever it is installed. Bridges are part of the experiment: each execution gets fresh ones. */
export const evaluatedAfresh: Readonly<Record<string, string>> = {
  'threadmill/bridges': path.join(bridgesDirectory, `index${extension}`),
  'threadmill/bridges/records': path.join(bridgesDirectory, `records${extension}`),
  'threadmill/bridges/hostile': path.join(bridgesDirectory, `hostile${extension}`),
};
export const evaluatedOnce: Readonly<Record<string, string>> = {
  threadmill: path.join(harnessRoot, 'harness', `authoring${extension}`),
  'threadmill/invariants': path.join(harnessRoot, 'invariants', `index${extension}`),
  'threadmill/record-table': path.join(harnessRoot, 'harness', 'scenario', `record-table${extension}`),
};
