import type { ModuleState } from '../module-state.js';
import type { SourceText } from './to-javascript.js';
import { type ExportedName, type ModuleSyntax } from './module-syntax.js';
import { literalText } from './syntax-tree.js';

/** What a specifier leads to: another module of the bundle, or something that the engine's `require` provides. */
export type Target =
  { readonly kind: 'module'; readonly id: string } | { readonly kind: 'external'; readonly id: string };

/** How a module mentions another. */
export type RequestKind = 'import-statement' | 'require-call' | 'dynamic-import';

/** One file of a bundle, already JavaScript. */
export interface GraphModule {
  readonly id: string;
  /** Absolute. */
  readonly file: string;
  /** Of a text that is in no file: `__filename`, or `import.meta.url`. */
  readonly name: string | undefined;
  readonly isPackage: boolean;
  readonly isCommonJs: boolean;
  /** Whether a CommonJS file is strict code without a directive. */
  readonly isStrict: boolean;
  /** Whether imports of CommonJS work as in Node: `default` is `module.exports`, even with `__esModule`. */
  readonly hasNodeInterop: boolean;
  /** Whether the bundler found code in it whose evaluation has an effect. */
  readonly hasEffects: boolean;
  /** Undefined for data. */
  readonly state: ModuleState | undefined;
  readonly source: SourceText;
  readonly syntax: ModuleSyntax;
  /** The number of its first scheduling point in this bundle; undefined if it has none. */
  readonly firstSite: number | undefined;
  /** The ids of all modules for which it asks by literal names. */
  readonly leadsTo: readonly string[];
  target(kind: RequestKind, specifier: string): Target | undefined;
}

/** What an imported name resolves to. */
export type Resolved =
  | { readonly kind: 'binding'; readonly module: GraphModule; readonly local: string }
  | { readonly kind: 'namespace'; readonly module: GraphModule }
  /** An export of something that is not an ES module of the bundle; `*` is all of it. */
  | { readonly kind: 'foreign'; readonly target: Target; readonly name: string; readonly hasNodeInterop: boolean }
  /** A name that only `export *` of something foreign can provide. */
  | { readonly kind: 'dynamic'; readonly targets: readonly Target[]; readonly name: string };

/** A name that several `export *` provide, each with a different binding. */
interface Ambiguous {
  readonly kind: 'ambiguous';
}

/** A name that a module imports but that does not exist. */
export interface MissingName {
  readonly module: GraphModule;
  readonly specifier: string;
  readonly name: string;
}

function isSame(first: Resolved, second: Resolved): boolean {
  if (first.kind === 'binding' && second.kind === 'binding')
    return first.module === second.module && first.local === second.local;
  if (first.kind === 'namespace' && second.kind === 'namespace') return first.module === second.module;
  if (first.kind === 'foreign' && second.kind === 'foreign')
    return first.target.id === second.target.id && first.name === second.name;
  return false;
}

/** Whether a module has an import() whose target is unknown, or was not found, before the module runs. */
function hasComputedImport(module: GraphModule): boolean {
  return module.syntax.special.some((node) => {
    if (node.type !== 'ImportExpression') return false;
    const specifier = literalText(node.source);
    return specifier === undefined || module.target('dynamic-import', specifier) === undefined;
  });
}

/** The modules of a bundle and their relations. */
export class ModuleGraph {
  readonly modules: ReadonlyMap<string, GraphModule>;
  /** Modules whose code is in the bundle. */
  readonly included = new Set<GraphModule>();
  /** ES modules that `require` or `import()` lead to, or a root that is evaluated on request. */
  readonly lazyRoots = new Set<GraphModule>();
  /** ES modules that are part of a cycle, and their imports: they are instantiated before any is evaluated. */
  readonly circular = new Set<GraphModule>();
  /** ES modules that are evaluated when first requested. */
  readonly onDemand = new Set<GraphModule>();
  /** ES modules whose namespaces `import()` returns, directly or as exports. */
  readonly importedByCall = new Set<GraphModule>();
  /** Whether a module in the bundle has top-level await: then evaluation can be told from synchronous evaluation. */
  readonly isAsync: boolean;
  /** Whether some import() has a name computed at run time, which can mean any module of the bundle. */
  readonly hasComputedImports: boolean;
  /** The same of calls of `require`. */
  readonly hasComputedRequires: boolean;
  /** The bindings of each module that other modules, or its namespace, need. */
  readonly needed = new Map<GraphModule, Set<string>>();

