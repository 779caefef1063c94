import path from 'node:path';
import { pathToFileURL } from 'node:url';
import MagicString from 'magic-string';
import type { Node } from 'oxc-parser';
import type { Position } from '../lines.js';
import { BundleText } from './bundle-map.js';
import { evaluationRuntime } from './evaluation-runtime.js';
import { importRuntime } from './import-runtime.js';
import { linkRuntime } from './link-runtime.js';
import { ModuleGraph, type GraphModule, type MissingName, type Resolved, type Target } from './module-graph.js';
import { defaultBinding } from './module-syntax.js';
import { literalText } from './syntax-tree.js';
import { findReferences } from './references.js';
import { originalPosition } from './to-javascript.js';

/**
 * How a module that a bundle leaves to the engine's `require` provides its exports. `built-in` stands for everything that no
 * bundle has: its default export is the whole.
 */
export type ExternalFormat = 'module' | 'commonjs' | 'built-in';

export interface LinkOptions {
  readonly modules: ReadonlyMap<string, GraphModule>;
  /** What the function returns: the exports of an entry, or functions that evaluate modules and return what `require` would. */
  readonly result:
    | { readonly kind: 'exports'; readonly entry: string }
    | { readonly kind: 'getters'; readonly modules: ReadonlyMap<string, string> };
  readonly formatOf: (id: string) => ExternalFormat;
  /** The parameters of the function, and the beginning of its body. */
  readonly parameters: readonly string[];
  readonly prologue: string;
  /** Whether modules of the bundle may be asked for from outside, by names known at run time. Default false. */
  readonly isOffered?: boolean | undefined;
  readonly fileName: string;
  /** Puts the numbers of scheduling points into the text of a module, given the number of its first. */
  readonly putSites: (text: string, firstSite: number) => string;
  /** Spells a place in a file for people. @param file absolute */
  readonly place: (file: string, position: Position) => string;
  /** Whether imported names may be missing, because the bundler could not check them. */
  readonly mayMiss: boolean;
}

export interface LinkedBundle {
  readonly code: string;
  /** Source map version 3, JSON. */
  readonly map: string;
  /** Whether the function returns a promise of the exports, because of top-level await. */
  readonly isAsync: boolean;
}

/** Modules that are always evaluated import a name that does not exist. */
export class LinkError extends Error {
  readonly missing: MissingName;

  constructor(missing: MissingName) {
    super(describeMissing(missing));
    this.missing = missing;
  }
}

/** A top-level `for await` where an `await` can be supported, but this cannot. */
export class ForAwaitError extends Error {
  constructor(place: string) {
    super(
      `${place}: \`for await\` at the top level of a module that is part of an import cycle is not supported. Move it into a function, and await its result`,
    );
  }
}

function describeMissing({ name, specifier }: MissingName): string {
  return `"${specifier}" has no export named "${name}", or more than one`;
}

const quote = (text: string): string => JSON.stringify(text);
const property = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name));
const member = (object: string, name: string): string =>
  /^[A-Za-z_$][\w$]*$/.test(name) ? `${object}.${name}` : `${object}[${quote(name)}]`;

/**
 * Combines modules into an expression for a function that evaluates them as the language specifies: each in its own scope, so
 * that names and the temporal dead zone stay as they are.
 *
 * Imports become constants of the importing module if the binding can no longer change when the module is evaluated. Only if
 * it can (the exporter assigns to it, or is part of a cycle) does each use look it up.
 */
export function linkBundle(options: LinkOptions): LinkedBundle {
  const linker = new Linker(options);
  linker.link();
  return { code: linker.bundle.text, map: linker.bundle.map(options.fileName), isAsync: linker.isAsync };
}

