import { evaluatedOnce } from '../harness-modules.js';
import type { ExternalFormat } from './link-bundle.js';
import { closure, mentioned } from './mentioned-modules.js';
import { literalText } from './syntax-tree.js';
import type { GraphModule, RequestKind, Target } from './module-graph.js';

/** A module of the shared bundle that others ask for. */
export interface SharedRoot {
  /** Its id in the graph. */
  readonly module: string;
  readonly format: ExternalFormat;
}

/** The two bundles of a program. */
export interface DividedModules {
  /** What is evaluated for each execution. What it asks of shared modules is external, by their file. */
  readonly own: ReadonlyMap<string, GraphModule>;
  /** What is evaluated once per agent. */
  readonly shared: ReadonlyMap<string, GraphModule>;
  /** The modules that the bundle of own modules asks for, by the id by which it does. */
  readonly roots: ReadonlyMap<string, SharedRoot>;
}

const harnessIds = new Map(Object.entries(evaluatedOnce).map(([specifier, file]) => [file, specifier]));

function asksForAny({ syntax }: GraphModule): boolean {
  return (
    syntax.mayRequireAny ||
    syntax.special.some((node) => node.type === 'ImportExpression' && literalText(node.source) === undefined)
  );
}

/**
 * Divides a program: modules of packages that can be shared, and those of the harness, are evaluated once per agent. Everything
 * else is evaluated again for each execution.
 *
 * @param stateless modules that can be shared, with everything that they mention
 */
export function divideModules(
  modules: ReadonlyMap<string, GraphModule>,
  entryId: string,
  stateless: ReadonlySet<GraphModule>,
): DividedModules {
  const isShared = (module: GraphModule): boolean => harnessIds.has(module.file) || stateless.has(module);
  const idOf = (module: GraphModule): string => harnessIds.get(module.file) ?? module.file;
  const entry = modules.get(entryId);
  const begin = entry === undefined ? [] : [entry];
  const known = closure(begin, modules, () => true);
  // What only a name with a literal beginning leads to.
  const guessed = [...modules.values()].filter(({ id }) => !known.has(id));
  const mine = closure([...begin, ...guessed], modules, (module) => module === entry || !isShared(module));
  const roots = new Map<string, SharedRoot>();
  const starts: GraphModule[] = [];
  for (const module of mine.values()) {
    for (const one of mentioned(module, modules)) {
      if (mine.has(one.id)) continue;
      starts.push(one);
      roots.set(idOf(one), { module: one.id, format: one.isCommonJs ? 'commonjs' : 'module' });
    }
  }
  // Names that are only known at run time can mean any of them.
  if ([...mine.values()].some(asksForAny)) {
    for (const module of stateless) {
      starts.push(module);
      roots.set(idOf(module), { module: module.id, format: module.isCommonJs ? 'commonjs' : 'module' });
    }
  }
  const own = new Map<string, GraphModule>();
  for (const [id, module] of mine) {
    const target = (kind: RequestKind, specifier: string): Target | undefined => {
      const found = module.target(kind, specifier);
      if (found?.kind !== 'module' || mine.has(found.id)) return found;
      const one = modules.get(found.id);
      return one === undefined ? found : { kind: 'external', id: idOf(one) };
    };
    own.set(id, { ...module, target });
  }
  return { own, shared: closure(starts, modules, () => true), roots };
}
