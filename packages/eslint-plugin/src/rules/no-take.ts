import { ASTUtils, AST_NODE_TYPES, ESLintUtils, type TSESLint, type TSESTree } from '@typescript-eslint/utils';
import { createRule } from '../create-rule.js';
import { addImport, removeImport, replaceSpecifier, variableOf } from '../imports.js';
import { methodOf } from '../nodes.js';
import { OPERATORS_MODULE } from '../operator-names.js';
import { isOfRxjs, type OperatorUse } from '../operator-use.js';
import { Pipelines } from '../pipelines.js';
import { isPreview } from '../subscriptions.js';
import { TypeFacts } from '../type-facts.js';

const LIMITING: ReadonlySet<string> = new Set(['take', 'first']);

/** Finds operators that close a stream while its last event is delivered. */
export const noTake = createRule({
  meta: {
    type: 'problem',
    fixable: 'code',
    docs: { description: 'Disallow take() and first() on streams of rxforce, in favour of limit().' },
    messages: {
      closes:
        '{{operator}} closes the stream while its last event is delivered: that one is not settled, and comes again. ' +
        "Use limit({{count}}) of '@rxforce/operators'.",
    },
    schema: [],
  },
  create(context) {
    const { sourceCode } = context;
    const services = ESLintUtils.getParserServices(context, true);
    // Without types, the streams that come from a client's method in this file are still known.
    const types = services.program === null ? undefined : new TypeFacts(services);
    const pipelines = new Pipelines(sourceCode, types);
    const reported = new Set<TSESTree.Node>();

    const report = ({ call, imported }: OperatorUse): void => {
      if (!call || !imported || reported.has(call)) return;
      reported.add(call);
      const [count] = call.arguments;
      const canFix = imported.name === 'take' && call.arguments.length === 1;
      context.report({
        node: call.callee,
        messageId: 'closes',
        data: { operator: imported.name, count: imported.name === 'take' && count ? sourceCode.getText(count) : '1' },
        fix: canFix ? (fixer) => useLimit(fixer, sourceCode, call) : null,
      });
    };

    return {
      CallExpression: (call) => {
        if (methodOf(call) !== 'pipe') return;
        const stream = pipelines.streamAt(call);
        if (!stream || isPreview(call, stream, sourceCode)) return;
        stream.operators
          .filter(({ imported }) => isOfRxjs(imported) && LIMITING.has(imported.name))
          .forEach((each) => report(each));
      },
    };
  },
});

/** Replaces `take` by `limit`, if that name is free; removes the import of `take` where it is not used elsewhere. */
function useLimit(
  fixer: TSESLint.RuleFixer,
  sourceCode: Readonly<TSESLint.SourceCode>,
  { callee }: TSESTree.CallExpression,
): TSESLint.RuleFix[] | null {
  if (callee.type !== AST_NODE_TYPES.Identifier) return null;
  const variable = variableOf(callee, sourceCode);
  const specifier = variable?.defs[0]?.node;
  if (!variable || specifier?.type !== AST_NODE_TYPES.ImportSpecifier) return null;
  const declaration = specifier.parent as TSESTree.ImportDeclaration;
  const limit = importedLimit(sourceCode);
  const name = limit?.local.name ?? 'limit';
  const found = ASTUtils.findVariable(sourceCode.getScope(callee), name);
  if (found && found.defs[0]?.node !== limit) return null;
  const isLast = variable.references.length === 1;
  const renamed = fixer.replaceText(callee, name);
  if (limit) return isLast ? [renamed, removeImport(fixer, sourceCode, specifier)] : [renamed];
  if (isLast) return [renamed, ...replaceSpecifier(fixer, sourceCode, specifier, OPERATORS_MODULE, name)];
  return [renamed, ...addImport(fixer, sourceCode, declaration, OPERATORS_MODULE, name)];
}

function importedLimit({ ast }: Readonly<TSESLint.SourceCode>): TSESTree.ImportSpecifier | undefined {
  return ast.body
    .flatMap((each) =>
      each.type === AST_NODE_TYPES.ImportDeclaration && each.source.value === OPERATORS_MODULE ? each.specifiers : [],
    )
    .find(
      (each): each is TSESTree.ImportSpecifier =>
        each.type === AST_NODE_TYPES.ImportSpecifier &&
        each.imported.type === AST_NODE_TYPES.Identifier &&
        each.imported.name === 'limit',
    );
}
