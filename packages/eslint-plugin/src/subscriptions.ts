import { AST_NODE_TYPES, type TSESLint, type TSESTree } from '@typescript-eslint/utils';
import { importedBy } from './imports.js';
import { methodOf, unwrap, valueOf } from './nodes.js';
import { isOfRxjs } from './operator-use.js';
import type { Stream } from './pipelines.js';

/** Whether a subscriber does nothing with the values. */
export function isBare(call: TSESTree.CallExpression): boolean {
  if (methodOf(call) !== 'subscribe') return false;
  const [observer] = call.arguments;
  if (!observer) return true;
  const inner = unwrap(observer);
  if (inner.type === AST_NODE_TYPES.Literal) return inner.value === null;
  if (inner.type === AST_NODE_TYPES.Identifier) return inner.name === 'undefined';
  if (inner.type !== AST_NODE_TYPES.ObjectExpression) return false;
  const isWhole = inner.properties.every(({ type }) => type === AST_NODE_TYPES.Property);
  return isWhole && valueOf(inner, 'next') === undefined;
}

/** The function that a subscriber calls with each value. */
export function nextOf({ arguments: [observer] }: TSESTree.CallExpression): TSESTree.Node | undefined {
  if (!observer) return undefined;
  const inner = unwrap(observer);
  return inner.type === AST_NODE_TYPES.ObjectExpression ? valueOf(inner, 'next') : inner;
}

/**
 * Whether the code only looks at some events, and no position is kept:
 * `await lastValueFrom(changes$.pipe(take(3), toArray()))`.
 */
export function isPreview(
  pipe: TSESTree.CallExpression,
  { isWithoutStore }: Stream,
  sourceCode: Readonly<TSESLint.SourceCode>,
): boolean {
  const { parent } = pipe;
  if (!isWithoutStore || parent.type !== AST_NODE_TYPES.CallExpression) return false;
  const imported = importedBy(unwrap(parent.callee), sourceCode);
  return isOfRxjs(imported) && (imported.name === 'lastValueFrom' || imported.name === 'firstValueFrom');
}
