import { AST_NODE_TYPES, type TSESTree } from '@typescript-eslint/utils';
import { createRule } from '../create-rule.js';
import { importsRxforce } from '../imports.js';
import { methodOf, unwrap, valueOf } from '../nodes.js';

/** Finds positions in a store that have no name of their own. */
export const requireStoreName = createRule({
  meta: {
    type: 'suggestion',
    hasSuggestions: true,
    docs: {
      description: "Require a name for a position that is kept in a store, so that two consumers don't share it.",
    },
    messages: {
      noName:
        "This position goes by 'default': a second consumer of the topic fails with position-in-use. " +
        'Name each: replay: { store, name }.',
      writeItOut: "Write the name out that it has now, 'default': the position that is stored stays in use.",
    },
    schema: [],
  },
  create(context) {
    const { sourceCode } = context;

    const isOfRxforce = ({ parent }: TSESTree.Property): boolean => {
      const method = methodOf(parent.parent);
      return method === 'changes' || method === 'events' || importsRxforce(sourceCode);
    };

    return {
      Property: (property) => {
        if (!isNamedReplay(property) || !isOfRxforce(property)) return;
        const position = unwrap(property.value);
        if (position.type !== AST_NODE_TYPES.ObjectExpression) return;
        if (position.properties.some(({ type }) => type === AST_NODE_TYPES.SpreadElement)) return;
        const store = valueOf(position, 'store')?.parent;
        if (!store || valueOf(position, 'name')) return;
        context.report({
          node: position,
          messageId: 'noName',
          suggest: [{ messageId: 'writeItOut', fix: (fixer) => fixer.insertTextAfter(store, ", name: 'default'") }],
        });
      },
    };
  },
});

function isNamedReplay({ computed, key }: TSESTree.Property): boolean {
  return !computed && key.type === AST_NODE_TYPES.Identifier && key.name === 'replay';
}
