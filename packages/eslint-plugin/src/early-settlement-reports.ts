import type { TSESLint, TSESTree } from '@typescript-eslint/utils';
import type { Finding } from './early-settlements.js';
import { moveImport } from './imports.js';
import { TWINS_MODULE, twinOf } from './operator-names.js';
import { arraysReturnedBy, resultsArePromises, startedIn } from './started-work.js';
import type { TypeFacts } from './type-facts.js';

/** What is said of each way to lose events. */
export const EARLY_SETTLEMENT_MESSAGES = {
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
} as const;

type MessageId = keyof typeof EARLY_SETTLEMENT_MESSAGES;
type Context = Readonly<TSESLint.RuleContext<MessageId, readonly unknown[]>>;

/** Reports each place once, though several pipelines may lead to it. */
export class EarlySettlementReports {
  private readonly reported = new Set<TSESTree.Node>();

  constructor(
    private readonly context: Context,
    private readonly types: TypeFacts,
  ) {}

  /** An operator that keeps events, or does work that nobody waits for. */
  operator({ use, is }: Finding): void {
    const node = use.call ?? use.node;
    const { imported } = use;
    if (!imported) return;
    const { name, specifier } = imported;
    const { sourceCode } = this.context;
    const twin = is === 'notAwaited' || is === 'filterAsync' ? undefined : twinOf(name);
    this.once(node, {
      node: use.call?.callee ?? node,
      messageId: is === 'keeps' && twin === undefined ? 'keepsWithoutTwin' : is,
      data: { operator: name },
      fix:
        twin !== undefined && specifier
          ? (fixer) => moveImport(fixer, sourceCode, specifier, TWINS_MODULE, twin)
          : null,
    });
  }

  /** What the function that does the work on an event does wrong. */
  work(work: TSESTree.Node): void {
    this.startedIn(work);
    this.resultsOf(work);
  }

  /** The work that a function starts and does not wait for. */
  startedIn(work: TSESTree.Node): void {
    for (const { node, is } of startedIn(work, this.context.sourceCode, this.types)) {
      this.once(node, { node, messageId: is === 'forEach' ? 'forEachAsync' : 'floating' });
    }
  }

  /** Results that are promises. */
  private resultsOf(work: TSESTree.Node): void {
    if (!resultsArePromises(work, this.types)) return;
    const arrays = arraysReturnedBy(work, this.context.sourceCode, this.types);
    if (arrays.length === 0) this.once(work, { node: work, messageId: 'arrayOfPromises' });
    for (const node of arrays) {
      this.once(node, {
        node,
        messageId: 'arrayOfPromises',
        fix: (fixer) => [fixer.insertTextBefore(node, 'Promise.all('), fixer.insertTextAfter(node, ')')],
      });
    }
  }

  private once(node: TSESTree.Node, report: TSESLint.ReportDescriptor<MessageId>): void {
    if (this.reported.has(node)) return;
    this.reported.add(node);
    this.context.report(report);
  }
}
