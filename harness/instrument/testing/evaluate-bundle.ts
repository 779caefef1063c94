import * as fastCheck from 'fast-check';
import { createBundleRequire } from '../../engine/bundle-require.js';
import { bundleParameters, type Bundle, type CompiledScenario } from '../compiled.js';
import { createElementRuntime } from '../element-runtime.js';
import type { Points } from '../points.js';
import { createShadowAtomics } from '../shadow-atomics.js';

/** What a bundle returned. */
export type Exports = Readonly<Record<string, unknown>>;

/** Evaluates as an engine does: packages once, the own bundle with each call of the result. */
export function evaluator(compiled: CompiledScenario, points: Points): () => Exports {
  let packages: Record<string, () => unknown> = {};
  const require = createBundleRequire({ packages: (id) => packages[id], fastCheck, shadowModules: {} });
  const values: Readonly<Record<string, unknown>> = {
    $threadmill: createElementRuntime(points),
    require,
    Atomics: createShadowAtomics(points),
  };
  const load = ({ code }: Bundle): ((...args: unknown[]) => unknown) =>
    (0, eval)(code) as (...args: unknown[]) => unknown;
  const args = bundleParameters.map((name) => values[name] ?? (globalThis as Record<string, unknown>)[name]);
  if (compiled.packages !== null) packages = load(compiled.packages)(...args) as typeof packages;
  const own = load(compiled.own);
  return () => own(...args) as Exports;
}