class Linker {
  readonly bundle = new BundleText();
  readonly #options: LinkOptions;
  readonly #graph: ModuleGraph;
  readonly #numbers = new Map<GraphModule, number>();
  isAsync = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    const { modules, result } = options;
    const ids = result.kind === 'exports' ? [result.entry] : [...result.modules.values()];
    const roots = ids.flatMap((id) => modules.get(id) ?? []);
    this.#graph = new ModuleGraph(modules, roots, result.kind === 'getters', options.isOffered);
    for (const missing of roots.flatMap((root) => this.#missing(root) ?? [])) throw new LinkError(missing);
    for (const module of modules.values()) this.#numbers.set(module, this.#numbers.size);
  }

  link(): void {
    const { bundle } = this;
    const { parameters, prologue, modules, result } = this.#options;
    const graph = this.#graph;
    const runtime = `${linkRuntime}${this.#importRuntime()}${graph.isAsync ? evaluationRuntime : ''}`;
    bundle.add(`(()=>{${runtime}return (function(${parameters.join(',')}){${prologue}`);
    bundle.add('const $tmRequire=require,$tmMain={module:void 0};');
    if (graph.isAsync) bundle.add('const $tmAwaited=$threadmill.awaited=new Set,$tmWaits=$tmWaitsIn($tmAwaited);');
    if (this.#givesNamespaces) bundle.add('const $tmNamespaceOf=$tmNamespaces();');
    if (graph.hasComputedImports) bundle.add('const $tmImport=$tmImportBy(require,$tmNamespaceOf);');
    if (graph.hasComputedImports || graph.hasComputedRequires)
      bundle.add(`$tmRequire.offer?.(${quote(this.#options.fileName)},${this.#finder()});`);
    for (const module of graph.included) if (module.isCommonJs) this.#addCommonJs(module);
    for (const module of graph.included) if (!module.isCommonJs) this.#addNamespace(module);
    const onDemand = [...graph.included].filter((module) => graph.onDemand.has(module));
    for (const module of onDemand) this.#addOnDemand(module);
    for (const module of onDemand) if (graph.circular.has(module)) bundle.add(`${this.#name('Steps', module)}.next();`);
    if (result.kind === 'getters') {
      const getters = [...result.modules].map(
        ([name, id]) => `${quote(name)}:${this.#requireOf({ kind: 'module', id })}`,
      );
      bundle.add(`return {${getters.join(',')}};`);
    } else {
      const entry = modules.get(result.entry);
      if (entry !== undefined) this.#addEntry(entry);
    }
    bundle.add('})})()');
  }

  /** Whether the bundle has an import(). */
  get #givesNamespaces(): boolean {
    if (this.#graph.hasComputedRequires || this.#options.isOffered === true) return true;
    return [...this.#graph.included].some(({ syntax }) =>
      syntax.special.some(({ type }) => type === 'ImportExpression'),
    );
  }

  #importRuntime(): string {
    return this.#givesNamespaces ? importRuntime : '';
  }

  /** A function from the path of a file to those that evaluate it for `require` and for import(), if it is in the bundle. */
  #finder(): string {
    const { hasComputedImports } = this.#graph;
    const cases = [...this.#graph.included].map((module) => {
      const required = this.#requireOf({ kind: 'module', id: module.id });
      const namespace = hasComputedImports || !module.isCommonJs ? this.#namespaceOf(module) : 'void 0';
      return `case ${quote(module.file)}:return[()=>${required}(),()=>${namespace}];`;
    });
    return `(file)=>{switch(file){${cases.join('')}}}`;
  }

  /** An expression that evaluates a module and returns what import() returns for it. */
  #namespaceOf(module: GraphModule): string {
    if (module.isCommonJs) {
      const exports = `${this.#name('Require', module)}()`;
      // Data has no names of its own.
      const all = /\.(?:json|txt)$/.test(module.file) ? `{__proto__:null,default:${exports}}` : `$tmAll(${exports})`;
      return `$tmNamespaceOf(${quote(module.file)},()=>$tmExact(${all}))`;
    }
    const missing = this.#missing(module);
    if (missing !== undefined) return `$tmRefuse(${quote(describeMissing(missing))})`;
    const namespace = `${this.#name('Namespace', module)}()`;
    if (this.#graph.isAsync) return `$tmThen($tmEvaluate(${this.#name('Record', module)}),()=>${namespace})`;
    return this.#graph.onDemand.has(module) ? `(${this.#name('Evaluate', module)}(),${namespace})` : namespace;
  }

  #missing(module: GraphModule): MissingName | undefined {
    return this.#options.mayMiss ? this.#graph.missing(module) : undefined;
  }

  #name(what: string, module: GraphModule): string {
    return `$tm${what}${this.#numbers.get(module) ?? -1}`;
  }

  #find(target: Target): GraphModule | undefined {
    return target.kind === 'module' ? this.#options.modules.get(target.id) : undefined;
  }

  #addEntry(entry: GraphModule): void {
    if (entry.isCommonJs) {
      this.bundle.add(`return {default:${this.#name('Require', entry)}(${entry.name === undefined ? 'null' : ''})};`);
      return;
    }
    this.isAsync = this.#graph.needsAwait(entry);
    const exported = this.#graph
      .exportsOf(entry)
      .map(({ name, resolved }) => `${property(name)}:${this.#valueOf(resolved)}`);
    const stars = this.#graph
      .foreignStars(entry)
      .map((target) => `...$tmStar(${this.#valueOfForeign(target, '*', true)}),`);
    const exports = `{${stars.join('')}${exported.join(',')}}`;
    if (this.#graph.isAsync) {
      const record = this.#name('Record', entry);
      if (this.isAsync) this.bundle.add(`return $tmThen($tmEvaluate(${record}),()=>(${exports}));`);
      else this.bundle.add(`$tmEvaluateNow(${record});return ${exports};`);
      return;
    }
    this.#evaluateInOrder(entry);
    this.bundle.add(`return ${exports};`);
  }

  /** Evaluates a module and what it imports in place, except for those that are evaluated on demand. */
  #evaluateInOrder(entry: GraphModule): void {
    const evaluated = new Set<GraphModule>();
    const evaluate = (module: GraphModule): void => {
      if (evaluated.has(module)) return;
      evaluated.add(module);
      const isIncluded = this.#graph.included.has(module);
      // It evaluates its own imports: in a cycle it matters where evaluation enters.
      if (isIncluded && this.#graph.onDemand.has(module)) {
        this.bundle.add(`${this.#name('Evaluate', module)}();`);
        return;
      }
      if (!module.isCommonJs) for (const one of this.#graph.imported(module)) evaluate(one);
      if (!isIncluded) return;
      if (module.isCommonJs) this.bundle.add(`${this.#name('Require', module)}();`);
      else this.#addInOrder(module);
    };
    evaluate(entry);
  }

  /** A module that is evaluated in place. */
  #addInOrder(module: GraphModule): void {
    this.bundle.add(`const ${this.#name('Module', module)}=(function(){"use strict";${this.#header(module)}`);
    this.#addBody(module);
    this.bundle.add(`;${this.#bindings(module, 'return ')}})();`);
  }

  #addOnDemand(module: GraphModule): void {
    if (this.#graph.isAsync) this.#addRecord(module);
    else this.#addOnce(module);
  }

  /** A module that is evaluated once, synchronously. */
  #addOnce(module: GraphModule): void {
    const name = this.#name('Module', module);
    const before = this.#graph
      .imported(module)
      .flatMap((one) => this.#evaluations(one, new Set([module])))
      .join('');
    const evaluate = this.#name('Evaluate', module);
    if (!this.#graph.circular.has(module)) {
      this.bundle.add(
        `let ${name};const ${evaluate}=$tmOnce(()=>{${before}${name}=(function(){"use strict";${this.#header(module)}`,
      );
      this.#addBody(module);
      this.bundle.add(`;${this.#bindings(module, 'return ')}})();});`);
      return;
    }
    // It is instantiated first, which gives functions their values; then imports that have a value by then; then it is evaluated.
    const steps = this.#name('Steps', module);
    this.bundle.add(
      `const ${steps}=(function*(){"use strict";${this.#bindings(module, 'yield ')}${this.#header(module)}yield;`,
    );
    this.#addBody(module);
    this.bundle.add(`})(),${name}=${steps}.next().value,${evaluate}=$tmOnce(()=>{${before}${steps}.next()});`);
  }

  /** A module of a bundle in which some have top-level await. */
  #addRecord(module: GraphModule): void {
    const name = this.#name('Module', module);
    const isAsync = module.syntax.awaits.length > 0;
    const requested = module.syntax.requests.flatMap((specifier) => {
      const target = module.target('import-statement', specifier);
      if (target === undefined) return [];
      return target.kind === 'external'
        ? [`$tmLeaf(()=>$tmRequire(${quote(target.id)}))`]
        : this.#records(this.#find(target), new Set([module]));
    });
    const record = `${this.#name('Record', module)}=$tmRecord(()=>[${requested.join(',')}],${isAsync},`;
    if (!this.#graph.circular.has(module)) {
      this.bundle.add(`let ${name};const ${record}`);
      this.bundle.add(`${isAsync ? 'async ' : ''}function(){"use strict";${this.#header(module)}`);
      this.#addBody(module);
      this.bundle.add(`;${this.#bindings(module, `${name}=`)}});`);
      return;
    }
    const steps = this.#name('Steps', module);
    this.bundle.add(
      `const ${steps}=(function*(){"use strict";${this.#bindings(module, 'yield ')}${this.#header(module)}yield;`,
    );
    this.#addBody(module);
    const run = isAsync ? `()=>$tmDrive(${steps})` : `()=>{${steps}.next()}`;
    this.bundle.add(`})(),${name}=${steps}.next().value,${record}${run});`);
  }

  /** The records of a module or, if it has no code in the bundle, of its imports. */
  #records(module: GraphModule | undefined, seen: Set<GraphModule>): string[] {
    if (module === undefined || seen.has(module)) return [];
    seen.add(module);
    if (this.#graph.included.has(module))
      return [module.isCommonJs ? `$tmLeaf(${this.#name('Require', module)})` : this.#name('Record', module)];
    return this.#graph.imported(module).flatMap((one) => this.#records(one, seen));
  }

  /** The calls that evaluate a module or, if it has no code in the bundle, its imports. */
  #evaluations(module: GraphModule, seen: Set<GraphModule>): string[] {
    if (seen.has(module)) return [];
    seen.add(module);
    if (this.#graph.included.has(module))
      return [`${this.#name(module.isCommonJs ? 'Require' : 'Evaluate', module)}();`];
    return this.#graph.imported(module).flatMap((one) => this.#evaluations(one, seen));
  }

  /** The object with what others need from a module: values, or getters where a value may still change. */
  #bindings(module: GraphModule, before: string): string {
    const names = [...(this.#graph.needed.get(module) ?? [])];
    const isCircular = this.#graph.circular.has(module);
    if (names.length === 0 && !isCircular) return '';
    const one = (name: string): string =>
      isCircular || module.syntax.assigned.has(name) ? `get ${name}(){return ${name}}` : name;
    return `${before}{${names.map(one).join(',')}};`;
  }

  #addNamespace(module: GraphModule): void {
    if (!this.#graph.hasNamespace(module)) return;
    const exported = this.#graph.exportsOf(module);
    const isLater = this.#graph.onDemand.has(module);
    const one = ({ name, resolved }: { name: string; resolved: Resolved }): string =>
      isLater || this.#isLive(resolved)
        ? `get ${property(name)}(){return ${this.#valueOf(resolved)}}`
        : `${property(name)}:${this.#valueOf(resolved)}`;
    const stars = this.#graph
      .foreignStars(module)
      .map((target) => `...$tmStar(${this.#valueOfForeign(target, '*', true)}),`)
      .join('');
    const text = `{__proto__:null,${stars}${exported.map(one).join(',')}}`;
    const make = this.#graph.importedByCall.has(module) ? '$tmExact' : '$tmNamespace';
    this.bundle.add(`const ${this.#name('Namespace', module)}=$tmKeep(()=>${make}(${text}));`);
    const missing = this.#missing(module);
    const isRequired = this.#graph.lazyRoots.has(module) || this.#graph.hasComputedRequires;
    if (isRequired && missing !== undefined)
      this.bundle.add(`const ${this.#name('Required', module)}=()=>$tmRefuse(${quote(describeMissing(missing))});`);
    else if (isRequired)
      this.bundle.add(
        `const ${this.#name('Exports', module)}=$tmKeep(()=>$tmForRequire(${text})),` +
          `${this.#name('Required', module)}=()=>(${this.#evaluateNow(module)},${this.#name('Exports', module)}());`,
      );
  }

  /** An expression that evaluates a module for `require`. */
  #evaluateNow(module: GraphModule): string {
    if (!this.#graph.isAsync) return this.#graph.onDemand.has(module) ? `${this.#name('Evaluate', module)}()` : '0';
    if (this.#graph.needsAwait(module)) return `$tmRefuseAsync(${quote(module.file)})`;
    return `$tmEvaluateNow(${this.#name('Record', module)})`;
  }

  #isLive(resolved: Resolved): boolean {
    if (resolved.kind !== 'binding') return false;
    return this.#graph.circular.has(resolved.module) || resolved.module.syntax.assigned.has(resolved.local);
  }

  /** An expression for the current value of an export. */
  #valueOf(resolved: Resolved): string {
    switch (resolved.kind) {
      case 'binding':
        return member(this.#name('Module', resolved.module), resolved.local);
      case 'namespace':
        return `${this.#name('Namespace', resolved.module)}()`;
      case 'foreign':
        return this.#valueOfForeign(resolved.target, resolved.name, resolved.hasNodeInterop);
      case 'dynamic': {
        const first = resolved.targets.map((target) => this.#valueOfForeign(target, '*', true));
        return member(
          first.length === 1 ? (first[0] ?? '') : `({${first.map((one) => `...${one}`).join(',')}})`,
          resolved.name,
        );
      }
    }
  }

  /** The whole of something that is not an ES module of the bundle, as `require` returns it. */
  #foreign(target: Target): string {
    const module = this.#find(target);
    return module === undefined ? `$tmRequire(${quote(target.id)})` : `${this.#name('Require', module)}()`;
  }

  #valueOfForeign(target: Target, name: string, hasNodeInterop: boolean): string {
    const all = this.#foreign(target);
    const isModule = target.kind === 'external' && this.#options.formatOf(target.id) === 'module';
    if (name === '*') return isModule ? all : `$tmAll(${all})`;
    if (name !== 'default' || isModule) return member(all, name);
    const isWhole = target.kind === 'external' && this.#options.formatOf(target.id) === 'built-in';
    return hasNodeInterop || isWhole ? all : `$tmDefaultOf(${all})`;
  }

  /** A function that does what `require` does for a target. */
  #requireOf(target: Target): string {
    const module = this.#find(target);
    if (module === undefined) return `()=>$tmRequire(${quote(target.id)})`;
    return this.#name(module.isCommonJs ? 'Require' : 'Required', module);
  }

  /** Whether an import has its final value when the header of the importing module is evaluated. */
  #isConstant(importer: GraphModule, resolved: Resolved): boolean {
    const isAssigned = resolved.kind === 'binding' && resolved.module.syntax.assigned.has(resolved.local);
    if (!this.#graph.circular.has(importer)) return !isAssigned;
    if (resolved.kind === 'foreign') return resolved.target.kind === 'external';
    if (resolved.kind === 'binding') return !isAssigned && resolved.module.syntax.functions.has(resolved.local);
    return resolved.kind === 'namespace';
  }

  /** The declarations for the imports of a module, and for what its text expects in its environment. */
  #header(module: GraphModule): string {
    const groups = new Map<string, { local: string; imported: string }[]>();
    const take = (from: string, imported: string, local: string): void => {
      const group = groups.get(from) ?? [];
      groups.set(from, group);
      group.push({ local, imported });
    };
    const checked = new Map<string, string[]>();
    let text = '';
    for (const { local, imported, specifier } of module.syntax.imports) {
      const resolved = this.#graph.resolveImport(module, specifier, imported);
      if (resolved === undefined || !this.#isConstant(module, resolved)) continue;
      if (resolved.kind === 'binding') take(this.#name('Module', resolved.module), resolved.local, local);
      else if (resolved.kind === 'foreign' && resolved.name !== '*' && resolved.name !== 'default') {
        const from = this.#foreign(resolved.target);
        take(from, resolved.name, local);
      } else text += `const ${local}=${this.#valueOf(resolved)};`;
      if (resolved.kind === 'foreign' && resolved.target.kind === 'external' && resolved.name !== '*') {
        const { id } = resolved.target;
        if (this.#options.formatOf(id) === 'module') checked.set(id, [...(checked.get(id) ?? []), resolved.name]);
      }
    }
    for (const [from, names] of groups) {
      const pattern = names.map(({ imported, local }) =>
        imported === local ? local : `${property(imported)}:${local}`,
      );
      text += `const {${pattern.join(',')}}=${from};`;
    }
    const checks = [...checked].map(
      ([id, names]) => `$tmFrom($tmRequire(${quote(id)}),${quote(id)},${JSON.stringify(names)});`,
    );
    return checks.join('') + this.#sideEffects(module) + text + this.#surroundings(module);
  }

  /** Imports of externals without names still evaluate them. */
  #sideEffects(module: GraphModule): string {
    const bound = new Set(module.syntax.imports.map(({ specifier }) => specifier));
    return module.syntax.requests
      .filter((specifier) => !bound.has(specifier))
      .flatMap((specifier) => {
        const target = module.target('import-statement', specifier);
        return target?.kind === 'external' ? [`$tmRequire(${quote(target.id)});`] : [];
      })
      .join('');
  }

  #surroundings(module: GraphModule): string {
    const { syntax, file } = module;
    let text = '';
    if (syntax.special.some(({ type }) => type === 'MetaProperty')) {
      const url = quote(module.name ?? pathToFileURL(file).href);
      const names = module.name === undefined ? `,${quote(path.dirname(file))}` : '';
      text += `const $tmMeta=$tmMetaOf($tmRequire,${url},${quote(file)}${names});`;
    }
    const isDeclared = syntax.declared.has('require') || syntax.imports.some(({ local }) => local === 'require');
    if (/\brequire\b/.test(syntax.code) && !isDeclared) text += `const require=${this.#requireIn(module)};`;
    if (syntax.functions.has(defaultBinding)) text += `$tmName(${defaultBinding});`;
    return text;
  }

  /** The function `require` of an ES module, with its properties if it may use them. */
  #requireIn(module: GraphModule): string {
    const resolver = this.#resolver(module);
    return module.syntax.usesModuleObjects ? `$tmRequireBy(${resolver},$tmRequire,${quote(module.file)})` : resolver;
  }

  /** A function that does what a call of `require` does in this module. */
  #resolver(module: GraphModule): string {
    const cases = module.syntax.asked.flatMap((specifier) => {
      const target = module.target('require-call', specifier);
      if (target === undefined) return [];
      const asker = this.#find(target)?.syntax.usesModuleObjects === true ? quote(module.file) : '';
      return [`case ${quote(specifier)}:return (${this.#requireOf(target)})(${asker});`];
    });
    return `(id)=>{switch(id){${cases.join('')}}return $tmOutside($tmRequire,${quote(module.file)})(id)}`;
  }

  #addCommonJs(module: GraphModule): void {
    const { file } = module;
    const strict = module.isStrict ? '"use strict";' : '';
    this.bundle.add(
      `const ${this.#name('Require', module)}=$tmCommonJs(function(exports,require,module,__filename,__dirname){${strict}`,
    );
    this.#addBody(module);
    const isFull = module.name !== undefined || module.syntax.usesModuleObjects;
    const name = module.name === undefined ? '' : `,${quote(module.name)}`;
    const folder = quote(path.dirname(file));
    this.bundle.add(`},${this.#resolver(module)},$tmRequire,$tmMain,${quote(file)},${folder},${isFull}${name});`);
  }

  #addBody(module: GraphModule): void {
    const edited = new MagicString(module.source.code);
    const edit = new BodyEdit(module, edited);
    for (const node of module.syntax.special) {
      if (node.type === 'MetaProperty') edited.update(node.start, node.end, '$tmMeta');
      else edit.importCall(node, this.#importOf(module, literalText(node.source)));
    }
    const isCircular = this.#graph.circular.has(module);
    for (const node of module.syntax.awaits) {
      const place = this.#options.place(module.file, originalPosition(module.source, node.start));
      if (node.type === 'AwaitExpression') edit.topLevelAwait(node, place, isCircular);
      else if (isCircular) throw new ForAwaitError(place);
      else edit.topLevelLoop(node, place);
    }
    if (!module.isCommonJs) {
      const live = new Map<string, string>();
      for (const { local, imported, specifier } of module.syntax.imports) {
        const resolved = this.#graph.resolveImport(module, specifier, imported);
        if (resolved !== undefined && !this.#isConstant(module, resolved)) live.set(local, this.#valueOf(resolved));
      }
      edit.statements(live);
    }
    const { mappings } = edited.generateDecodedMap({ source: module.file, hires: 'boundary' });
    const { firstSite } = module;
    const text = firstSite === undefined ? edited.toString() : this.#options.putSites(edited.toString(), firstSite);
    this.bundle.addMapped({ text, mappings, maps: module.source.maps, source: module.file });
  }

  /** The body of the function that `import()` of a literal calls later; undefined if it is only known at run time. */
  #importOf(module: GraphModule, specifier: string | undefined): ImportTarget | undefined {
    const target = specifier === undefined ? undefined : module.target('dynamic-import', specifier);
    if (target === undefined) return undefined;
    const found = this.#find(target);
    const isData = found?.file.endsWith('.json') === true;
    if (found !== undefined) return { load: this.#namespaceOf(found), isData };
    const all = this.#foreign(target);
    const isModule = this.#options.formatOf(target.id) === 'module';
    return { load: isModule ? all : `$tmNamespaceOf(${quote(target.id)},()=>$tmExternal(${all}))`, isData };
  }
}

