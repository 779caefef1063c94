import { isBuiltin } from 'node:module';
import { packageName } from '../package-name.js';
import { closure, mentioned } from './mentioned-modules.js';
import type { GraphModule, RequestKind } from './module-graph.js';

const requestKinds: readonly RequestKind[] = ['import-statement', 'require-call', 'dynamic-import'];

/** Built-in modules that give each thread, or each execution, something else. */
const perExecution = /^node:worker_threads$/;

/** Whether everything that a module asks for is known, and none of it differs from execution to execution. */
function asksOnlyForKnown(module: GraphModule): boolean {
  const { syntax } = module;
  for (const specifier of [...syntax.requests, ...syntax.asked]) {
    const targets = requestKinds.flatMap((kind) => module.target(kind, specifier) ?? []);
    if (targets.length === 0) return false;
    for (const target of targets)
      if (target.kind === 'external' && (perExecution.test(target.id) || !isShareable(target.id))) return false;
  }
  return true;
}

function isShareable(id: string): boolean {
  return isBuiltin(id) || id === 'fast-check';
}

/**
 * The modules of packages that all executions can share: nothing in them can differ after they have been evaluated, and they ask
 * only for modules of which the same is true.
 *
 * @param freshPackages names of packages that are not shared in any case
 */
export function statelessModules(
  modules: ReadonlyMap<string, GraphModule>,
  freshPackages: ReadonlySet<string>,
): ReadonlySet<GraphModule> {
  const found = new Set<GraphModule>();
  for (const module of modules.values()) {
    const { isPackage, state, syntax, file } = module;
    if (!isPackage || state === undefined || state.kept !== undefined || syntax.awaits.length > 0) continue;
    if (!freshPackages.has(packageName(file) ?? '') && asksOnlyForKnown(module)) found.add(module);
  }
  for (const module of modules.values()) {
    const changed = (module.state?.changes ?? []).flatMap((specifier) =>
      requestKinds.flatMap((kind) => {
        const target = module.target(kind, specifier);
        return target?.kind === 'module' ? (modules.get(target.id) ?? []) : [];
      }),
    );
    // What it changes may be something that those modules only pass on.
    for (const one of closure(changed, modules, () => true).values()) found.delete(one);
  }
  removeDependent(found, modules);
  // In a circle with CommonJS, what a module gets depends on where evaluation entered.
  const inCircle = [...found].filter((module) => {
    if (!module.isCommonJs) return false;
    return closure([...mentioned(module, modules)], modules, () => true).has(module.id);
  });
  for (const module of inCircle) found.delete(module);
  removeDependent(found, modules);
  return found;
}

/** Removes what asks for a module that is not shared, until nothing does. */
function removeDependent(found: Set<GraphModule>, modules: ReadonlyMap<string, GraphModule>): void {
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const module of found) for (const one of mentioned(module, modules)) if (!found.has(one)) found.delete(module);
  }
}
