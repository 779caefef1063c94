import type { Node } from 'oxc-parser';
import { childrenOf } from './syntax-tree.js';

/**
 * Whether a program has syntax that not every supported Node accepts, even without its types: decorators, `accessor`,
 * `using`, JSX, and the imports and exports that only TypeScript has.
 */
export function needsLowering(node: Node): boolean {
  switch (node.type) {
    case 'Decorator':
    case 'AccessorProperty':
    case 'JSXElement':
    case 'JSXFragment':
    case 'TSImportEqualsDeclaration':
    case 'TSExportAssignment':
      return true;
    case 'VariableDeclaration':
      if (node.kind === 'using' || node.kind === 'await using') return true;
      break;
    default:
      if (node.type.startsWith('TSType') || node.type.startsWith('TSInterface')) return false;
  }
  for (const child of childrenOf(node)) if (needsLowering(child)) return true;
  return false;
}
