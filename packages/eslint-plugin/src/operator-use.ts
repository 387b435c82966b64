import { AST_NODE_TYPES, type TSESLint, type TSESTree } from '@typescript-eslint/utils';
import { importedBy, type Imported } from './imports.js';
import { contains, functionAt, initialOf, methodOf, unwrap } from './nodes.js';
import {
  FLATTENING,
  DEAD_LETTERS_MODULE,
  OPERATORS_MODULE,
  RXJS_MODULES,
  TWINS_MODULE,
  WORKING,
  WORKING_SOURCES,
} from './operator-names.js';

/** An operator in a `pipe()`. */
export interface OperatorUse {
  /** The argument of `pipe()`, or of a function whose result is an argument of `pipe()`. */
  readonly node: TSESTree.Node;
  /** The call that makes it; `undefined` where that is not visible. */
  readonly call?: TSESTree.CallExpression;
  /** Its import. */
  readonly imported?: Imported;
  /**
   * Whether it does work, and holds events meanwhile. `unknown` for operators of other packages, which may do anything.
   */
  readonly does: 'works' | 'passes' | 'unknown';
}

/** Whether an operator is one of RxJS itself. */
export function isOfRxjs(imported: Imported | undefined): imported is Imported {
  return imported !== undefined && RXJS_MODULES.has(imported.module);
}

/** The operators in a `pipe()` call, including those of a nested `pipe()` of RxJS. */
export function operatorsOf(
  nodes: readonly TSESTree.Node[],
  sourceCode: Readonly<TSESLint.SourceCode>,
  depth = 0,
): OperatorUse[] {
  return nodes.flatMap((node): OperatorUse[] => {
    const made = depth < 5 ? madeBy(node, sourceCode) : undefined;
    if (made?.type !== AST_NODE_TYPES.CallExpression) return [{ node, does: doesOfFunction(node, sourceCode) }];
    const imported = importedBy(unwrap(made.callee), sourceCode);
    if (isOfRxjs(imported) && imported.name === 'pipe') return operatorsOf(made.arguments, sourceCode, depth + 1);
    return [{ node, call: made, ...(imported && { imported }), does: doesOf(made, imported, sourceCode) }];
  });
}

/** The call that makes an operator, even if a variable holds it in between. */
function madeBy(node: TSESTree.Node, sourceCode: Readonly<TSESLint.SourceCode>): TSESTree.Node | undefined {
  const inner = unwrap(node);
  const initial = initialOf(inner, sourceCode);
  return unwrap(initial ?? inner);
}

function doesOf(
  call: TSESTree.CallExpression,
  imported: Imported | undefined,
  sourceCode: Readonly<TSESLint.SourceCode>,
): OperatorUse['does'] {
  if (isWorking(call, sourceCode)) return 'works';
  if (imported?.module.startsWith('@rxforce/') || isOfRxjs(imported)) {
    return call.arguments.some((each) => containsWork(each, sourceCode)) ? 'works' : 'passes';
  }
  return doesOfFunction(call.callee, sourceCode);
}

/** A function that is built from rxforce's operators works if one of these does. */
function doesOfFunction(node: TSESTree.Node, sourceCode: Readonly<TSESLint.SourceCode>): OperatorUse['does'] {
  const found = functionAt(node, sourceCode);
  return found && containsWork(found, sourceCode) ? 'works' : 'unknown';
}

/** Whether a call makes an operator that works: `handle()`, `client.publisher()`, a twin that flattens. */
export function isWorking(node: TSESTree.Node, sourceCode: Readonly<TSESLint.SourceCode>): boolean {
  if (node.type !== AST_NODE_TYPES.CallExpression) return false;
  const imported = importedBy(unwrap(node.callee), sourceCode);
  if (imported?.module === OPERATORS_MODULE) return WORKING.has(imported.name);
  if (imported?.module === DEAD_LETTERS_MODULE) return WORKING_SOURCES.has(imported.name);
  if (imported?.module === TWINS_MODULE) return FLATTENING.has(imported.name);
  return imported === undefined && methodOf(node) === 'publisher';
}

/** Whether something works within: `(shared$) => shared$.pipe(handle(save))`. */
export function containsWork(node: TSESTree.Node, sourceCode: Readonly<TSESLint.SourceCode>): boolean {
  return contains(node, sourceCode, (each) => isWorking(each, sourceCode));
}
