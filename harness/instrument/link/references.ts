import type { Node } from 'oxc-parser';
import { boundNames, childrenOf, declaredNames, isFunction, varNames, type FunctionNode } from './syntax-tree.js';

/** Called for each reference to one of the names that is not another binding of the same name. */
export type OnReference = (name: string, node: Node, use: 'value' | 'callee' | 'shorthand') => void;

type Hidden = ReadonlySet<string>;

/**
 * Finds the references to some top-level names, following the scope rules of the language.
 *
 * @param names the names to look for
 */
export function findReferences(program: Node, names: ReadonlySet<string>, onReference: OnReference): void {
  new References(names, onReference).visit(program, new Set());
}

class References {
  readonly #names: ReadonlySet<string>;
  readonly #onReference: OnReference;

  constructor(names: ReadonlySet<string>, onReference: OnReference) {
    this.#names = names;
    this.#onReference = onReference;
  }

  /** Hidden names, and those of the names that are declared again. */
  #hide(hidden: Hidden, declared: Iterable<string>): Hidden {
    let result: Set<string> | undefined;
    for (const name of declared) {
      if (this.#names.has(name) && !hidden.has(name)) (result ??= new Set(hidden)).add(name);
    }
    return result ?? hidden;
  }

  #lexical(hidden: Hidden, statements: readonly Node[]): Hidden {
    return this.#hide(
      hidden,
      statements.flatMap((statement) => [...declaredNames(statement)]),
    );
  }

  #children(node: Node, hidden: Hidden): void {
    for (const child of childrenOf(node)) this.visit(child, hidden);
  }

  #reference(node: Node, hidden: Hidden, use: 'value' | 'callee' | 'shorthand'): void {
    if (node.type === 'Identifier' && this.#names.has(node.name) && !hidden.has(node.name))
      this.#onReference(node.name, node, use);
  }

  #callee(callee: Node, hidden: Hidden): void {
    if (callee.type === 'Identifier') this.#reference(callee, hidden, 'callee');
    else this.visit(callee, hidden);
  }

  visit(node: Node, hidden: Hidden): void {
    switch (node.type) {
      case 'Identifier':
        this.#reference(node, hidden, 'value');
        return;
      case 'Program':
        // Declarations at the top level are either the ones looked for, or unrelated.
        this.#children(node, hidden);
        return;
      case 'ImportDeclaration':
      case 'ExportAllDeclaration':
      case 'MetaProperty':
      case 'BreakStatement':
      case 'ContinueStatement':
        return;
      case 'ExportNamedDeclaration':
        if (node.declaration !== null) this.visit(node.declaration, hidden);
        return;
      case 'LabeledStatement':
        this.visit(node.body, hidden);
        return;
      case 'MemberExpression':
        this.visit(node.object, hidden);
        if (node.computed) this.visit(node.property, hidden);
        return;
      case 'CallExpression':
        this.#callee(node.callee, hidden);
        for (const argument of node.arguments) this.visit(argument, hidden);
        return;
      case 'TaggedTemplateExpression':
        this.#callee(node.tag, hidden);
        this.visit(node.quasi, hidden);
        return;
      case 'Property':
        if (node.computed) this.visit(node.key, hidden);
        if (node.shorthand && node.value.type === 'Identifier') this.#reference(node.value, hidden, 'shorthand');
        else this.visit(node.value, hidden);
        return;
      case 'MethodDefinition':
      case 'PropertyDefinition':
      case 'AccessorProperty':
        for (const decorator of node.decorators) this.visit(decorator, hidden);
        if (node.computed) this.visit(node.key, hidden);
        if (node.value !== null) this.visit(node.value, hidden);
        return;
      case 'BlockStatement':
        this.#children(node, this.#lexical(hidden, node.body));
        return;
      case 'StaticBlock':
        this.#children(
          node,
          this.#hide(
            this.#lexical(hidden, node.body),
            node.body.flatMap((one) => [...varNames(one)]),
          ),
        );
        return;
      case 'SwitchStatement': {
        this.visit(node.discriminant, hidden);
        const inner = this.#lexical(
          hidden,
          node.cases.flatMap(({ consequent }) => consequent),
        );
        for (const one of node.cases) this.visit(one, inner);
        return;
      }
      case 'ForStatement':
        this.#children(node, node.init === null ? hidden : this.#lexical(hidden, [node.init]));
        return;
      case 'ForInStatement':
      case 'ForOfStatement':
        this.#children(node, this.#lexical(hidden, [node.left]));
        return;
      case 'CatchClause':
        this.#children(node, node.param === null ? hidden : this.#hide(hidden, boundNames(node.param)));
        return;
      case 'ClassDeclaration':
      case 'ClassExpression': {
        const inner = node.id === null ? hidden : this.#hide(hidden, [node.id.name]);
        for (const decorator of node.decorators) this.visit(decorator, hidden);
        if (node.superClass !== null) this.visit(node.superClass, inner);
        this.visit(node.body, inner);
        return;
      }
      default:
        if (isFunction(node)) this.#function(node, hidden);
        else this.#children(node, hidden);
    }
  }

  #function(node: FunctionNode, outer: Hidden): void {
    let hidden = outer;
    if (node.type === 'FunctionExpression' && node.id !== null) hidden = this.#hide(hidden, [node.id.name]);
    hidden = this.#hide(
      hidden,
      node.params.flatMap((parameter) => [...boundNames(parameter)]),
    );
    if (node.type !== 'ArrowFunctionExpression') hidden = this.#hide(hidden, ['arguments']);
    const { body } = node;
    const inner =
      body?.type === 'BlockStatement' ? this.#hide(this.#lexical(hidden, body.body), varNames(body)) : hidden;
    for (const parameter of node.params) this.visit(parameter, hidden);
    if (body !== null) this.visit(body, inner);
  }
}