  /** @param isOffered whether any of its modules may be asked for from outside */
  constructor(
    modules: ReadonlyMap<string, GraphModule>,
    roots: readonly GraphModule[],
    rootsAreLazy: boolean,
    isOffered = false,
  ) {
    this.modules = modules;
    for (const root of roots) {
      if (rootsAreLazy && !root.isCommonJs) {
        this.lazyRoots.add(root);
        this.namespace(root);
      }
      this.#include(root);
    }
    for (const root of roots) {
      if (!root.isCommonJs) for (const { resolved } of this.exportsOf(root)) this.#need(resolved);
    }
    for (const module of modules.values()) if (module.hasEffects) this.#include(module);
    this.hasComputedImports = isOffered || [...this.included].some((module) => hasComputedImport(module));
    this.hasComputedRequires = [...this.included].some(({ syntax }) => syntax.mayRequireAny);
    if (this.hasComputedImports || this.hasComputedRequires) this.#includeAll(roots);
    this.#findCircles();
    this.isAsync = [...this.included].some(({ syntax }) => syntax.awaits.length > 0);
    for (const start of this.isAsync ? this.included : [...this.lazyRoots, ...this.circular])
      for (const module of this.#reachable([start])) this.onDemand.add(module);
  }

  /** ES modules and CommonJS files that a module imports by statements, in order. */
  imported(module: GraphModule): GraphModule[] {
    return module.syntax.requests.flatMap((specifier) => {
      const target = module.target('import-statement', specifier);
      const found = target?.kind === 'module' ? this.modules.get(target.id) : undefined;
      return found === undefined ? [] : [found];
    });
  }

  /** Whether evaluating a module takes more than one turn: it or one that it imports by statements has top-level await. */
  needsAwait(module: GraphModule): boolean {
    for (const one of this.#reachable([module])) if (one.syntax.awaits.length > 0) return true;
    return false;
  }

  /** Notes that import() returns a module's namespace, and the namespaces that it exports. */
  #givenByCall(module: GraphModule): void {
    if (this.importedByCall.has(module)) return;
    this.importedByCall.add(module);
    for (const { resolved } of this.exportsOf(module))
      if (resolved.kind === 'namespace') this.#givenByCall(resolved.module);
  }

  /** Marks every ES module as a possible target of import(). */
  #includeAll(roots: readonly GraphModule[]): void {
    const evaluated = new Set(this.#reachable(roots));
    for (const module of this.modules.values()) {
      if (module.isCommonJs) this.#include(module);
      else {
        if (!this.#namespaces.has(module)) this.#givenByCall(module);
        if (!evaluated.has(module)) this.lazyRoots.add(module);
        this.namespace(module);
      }
    }
  }

  #include(module: GraphModule): void {
    if (this.included.has(module)) return;
    this.included.add(module);
    for (const kind of ['require-call', 'dynamic-import'] as const) {
      for (const target of module.syntax.asked.map((specifier) => module.target(kind, specifier))) {
        const found = target?.kind === 'module' ? this.modules.get(target.id) : undefined;
        if (found === undefined) continue;
        if (!found.isCommonJs) {
          this.lazyRoots.add(found);
          if (kind === 'dynamic-import') this.#givenByCall(found);
          this.namespace(found);
        }
        this.#include(found);
      }
    }
    if (module.isCommonJs) return;
    for (const { imported, specifier } of module.syntax.imports)
      this.#need(this.resolveImport(module, specifier, imported));
  }

  #need(resolved: Resolved | undefined): void {
    if (resolved?.kind === 'binding') {
      let names = this.needed.get(resolved.module);
      if (names === undefined) this.needed.set(resolved.module, (names = new Set()));
      names.add(resolved.local);
      this.#include(resolved.module);
    } else if (resolved?.kind === 'namespace') {
      this.namespace(resolved.module);
    } else if (resolved?.kind === 'foreign' && resolved.target.kind === 'module') {
      const found = this.modules.get(resolved.target.id);
      if (found !== undefined) this.#include(found);
    }
  }

