import { AST_NODE_TYPES, ESLintUtils, type TSESTree } from '@typescript-eslint/utils';
import { createRule } from '../create-rule.js';
import { EarlySettlements, type Finding } from '../early-settlements.js';
import { importedBy, moveImport } from '../imports.js';
import { InnerStreams } from '../inner-streams.js';
import { methodOf, objectOf, unwrap } from '../nodes.js';
import { PAIRING, TWINS_MODULE, twinOf } from '../operator-names.js';
import { isOfRxjs, isWorking, type OperatorUse } from '../operator-use.js';
import { Pipelines } from '../pipelines.js';
import { isPreview, isBare, nextOf } from '../subscriptions.js';
import { arraysReturnedBy, resultsArePromises, startedIn, workOf, type StartedWork } from '../started-work.js';
import { TypeFacts } from '../type-facts.js';

/** Finds operators that keep events after these count as done, and work that nobody waits for. */
export const noEarlySettlement = createRule({
  meta: {
    type: 'problem',
    fixable: 'code',
    docs: { description: 'Disallow pipelines that lose events when the process dies.' },
    messages: {
      keeps:
        '{{operator}} keeps events past their settlement: a crash would lose them. ' +
        "Import it from '@rxforce/operators/rxjs', or do the work in handle().",
      keepsWithoutTwin:
        '{{operator}} keeps events past their settlement: a crash would lose them. ' +
        'Do the work in handle(), and put {{operator}} after it.',
      keepsGroups:
        '{{operator}} keeps whole groups waiting, and drops what comes into them: those events would be lost. ' +
        "Use mergeMap() without a limit, or import both operators from '@rxforce/operators/rxjs'.",
      behindWork:
        '{{operator}} does work that nobody waits for, after the last operator that holds events: ' +
        'a crash would lose it. Do the work in handle().',
      notAwaited:
        '{{operator}} does not wait for the promise: its event is settled before that, and a crash would lose it. ' +
        'Do the work in handle().',
      filterAsync: 'filter takes every promise for true, and lets all events pass. Ask in handle().',
      floating:
        'Nobody waits for this promise: the event is settled before it, and a crash would lose it. ' +
        'Await it, or return it.',
      forEachAsync:
        'forEach does not wait for promises: the event is settled before them, and a crash would lose it. ' +
        'Use Promise.all(….map(…)), and await or return that.',
      arrayOfPromises:
        'Each promise becomes a result, and nobody waits for them: a crash would lose their events. ' +
        'Return Promise.all(…).',
    },
    schema: [],
  },
  create(context) {
    const { sourceCode } = context;
    const types = new TypeFacts(ESLintUtils.getParserServices(context));
    const pipelines = new Pipelines(sourceCode, types);
    const settlements = new EarlySettlements(sourceCode, types, new InnerStreams(sourceCode, types));
    const reported = new Set<TSESTree.Node>();

    const once = (node: TSESTree.Node, report: () => void): void => {
      if (reported.has(node)) return;
      reported.add(node);
      report();
    };

    const reportFinding = ({ use, is }: Finding): void => {
      const node = use.call ?? use.node;
      const { imported } = use;
      if (!imported) return;
      const { name, specifier } = imported;
      const twin = is === 'notAwaited' || is === 'filterAsync' ? undefined : twinOf(name);
      once(node, () =>
        context.report({
          node: use.call?.callee ?? node,
          messageId: is === 'keeps' && twin === undefined ? 'keepsWithoutTwin' : is,
          data: { operator: name },
          fix:
            twin !== undefined && specifier
              ? (fixer) => moveImport(fixer, sourceCode, specifier, TWINS_MODULE, twin)
              : null,
        }),
      );
    };

    const reportStarted = ({ node, is }: StartedWork): void =>
      once(node, () => context.report({ node, messageId: is === 'forEach' ? 'forEachAsync' : 'floating' }));

    const checkWork = (work: TSESTree.Node): void => {
      startedIn(work, sourceCode, types).forEach(reportStarted);
      if (!resultsArePromises(work, types)) return;
      const arrays = arraysReturnedBy(work, sourceCode, types);
      if (arrays.length === 0) once(work, () => context.report({ node: work, messageId: 'arrayOfPromises' }));
      for (const node of arrays) {
        once(node, () =>
          context.report({
            node,
            messageId: 'arrayOfPromises',
            fix: (fixer) => [fixer.insertTextBefore(node, 'Promise.all('), fixer.insertTextAfter(node, ')')],
          }),
        );
      }
    };

    /** `zip(changes$, other$)`: nobody holds the events that it keeps. */
    const checkPairing = (call: TSESTree.CallExpression): void => {
      const imported = importedBy(unwrap(call.callee), sourceCode);
      if (!isOfRxjs(imported) || !PAIRING.has(imported.name)) return;
      // Operators of the same names are arguments of pipe().
      if (call.parent.type === AST_NODE_TYPES.CallExpression && methodOf(call.parent) === 'pipe') {
        if (call.parent.arguments.includes(call)) return;
      }
      const use: OperatorUse = { node: call, call, imported, does: 'passes' };
      if (settlements.keepsPairs(use, pipelines)) reportFinding({ use, is: 'keeps' });
    };

    const checkSubscription = (call: TSESTree.CallExpression): void => {
      const stream = pipelines.streamAt(objectOf(call));
      if (!stream) return;
      if (isBare(call)) settlements.findingsIn(stream.operators, { isBare: true }).forEach(reportFinding);
      const next = nextOf(call);
      if (!next || stream.operators.some(({ does }) => does !== 'passes')) return;
      startedIn(next, sourceCode, types).forEach(reportStarted);
    };

    const calls: TSESTree.CallExpression[] = [];
    return {
      CallExpression: (call) => void calls.push(call),
      'Program:exit': () => {
        for (const call of calls) {
          if (isWorking(call, sourceCode)) workOf(call, sourceCode).forEach(checkWork);
          checkPairing(call);
          const method = methodOf(call);
          if (method === 'pipe') {
            const stream = pipelines.streamAt(call);
            const preview = stream !== undefined && isPreview(call, stream, sourceCode);
            settlements.findingsIn(stream?.operators ?? [], { isPreview: preview }).forEach(reportFinding);
          }
          if (method === 'subscribe' || method === 'forEach') checkSubscription(call);
        }
      },
    };
  },
});
