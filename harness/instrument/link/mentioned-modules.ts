import type { GraphModule } from './module-graph.js';

/** The modules that a module mentions. */
export function* mentioned(module: GraphModule, modules: ReadonlyMap<string, GraphModule>): Generator<GraphModule> {
  for (const id of module.leadsTo) {
    const found = modules.get(id);
    if (found !== undefined) yield found;
  }
}

/** Every module that some lead to, in the order of the graph. */
export function closure(
  starts: readonly GraphModule[],
  modules: ReadonlyMap<string, GraphModule>,
  goesOn: (module: GraphModule) => boolean,
): Map<string, GraphModule> {
  const found = new Set<GraphModule>();
  const left = [...starts];
  for (let module = left.pop(); module !== undefined; module = left.pop()) {
    if (found.has(module) || !goesOn(module)) continue;
    found.add(module);
    left.push(...mentioned(module, modules));
  }
  return new Map([...modules].filter(([, module]) => found.has(module)));
}
