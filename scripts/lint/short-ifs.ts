import { AST_NODE_TYPES, ESLintUtils, type TSESLint, type TSESTree } from '@typescript-eslint/utils';

/** Longest line, in characters: that of Prettier's settings. */
const MOST_COLUMNS = 120;

const SIMPLE = new Set<AST_NODE_TYPES>([
  AST_NODE_TYPES.BreakStatement,
  AST_NODE_TYPES.ContinueStatement,
  AST_NODE_TYPES.ExpressionStatement,
  AST_NODE_TYPES.ReturnStatement,
  AST_NODE_TYPES.ThrowStatement,
]);

/**
 * An `if` without `else` whose one simple statement fits on its line has no braces; a body that does not stand on the
 * line of its `if` or `else` has braces.
 */
export const shortIfs = ESLintUtils.RuleCreator.withoutDocs({
  meta: {
    type: 'layout',
    fixable: 'code',
    schema: [],
    defaultOptions: [],
    messages: {
      needless: 'This fits on one line without braces.',
      missing: 'A body that does not stand on the line of its condition needs braces.',
    },
  },
  create: (context) => {
    const { sourceCode } = context;
    return {
      IfStatement(node) {
        const short = shortForm(node, sourceCode);
        if (short !== undefined) {
          const { consequent } = node;
          context.report({
            node: consequent,
            messageId: 'needless',
            fix: (fixer) => fixer.replaceText(consequent, short),
          });
        }
        for (const body of bodiesOf(node)) {
          if (isOnItsLine(body, sourceCode)) continue;
          const braced = `{ ${sourceCode.getText(body)} }`;
          context.report({ node: body, messageId: 'missing', fix: (fixer) => fixer.replaceText(body, braced) });
        }
      },
    };
  },
});

/** The statement to put in place of the braces of an `if`, where there is a short one. */
function shortForm(node: TSESTree.IfStatement, sourceCode: Readonly<TSESLint.SourceCode>): string | undefined {
  const { test, consequent, alternate } = node;
  if (alternate !== null || consequent.type !== AST_NODE_TYPES.BlockStatement) return undefined;
  const [statement, ...others] = consequent.body;
  if (statement === undefined || others.length > 0 || !SIMPLE.has(statement.type)) return undefined;
  if (sourceCode.getCommentsInside(consequent).length > 0) return undefined;
  if (!isOnOneLine(test) || !isOnOneLine(statement)) return undefined;
  const text = sourceCode.getText(statement);
  const head = sourceCode.lines[node.loc.start.line - 1]?.slice(0, consequent.loc.start.column) ?? '';
  return consequent.loc.start.line === node.loc.start.line && head.length + text.length <= MOST_COLUMNS
    ? text
    : undefined;
}

/** What an `if` has in place of blocks. */
function bodiesOf({ consequent, alternate }: TSESTree.IfStatement): TSESTree.Statement[] {
  const bodies = alternate === null ? [consequent] : [consequent, alternate];
  return bodies.filter(({ type }) => type !== AST_NODE_TYPES.BlockStatement && type !== AST_NODE_TYPES.IfStatement);
}

function isOnItsLine(body: TSESTree.Statement, sourceCode: Readonly<TSESLint.SourceCode>): boolean {
  return sourceCode.getTokenBefore(body)?.loc.end.line === body.loc.start.line && isOnOneLine(body);
}

function isOnOneLine({ loc }: TSESTree.Node): boolean {
  return loc.start.line === loc.end.line;
}