  readonly #namespaces = new Set<GraphModule>();

  /** Whether the module is needed as an object. */
  hasNamespace(module: GraphModule): boolean {
    return this.#namespaces.has(module);
  }

  /** Makes everything that a module exports available. */
  namespace(module: GraphModule): void {
    if (this.#namespaces.has(module)) return;
    this.#namespaces.add(module);
    this.#include(module);
    for (const { resolved } of this.exportsOf(module)) this.#need(resolved);
  }

  /** What the names bound by an import statement resolve to; undefined for one that does not exist. */
  resolveImport(importer: GraphModule, specifier: string, name: string): Resolved | undefined {
    const target = importer.target('import-statement', specifier);
    if (target === undefined) return undefined;
    const found = target.kind === 'module' ? this.modules.get(target.id) : undefined;
    if (found === undefined || found.isCommonJs) {
      // The project's own files get packages as in Node, whatever they are themselves.
      const hasNodeInterop = importer.hasNodeInterop || (!importer.isPackage && found?.isPackage !== false);
      return { kind: 'foreign', target, name, hasNodeInterop };
    }
    return name === '*' ? { kind: 'namespace', module: found } : this.resolveExport(found, name);
  }

  /** What an export of an ES module resolves to; undefined if it has none of that name, or several. */
  resolveExport(module: GraphModule, name: string): Resolved | undefined {
    const found = this.#resolve(module, name, new Set());
    return found?.kind === 'ambiguous' ? undefined : found;
  }

  #resolve(module: GraphModule, name: string, seen: Set<string>): Resolved | Ambiguous | undefined {
    const key = `${name} ${module.id}`;
    if (seen.has(key)) return undefined;
    seen.add(key);
    const own = module.syntax.exports.get(name);
    if (own !== undefined) return this.#resolveOwn(module, own, seen);
    if (name === 'default') return undefined;
    const foreign: Target[] = [];
    let result: Resolved | undefined;
    for (const specifier of module.syntax.stars) {
      const target = module.target('import-statement', specifier);
      if (target === undefined) continue;
      const found = target.kind === 'module' ? this.modules.get(target.id) : undefined;
      if (found === undefined || found.isCommonJs) foreign.push(target);
      else {
        const resolved = this.#resolve(found, name, seen);
        if (resolved?.kind === 'ambiguous') return resolved;
        if (resolved?.kind === 'dynamic') foreign.push(...resolved.targets);
        else if (resolved !== undefined && result !== undefined && !isSame(resolved, result))
          return { kind: 'ambiguous' };
        else result ??= resolved;
      }
    }
    return result ?? (foreign.length === 0 ? undefined : { kind: 'dynamic', targets: foreign, name });
  }

