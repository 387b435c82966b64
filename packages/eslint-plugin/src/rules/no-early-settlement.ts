import { AST_NODE_TYPES, ESLintUtils, type TSESTree } from '@typescript-eslint/utils';
import { createRule } from '../create-rule.js';
import { EARLY_SETTLEMENT_MESSAGES, EarlySettlementReports } from '../early-settlement-reports.js';
import { EarlySettlements, type Finding } from '../early-settlements.js';
import { importedBy } from '../imports.js';
import { InnerStreams } from '../inner-streams.js';
import { methodOf, objectOf, unwrap } from '../nodes.js';
import { PAIRING } from '../operator-names.js';
import { isOfRxjs, isWorking, type OperatorUse } from '../operator-use.js';
import { Pipelines } from '../pipelines.js';
import { isPreview, isBare, nextOf } from '../subscriptions.js';
import { workOf } from '../started-work.js';
import { TypeFacts } from '../type-facts.js';

/** Finds operators that keep events after these count as done, and work that nobody waits for. */
export const noEarlySettlement = createRule({
  meta: {
    type: 'problem',
    fixable: 'code',
    docs: { description: 'Disallow pipelines that lose events when the process dies.' },
    messages: EARLY_SETTLEMENT_MESSAGES,
    schema: [],
  },
  create(context) {
    const { sourceCode } = context;
    const types = new TypeFacts(ESLintUtils.getParserServices(context));
    const pipelines = new Pipelines(sourceCode, types);
    const settlements = new EarlySettlements(sourceCode, types, new InnerStreams(sourceCode, types));
    const reports = new EarlySettlementReports(context, types);
    const reportOperator = (finding: Finding): void => reports.operator(finding);

    /** `zip(changes$, other$)`: nobody holds the events that it keeps. */
    const checkPairing = (call: TSESTree.CallExpression): void => {
      const imported = importedBy(unwrap(call.callee), sourceCode);
      // Operators of the same names are arguments of pipe().
      if (!isOfRxjs(imported) || !PAIRING.has(imported.name) || isArgumentOfPipe(call)) return;
      const use: OperatorUse = { node: call, call, imported, does: 'passes' };
      if (settlements.keepsPairs(use, pipelines)) reportOperator({ use, is: 'keeps' });
    };

    const checkSubscription = (call: TSESTree.CallExpression): void => {
      const stream = pipelines.streamAt(objectOf(call));
      if (!stream) return;
      if (isBare(call)) settlements.findingsIn(stream.operators, { isBare: true }).forEach(reportOperator);
      const next = nextOf(call);
      if (next && stream.operators.every(({ does }) => does === 'passes')) reports.startedIn(next);
    };

    const checkPipe = (call: TSESTree.CallExpression): void => {
      const stream = pipelines.streamAt(call);
      if (!stream) return;
      const surroundings = { isPreview: isPreview(call, stream, sourceCode) };
      settlements.findingsIn(stream.operators, surroundings).forEach(reportOperator);
    };

    const calls: TSESTree.CallExpression[] = [];
    return {
      CallExpression: (call) => void calls.push(call),
      'Program:exit': () => {
        for (const call of calls) {
          if (isWorking(call, sourceCode)) workOf(call, sourceCode).forEach((work) => reports.work(work));
          checkPairing(call);
          const method = methodOf(call);
          if (method === 'pipe') checkPipe(call);
          if (method === 'subscribe' || method === 'forEach') checkSubscription(call);
        }
      },
    };
  },
});

function isArgumentOfPipe(call: TSESTree.CallExpression): boolean {
  const { parent } = call;
  return (
    parent.type === AST_NODE_TYPES.CallExpression && methodOf(parent) === 'pipe' && parent.arguments.includes(call)
  );
}
