import type { Node } from 'oxc-parser';
import { childrenOf, isFunction } from './syntax-tree.js';

/** An `await` that makes its module asynchronous. */
export type TopLevelAwait = Extract<Node, { type: 'AwaitExpression' | 'ForOfStatement' }>;

/** Every `await` and `for await` of a program that is in no function, in source order. */
export function* topLevelAwaits(node: Node): Generator<TopLevelAwait> {
  if (isFunction(node) || node.type === 'StaticBlock') return;
  if (node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node.await)) yield node;
  for (const child of childrenOf(node)) yield* topLevelAwaits(child);
}