/** What an import() of a literal name leads to. */
interface ImportTarget {
  /** The expression that evaluates it. */
  readonly load: string;
  readonly isData: boolean;
}

/** Makes the text of one module fit inside a function. Line breaks stay, for the source map. */
class BodyEdit {
  readonly #module: GraphModule;
  readonly #edited: MagicString;

  constructor(module: GraphModule, edited: MagicString) {
    this.#module = module;
    this.#edited = edited;
    const { hashbang } = module.syntax.program;
    if (hashbang) edited.update(hashbang.start, hashbang.start + 2, '//');
  }

  #blank(start: number, end: number): void {
    const lines = this.#module.source.code.slice(start, end).split('\n').length - 1;
    this.#edited.update(start, end, `;${'\n'.repeat(lines)}`);
  }

  importCall(node: Extract<Node, { type: 'ImportExpression' }>, target: ImportTarget | undefined): void {
    const { code } = this.#module.source;
    if (target === undefined) {
      this.#edited.update(node.start, node.start + 'import'.length, `$tmImport(${quote(this.#module.file)})`);
      return;
    }
    // The contents of the second argument are edited too.
    const end = node.options?.start ?? node.end;
    const lines = '\n'.repeat(code.slice(node.start, end).split('\n').length - 1);
    const text =
      node.options === null
        ? `$tmLater(()=>${target.load})`
        : `$tmLaterAs(()=>${target.load},${target.isData},${quote(literalText(node.source) ?? '')},`;
    this.#edited.update(node.start, end, `${text}${lines}`);
  }

  /** @param yields whether the text becomes that of a generator */
  topLevelAwait(node: Extract<Node, { type: 'AwaitExpression' }>, place: string, yields: boolean): void {
    const { argument } = node;
    if (yields) this.#edited.update(node.start, node.start + 'await'.length, '(yield');
    this.#edited.appendRight(argument.start, `$tmWaits(${quote(place)},`);
    this.#edited.appendLeft(argument.end, yields ? '))' : ')');
  }

  topLevelLoop({ right }: Extract<Node, { type: 'ForOfStatement' }>, place: string): void {
    this.#edited.appendRight(right.start, `($tmAwaited.add(${quote(place)}),`);
    this.#edited.appendLeft(right.end, ')');
  }

  /** @param live imported names that must be looked up at each use, with the expressions for that */
  statements(live: ReadonlyMap<string, string>): void {
    const edited = this.#edited;
    for (const statement of this.#module.syntax.program.body) {
      if (statement.type === 'ImportDeclaration' || statement.type === 'ExportAllDeclaration')
        this.#blank(statement.start, statement.end);
      else if (statement.type === 'ExportNamedDeclaration') {
        if (statement.declaration === null) this.#blank(statement.start, statement.end);
        else edited.remove(statement.start, statement.declaration.start);
      } else if (statement.type === 'ExportDefaultDeclaration') {
        const { declaration } = statement;
        if (
          declaration.type === 'FunctionDeclaration' ||
          (declaration.type === 'ClassDeclaration' && declaration.id !== null)
        ) {
          edited.remove(statement.start, declaration.start);
          if (declaration.id === null) this.#nameFunction(declaration);
        } else {
          edited.update(statement.start, declaration.start, `const ${defaultBinding}=({default:`);
          edited.appendLeft(declaration.end, '}).default;');
        }
      }
    }
    if (live.size === 0) return;
    findReferences(this.#module.syntax.program, new Set(live.keys()), (name, node, use) => {
      const value = live.get(name) ?? name;
      const text = use === 'shorthand' ? `${name}:${value}` : use === 'callee' ? `(0,${value})` : value;
      edited.update(node.start, node.end, text);
    });
  }

  #nameFunction(node: Node): void {
    const open = this.#module.source.code.indexOf('(', node.start);
    this.#edited.appendLeft(open, ` ${defaultBinding}`);
  }
}