  #resolveOwn(module: GraphModule, own: ExportedName, seen: Set<string>): Resolved | Ambiguous | undefined {
    if (own.kind === 'from') return this.#through(module, own.specifier, own.imported, seen);
    const imported = module.syntax.imports.find(({ local }) => local === own.local);
    if (imported !== undefined) return this.#through(module, imported.specifier, imported.imported, seen);
    return module.syntax.declared.has(own.local) || own.local === '$tmDefault'
      ? { kind: 'binding', module, local: own.local }
      : undefined;
  }

  #through(module: GraphModule, specifier: string, name: string, seen: Set<string>): Resolved | Ambiguous | undefined {
    const target = module.target('import-statement', specifier);
    const found = target?.kind === 'module' ? this.modules.get(target.id) : undefined;
    if (found !== undefined && !found.isCommonJs && name !== '*') return this.#resolve(found, name, seen);
    return this.resolveImport(module, specifier, name);
  }

  /** The first name that prevents linking a module or those it imports by statements; undefined if none does. */
  missing(start: GraphModule): MissingName | undefined {
    for (const module of this.#reachable([start])) {
      const isTyped = /\.[cm]?tsx?$/.test(module.file);
      const exported = [...module.syntax.exports.values()];
      const passedOn = new Set(exported.flatMap((one) => (one.kind === 'local' ? one.local : [])));
      const wanted = [
        // What TypeScript re-exports may be a type, of which nothing remains.
        ...module.syntax.imports.filter(({ local }) => !isTyped || !passedOn.has(local)),
        ...exported.flatMap((one) => (one.kind === 'from' && !isTyped ? one : [])),
      ];
      for (const { specifier, imported } of wanted)
        if (this.resolveImport(module, specifier, imported) === undefined) return { module, specifier, name: imported };
    }
    return undefined;
  }

  /** All exports that are known without running anything, by name. */
  exportsOf(module: GraphModule): { readonly name: string; readonly resolved: Resolved }[] {
    const names = new Set<string>();
    const collect = (from: GraphModule, seen: Set<GraphModule>): void => {
      if (seen.has(from)) return;
      seen.add(from);
      for (const name of from.syntax.exports.keys()) if (from === module || name !== 'default') names.add(name);
      for (const specifier of from.syntax.stars) {
        const target = from.target('import-statement', specifier);
        const found = target?.kind === 'module' ? this.modules.get(target.id) : undefined;
        if (found !== undefined && !found.isCommonJs) collect(found, seen);
      }
    };
    collect(module, new Set());
    return [...names].sort().flatMap((name) => {
      const resolved = this.resolveExport(module, name);
      return resolved === undefined ? [] : [{ name, resolved }];
    });
  }

  /** What `export *` takes from anything that is not an ES module of the bundle. */
  foreignStars(module: GraphModule, seen = new Set<GraphModule>()): Target[] {
    if (seen.has(module)) return [];
    seen.add(module);
    return module.syntax.stars.flatMap((specifier) => {
      const target = module.target('import-statement', specifier);
      if (target === undefined) return [];
      const found = target.kind === 'module' ? this.modules.get(target.id) : undefined;
      return found === undefined || found.isCommonJs ? [target] : this.foreignStars(found, seen);
    });
  }

  *#reachable(starts: Iterable<GraphModule>): Generator<GraphModule> {
    const seen = new Set<GraphModule>();
    const left = [...starts];
    for (let module = left.pop(); module !== undefined; module = left.pop()) {
      if (seen.has(module) || module.isCommonJs) continue;
      seen.add(module);
      yield module;
      left.push(...this.imported(module));
    }
  }

  /** Tarjan's strongly connected components, over import statements between ES modules. */
  #findCircles(): void {
    const index = new Map<GraphModule, number>();
    const low = new Map<GraphModule, number>();
    const stack: GraphModule[] = [];
    const onStack = new Set<GraphModule>();
    const visit = (module: GraphModule): void => {
      index.set(module, index.size);
      low.set(module, index.size - 1);
      stack.push(module);
      onStack.add(module);
      for (const next of this.imported(module)) {
        if (next.isCommonJs) continue;
        if (!index.has(next)) {
          visit(next);
          low.set(module, Math.min(low.get(module)!, low.get(next)!));
        } else if (onStack.has(next)) low.set(module, Math.min(low.get(module)!, index.get(next)!));
      }
      if (low.get(module) !== index.get(module)) return;
      const component = stack.splice(stack.lastIndexOf(module));
      for (const member of component) onStack.delete(member);
      if (component.length > 1 || this.imported(module).includes(module))
        for (const member of this.#reachable(component)) this.circular.add(member);
    };
    for (const module of this.modules.values()) if (!module.isCommonJs && !index.has(module)) visit(module);
  }
}
