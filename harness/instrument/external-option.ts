import type { Node, Program } from 'oxc-parser';
import { childrenOf, literalText } from './link/syntax-tree.js';

/**
 * What a scenario file says in `external: [...]`: it must be known before anything is loaded, so it is read from the text.
 * Undefined if the file has no such option, or if it is not a list of literal names.
 */
export function externalOption(program: Program): readonly string[] | undefined {
  const exported = program.body.find((statement) => statement.type === 'ExportDefaultDeclaration');
  return exported === undefined ? undefined : optionIn(exported);
}

function optionIn(node: Node): readonly string[] | undefined {
  if (node.type === 'ObjectExpression') {
    for (const property of node.properties) {
      if (property.type !== 'Property' || property.computed || property.value.type !== 'ArrayExpression') continue;
      const { key } = property;
      if ((key.type === 'Identifier' ? key.name : literalText(key)) !== 'external') continue;
      const names = property.value.elements.map((element) => literalText(element ?? undefined));
      return names.every((name) => name !== undefined) ? names : undefined;
    }
    return undefined;
  }
  for (const child of childrenOf(node)) {
    const found = optionIn(child);
    if (found !== undefined) return found;
  }
  return undefined;
}
