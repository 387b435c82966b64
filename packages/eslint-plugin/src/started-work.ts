import { AST_NODE_TYPES, type TSESLint, type TSESTree } from '@typescript-eslint/utils';
import { importedBy } from './imports.js';
import { childrenOf, functionAt, methodOf, returnedBy, unwrap, type FunctionNode } from './nodes.js';
import { DEAD_LETTERS_MODULE } from './operator-names.js';
import type { TypeFacts } from './type-facts.js';

/** Work that a function starts and nobody waits for. */
export interface StartedWork {
  readonly node: TSESTree.Node;
  readonly is: 'floating' | 'forEach';
}

/** The functions that do the work on an event, in a call that makes a working operator. */
export function workOf(call: TSESTree.CallExpression, sourceCode: Readonly<TSESLint.SourceCode>): TSESTree.Node[] {
  const imported = importedBy(unwrap(call.callee), sourceCode);
  const index = imported?.module === DEAD_LETTERS_MODULE && imported.name === 'redrive' ? 1 : 0;
  const given = call.arguments[index];
  if (!given) return [];
  const inner = unwrap(given);
  if (inner.type !== AST_NODE_TYPES.ObjectExpression) return [inner];
  return inner.properties.flatMap((each) => (each.type === AST_NODE_TYPES.Property ? [each.value] : []));
}

/** The promises that are neither awaited nor returned, in a function and in the functions inside it. */
export function startedIn(
  work: TSESTree.Node,
  sourceCode: Readonly<TSESLint.SourceCode>,
  types: TypeFacts,
): StartedWork[] {
  const owner = functionAt(work, sourceCode);
  return owner?.body ? startedAt(owner.body, sourceCode, types) : [];
}

function startedAt(node: TSESTree.Node, sourceCode: Readonly<TSESLint.SourceCode>, types: TypeFacts): StartedWork[] {
  // A promise made by hand is also resolved by hand.
  if (node.type === AST_NODE_TYPES.NewExpression) return [];
  const within = childrenOf(node, sourceCode).flatMap((each) => startedAt(each, sourceCode, types));
  if (isForEachOfPromises(node, types)) return [{ node, is: 'forEach' }, ...within];
  if (node.type !== AST_NODE_TYPES.ExpressionStatement) return within;
  const { expression } = node;
  const call = unwrap(expression);
  const isStarted = call.type === AST_NODE_TYPES.CallExpression && types.isThenable(types.typeOf(expression));
  return isStarted ? [{ node: expression, is: 'floating' }, ...within] : within;
}

/** Whether an array calls a function for each element that returns a promise. */
function isForEachOfPromises(node: TSESTree.Node, types: TypeFacts): boolean {
  if (node.type !== AST_NODE_TYPES.CallExpression || methodOf(node) !== 'forEach') return false;
  const [callback] = node.arguments;
  if (!callback || types.isThenable(types.typeOf(node))) return false;
  return types.returnsThenable(types.typeOf(callback));
}

/** Whether the results of a function's work would be promises that nobody waits for. */
export function resultsArePromises(work: TSESTree.Node, types: TypeFacts): boolean {
  return types.resultsOf(types.typeOf(work)).some((type) => {
    const result = types.awaited(type);
    const value = types.elementOf(result) ?? types.emittedBy(result);
    return value !== undefined && types.isThenable(value);
  });
}

/** The arrays of promises that a function returns, where they can be seen. */
export function arraysReturnedBy(
  work: TSESTree.Node,
  sourceCode: Readonly<TSESLint.SourceCode>,
  types: TypeFacts,
): TSESTree.Expression[] {
  const owner: FunctionNode | undefined = functionAt(work, sourceCode);
  if (!owner) return [];
  return returnedBy(owner, sourceCode).filter((each) => {
    const element = types.elementOf(types.typeOf(each));
    return element !== undefined && types.isThenable(element);
  });
}
