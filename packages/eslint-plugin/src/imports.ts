import { ASTUtils, AST_NODE_TYPES, TSESLint, type TSESTree } from '@typescript-eslint/utils';

/** The meaning of an imported name. */
export interface Imported {
  readonly module: string;
  /** Its name in the module, whatever its local name. */
  readonly name: string;
  /** Undefined where the whole module was imported: `import * as rxjs`. */
  readonly specifier?: TSESTree.ImportSpecifier;
}

/** The variable that a name refers to. */
export function variableOf(
  node: TSESTree.Identifier,
  sourceCode: Readonly<TSESLint.SourceCode>,
): TSESLint.Scope.Variable | undefined {
  return ASTUtils.findVariable(sourceCode.getScope(node), node) ?? undefined;
}

/** The import of a name, or of a member of an imported module: `map`, `rxjs.map`. */
export function importedBy(node: TSESTree.Node, sourceCode: Readonly<TSESLint.SourceCode>): Imported | undefined {
  if (node.type === AST_NODE_TYPES.MemberExpression) return memberOfModule(node, sourceCode);
  if (node.type !== AST_NODE_TYPES.Identifier) return undefined;
  const binding = bindingOf(node, sourceCode);
  if (binding?.node.type !== AST_NODE_TYPES.ImportSpecifier) return undefined;
  const { imported } = binding.node;
  const name = imported.type === AST_NODE_TYPES.Identifier ? imported.name : imported.value;
  return { module: binding.module, name, specifier: binding.node };
}

function memberOfModule(
  { object, property, computed }: TSESTree.MemberExpression,
  sourceCode: Readonly<TSESLint.SourceCode>,
): Imported | undefined {
  if (computed || object.type !== AST_NODE_TYPES.Identifier) return undefined;
  if (property.type !== AST_NODE_TYPES.Identifier) return undefined;
  const binding = bindingOf(object, sourceCode);
  if (binding?.node.type !== AST_NODE_TYPES.ImportNamespaceSpecifier) return undefined;
  return { module: binding.module, name: property.name };
}

function bindingOf(node: TSESTree.Identifier, sourceCode: Readonly<TSESLint.SourceCode>) {
  const definition = variableOf(node, sourceCode)?.defs[0];
  if (definition?.type !== TSESLint.Scope.DefinitionType.ImportBinding) return undefined;
  if (definition.parent.type !== AST_NODE_TYPES.ImportDeclaration) return undefined;
  return { node: definition.node, module: definition.parent.source.value };
}

/** Whether a file imports something of rxforce. */
export function importsRxforce({ ast }: Readonly<TSESLint.SourceCode>): boolean {
  return ast.body.some(
    (each) => each.type === AST_NODE_TYPES.ImportDeclaration && each.source.value.startsWith('@rxforce/'),
  );
}

/** The import of values from a module, to which names can be added. */
function importFrom({ ast }: Readonly<TSESLint.SourceCode>, module: string): TSESTree.ImportDeclaration | undefined {
  return ast.body.find(
    (each): each is TSESTree.ImportDeclaration =>
      each.type === AST_NODE_TYPES.ImportDeclaration &&
      each.source.value === module &&
      each.importKind === 'value' &&
      each.specifiers.some(({ type }) => type === AST_NODE_TYPES.ImportSpecifier),
  );
}

/**
 * Removes a name from its import, and imports a name of another module instead, under the same local name.
 *
 * @param name - The name in the other module.
 */
export function moveImport(
  fixer: TSESLint.RuleFixer,
  sourceCode: Readonly<TSESLint.SourceCode>,
  specifier: TSESTree.ImportSpecifier,
  module: string,
  name: string,
): TSESLint.RuleFix[] {
  const local = specifier.local.name;
  return replaceSpecifier(fixer, sourceCode, specifier, module, name === local ? name : `${name} as ${local}`);
}

/** Removes a name from its import, and adds a specifier of another module, written as between braces. */
export function replaceSpecifier(
  fixer: TSESLint.RuleFixer,
  sourceCode: Readonly<TSESLint.SourceCode>,
  specifier: TSESTree.ImportSpecifier,
  module: string,
  text: string,
): TSESLint.RuleFix[] {
  const declaration = specifier.parent as TSESTree.ImportDeclaration;
  if (!importFrom(sourceCode, module) && declaration.specifiers.length === 1) {
    return [fixer.replaceText(declaration, newImport(sourceCode, declaration, module, text))];
  }
  return [removeImport(fixer, sourceCode, specifier), ...addImport(fixer, sourceCode, declaration, module, text)];
}

/** Removes a name from its import; with the last name, the whole import. */
export function removeImport(
  fixer: TSESLint.RuleFixer,
  sourceCode: Readonly<TSESLint.SourceCode>,
  specifier: TSESTree.ImportSpecifier,
): TSESLint.RuleFix {
  const declaration = specifier.parent as TSESTree.ImportDeclaration;
  if (declaration.specifiers.length > 1) return removeSpecifier(fixer, sourceCode, specifier);
  return fixer.removeRange(wholeLine(sourceCode, declaration));
}

/** Adds an import of a name to a file. */
export function addImport(
  fixer: TSESLint.RuleFixer,
  sourceCode: Readonly<TSESLint.SourceCode>,
  beside: TSESTree.ImportDeclaration,
  module: string,
  text: string,
): TSESLint.RuleFix[] {
  const target = importFrom(sourceCode, module);
  if (target) return addSpecifier(fixer, target, text);
  return [fixer.insertTextAfter(beside, `\n${newImport(sourceCode, beside, module, text)}`)];
}

/** Quotes and the semicolon follow the existing import. */
function newImport(
  sourceCode: Readonly<TSESLint.SourceCode>,
  like: TSESTree.ImportDeclaration,
  module: string,
  text: string,
): string {
  const quote = like.source.raw.slice(0, 1);
  const end = sourceCode.getText(like).endsWith(';') ? ';' : '';
  return `import { ${text} } from ${quote}${module}${quote}${end}`;
}

function addSpecifier(
  fixer: TSESLint.RuleFixer,
  { specifiers }: TSESTree.ImportDeclaration,
  text: string,
): TSESLint.RuleFix[] {
  return specifiers.slice(-1).map((last) => fixer.insertTextAfter(last, `, ${text}`));
}

/**
 * Removes a specifier with the comma after it; the last one in braces with the comma before it; the only one with the
 * braces.
 */
function removeSpecifier(
  fixer: TSESLint.RuleFixer,
  sourceCode: Readonly<TSESLint.SourceCode>,
  specifier: TSESTree.ImportSpecifier,
): TSESLint.RuleFix {
  const [start, end] = specifier.range;
  const before = sourceCode.getTokenBefore(specifier);
  const after = sourceCode.getTokenAfter(specifier);
  const next = after?.value === ',' ? sourceCode.getTokenAfter(after, { includeComments: true }) : null;
  if (next && next.value !== '}') return fixer.removeRange([start, next.range[0]]);
  if (before?.value === ',') return fixer.removeRange([before.range[0], end]);
  // `import rx, { map } from`: the comma before the braces is removed, too.
  const comma = before && sourceCode.getTokenBefore(before);
  const close = next ?? after;
  return fixer.removeRange([(comma?.value === ',' ? comma : before)?.range[0] ?? start, close?.range[1] ?? end]);
}

function wholeLine(sourceCode: Readonly<TSESLint.SourceCode>, node: TSESTree.Node): [number, number] {
  const [start, end] = node.range;
  return [start, sourceCode.text.startsWith('\n', end) ? end + 1 : end];
}
