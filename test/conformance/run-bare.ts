import { createRequire } from 'node:module';
import path from 'node:path';
import { inspect } from 'node:util';
import vm from 'node:vm';

/** The exports of a test's module. Asynchronous tests set `outcome` later and then call `onDone`. */
export interface TestState {
  outcome?: unknown;
  onDone?: () => void;
}

type CommonJs = (...values: readonly unknown[]) => void;

/** How long an asynchronous test may take without any instrumentation. */
const asyncTimeoutMs = 2_000;

/** Describes a thrown value on one line. */
export function describe(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'message' in error) {
    const { message } = error;
    const name: unknown = Reflect.get((error as { constructor?: object }).constructor ?? {}, 'name');
    return `${String(name)}: ${String(message)}`;
  }
  return typeof error === 'symbol' ? String(error) : `thrown: ${inspect(error)}`;
}

/** Runs a CommonJS text as Node would. Resolves with null if it passes, otherwise with what went wrong. */
export async function runBare(text: string, file: string, isAsync: boolean): Promise<string | null> {
  const module = { exports: {} as TestState };
  try {
    const evaluate = new vm.Script(`(function (exports, require, module, __filename, __dirname) {${text}\n})`, {
      filename: file,
      importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    }).runInThisContext() as CommonJs;
    const { exports } = module;
    Reflect.apply(evaluate, exports, [exports, createRequire(file), module, file, path.dirname(file)]);
    if (isAsync && exports.outcome === undefined) await settled(exports);
    return !isAsync || exports.outcome === true ? null : describe(exports.outcome);
  } catch (error) {
    return describe(error);
  }
}

function settled(state: TestState): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      state.outcome = 'it did not end in time';
      resolve();
    }, asyncTimeoutMs);
    state.onDone = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}
