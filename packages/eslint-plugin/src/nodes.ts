import { AST_NODE_TYPES, type TSESLint, type TSESTree } from '@typescript-eslint/utils';
import { variableOf } from './imports.js';

export type FunctionNode =
  | TSESTree.ArrowFunctionExpression
  | TSESTree.FunctionExpression
  | TSESTree.FunctionDeclaration
  | TSESTree.TSDeclareFunction
  | TSESTree.TSEmptyBodyFunctionExpression;

export function isFunction(node: TSESTree.Node | undefined): node is FunctionNode {
  return (
    node?.type === AST_NODE_TYPES.ArrowFunctionExpression ||
    node?.type === AST_NODE_TYPES.FunctionExpression ||
    node?.type === AST_NODE_TYPES.FunctionDeclaration
  );
}

/** The expression inside wrappers that only types need: `x as T`, `x!`, `a?.b`. */
export function unwrap(node: TSESTree.Node): TSESTree.Node {
  return isWrapper(node) ? unwrap(node.expression) : node;
}

function isWrapper(node: TSESTree.Node) {
  return (
    node.type === AST_NODE_TYPES.TSAsExpression ||
    node.type === AST_NODE_TYPES.TSNonNullExpression ||
    node.type === AST_NODE_TYPES.TSSatisfiesExpression ||
    node.type === AST_NODE_TYPES.TSTypeAssertion ||
    node.type === AST_NODE_TYPES.ChainExpression
  );
}

/** The name of the method that a call calls: `pipe` of `a.pipe(b)`. */
export function methodOf(node: TSESTree.Node): string | undefined {
  if (node.type !== AST_NODE_TYPES.CallExpression) return undefined;
  const callee = unwrap(node.callee);
  if (callee.type !== AST_NODE_TYPES.MemberExpression) return undefined;
  const { computed, property } = callee;
  return !computed && property.type === AST_NODE_TYPES.Identifier ? property.name : undefined;
}

/** The object of a method call: `a` of `a.pipe(b)`. */
export function objectOf({ callee }: TSESTree.CallExpression): TSESTree.Node {
  const member = unwrap(callee);
  return member.type === AST_NODE_TYPES.MemberExpression ? member.object : member;
}

/** The parts of a node. */
export function childrenOf(node: TSESTree.Node, sourceCode: Readonly<TSESLint.SourceCode>): TSESTree.Node[] {
  const keys = sourceCode.visitorKeys[node.type] ?? [];
  const parts = node as unknown as Readonly<
    Record<string, TSESTree.Node | (TSESTree.Node | null)[] | null | undefined>
  >;
  return keys.flatMap((key) => parts[key] ?? []).filter((each): each is TSESTree.Node => each !== null);
}

/** Whether a node or one of its parts meets a condition. */
export function contains(
  node: TSESTree.Node,
  sourceCode: Readonly<TSESLint.SourceCode>,
  isSuch: (node: TSESTree.Node) => boolean,
): boolean {
  return isSuch(node) || childrenOf(node, sourceCode).some((each) => contains(each, sourceCode, isSuch));
}

/** The expressions that a function returns. */
export function returnedBy({ body }: FunctionNode, sourceCode: Readonly<TSESLint.SourceCode>): TSESTree.Expression[] {
  if (!body) return [];
  return body.type === AST_NODE_TYPES.BlockStatement ? returnsIn(body, sourceCode) : [body];
}

function returnsIn(node: TSESTree.Node, sourceCode: Readonly<TSESLint.SourceCode>): TSESTree.Expression[] {
  if (node.type === AST_NODE_TYPES.ReturnStatement) return node.argument ? [node.argument] : [];
  if (isFunction(node)) return [];
  return childrenOf(node, sourceCode).flatMap((each) => returnsIn(each, sourceCode));
}

/** The initial value of a variable that is not assigned later, or of a property of this class. */
export function initialOf(node: TSESTree.Node, sourceCode: Readonly<TSESLint.SourceCode>): TSESTree.Node | undefined {
  if (node.type === AST_NODE_TYPES.MemberExpression) return propertyOf(node);
  if (node.type !== AST_NODE_TYPES.Identifier) return undefined;
  const variable = variableOf(node, sourceCode);
  const definition = variable?.defs[0]?.node;
  if (variable?.defs.length !== 1 || !definition) return undefined;
  if (definition.type === AST_NODE_TYPES.FunctionDeclaration && definition.id === variable.identifiers[0]) {
    return definition;
  }
  if (definition.type !== AST_NODE_TYPES.VariableDeclarator || definition.id.type !== AST_NODE_TYPES.Identifier) {
    return undefined;
  }
  const writes = variable.references.filter((each) => each.isWrite());
  return writes.length === 1 ? (writes[0]?.writeExpr ?? undefined) : undefined;
}

function classAround(node: TSESTree.Node | undefined): TSESTree.ClassBody | undefined {
  return node === undefined || node.type === AST_NODE_TYPES.ClassBody ? node : classAround(node.parent);
}

function propertyOf({ object, property, computed }: TSESTree.MemberExpression): TSESTree.Node | undefined {
  if (object.type !== AST_NODE_TYPES.ThisExpression || computed) return undefined;
  const name = property.type === AST_NODE_TYPES.Identifier ? property.name : undefined;
  const found = classAround(object)?.body.find(
    (each) =>
      (each.type === AST_NODE_TYPES.PropertyDefinition || each.type === AST_NODE_TYPES.MethodDefinition) &&
      each.key.type === AST_NODE_TYPES.Identifier &&
      each.key.name === name,
  );
  if (found?.type === AST_NODE_TYPES.MethodDefinition) return found.value;
  return found?.type === AST_NODE_TYPES.PropertyDefinition ? (found.value ?? undefined) : undefined;
}

/** The function at this place, or the one that a name refers to. */
export function functionAt(
  node: TSESTree.Node | undefined,
  sourceCode: Readonly<TSESLint.SourceCode>,
): FunctionNode | undefined {
  if (!node) return undefined;
  const inner = unwrap(node);
  if (isFunction(inner)) return inner;
  const initial = initialOf(inner, sourceCode);
  const found = initial && unwrap(initial);
  return isFunction(found) ? found : undefined;
}

/** The value of an object's property, written in place or referred to by a name. */
export function valueOf(object: TSESTree.ObjectExpression, name: string): TSESTree.Node | undefined {
  const property = object.properties.find(
    (each): each is TSESTree.Property =>
      each.type === AST_NODE_TYPES.Property &&
      !each.computed &&
      (each.key.type === AST_NODE_TYPES.Identifier ? each.key.name : each.key.value) === name,
  );
  return property?.value;
}
