import vm from 'node:vm';
import workerThreads, { workerData } from 'node:worker_threads';
import { bundleParameters, type CompiledScenario } from '../../instrument/compiled.js';
import { createBundleRequire } from '../bundle-require.js';
import type { ProgramThreadData } from './program-thread-data.js';

/*
 * A thread that the program under test starts from a TypeScript file, which Node could not load as it is: compiles the file and
 * evaluates it as Node would.
 */

const given = workerData as ProgramThreadData;

/** What compiles is loaded for the first thread only: loading it takes longer than everything else. */
async function compileFile(): Promise<CompiledScenario> {
  const { compileProgram } = await import('../../instrument/bundle.js');
  const { file, projectDirectory } = given;
  return compileProgram({ entry: { kind: 'file', file }, projectDirectory, instrument: false });
}

const compiled = given.compiled ?? (await compileFile());
if (given.compiled === undefined) given.reply.postMessage(compiled);
given.reply.close();
process.argv[1] = given.file;

type Evaluate = (...values: readonly unknown[]) => Record<string, () => unknown>;
const compile = ({ code, fileName }: { readonly code: string; readonly fileName: string }): Evaluate =>
  new vm.Script(code, { filename: fileName }).runInThisContext() as Evaluate;

let packages: Record<string, () => unknown> = {};
const require = createBundleRequire({
  packages: (id) => packages[id],
  fastCheck: undefined,
  shadowModules: { worker_threads: () => ({ ...workerThreads, workerData: given.workerData }) },
});
const values = bundleParameters.map((name): unknown => {
  if (name === '$threadmill') return { forget: () => undefined };
  return name === 'require' ? require : Reflect.get(globalThis, name);
});
if (compiled.packages !== null) packages = compile(compiled.packages)(...values);
compile(compiled.own)(...values);
