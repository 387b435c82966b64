import { AST_NODE_TYPES, type TSESLint, type TSESTree } from '@typescript-eslint/utils';
import { importedBy } from './imports.js';
import { isFirstParameterStream, type InnerStreams } from './inner-streams.js';
import { functionAt, initialOf, methodOf, unwrap, valueOf } from './nodes.js';
import { CALLING, FLATTENING, FLATTENING_VALUES, GROUPING, KEEPING, TWINS_MODULE } from './operator-names.js';
import { isOfRxjs, operatorsOf, type OperatorUse } from './operator-use.js';
import type { Pipelines } from './pipelines.js';
import type { TypeFacts } from './type-facts.js';

/** An operator that loses events. */
export interface Finding {
  readonly use: OperatorUse;
  readonly is: 'keeps' | 'keepsGroups' | 'behindWork' | 'notAwaited' | 'filterAsync';
}

/** The known facts about the subscriber. */
export interface Surroundings {
  /** Whether the subscriber does nothing with the values. */
  readonly isBare?: boolean;
  /** Whether no position is kept, and the code only looks at some events. */
  readonly isPreview?: boolean;
}

type Kind = Finding['is'] | undefined;

/** Finds the operators of a pipeline that keep events after these were settled. */
export class EarlySettlements {
  constructor(
    private readonly sourceCode: Readonly<TSESLint.SourceCode>,
    private readonly types: TypeFacts,
    private readonly inner: InnerStreams,
  ) {}

  /**
   * Checks all operators before the last work. After it, only work is checked, and only if the subscriber does none.
   */
  findingsIn(operators: readonly OperatorUse[], { isBare = false, isPreview = false }: Surroundings): Finding[] {
    const lastWork = operators.findLastIndex(({ does }) => does === 'works');
    return operators.flatMap((use, index): Finding[] => {
      const before = operators.slice(0, index);
      const isInFront = index <= lastWork || before.every(({ does }) => does === 'passes');
      if (!isInFront && !(isBare && before.some(({ does }) => does === 'works'))) return [];
      const is = isOfRxjs(use.imported) ? this.kindOf(use, use.imported.name, operators, index) : undefined;
      if (is === undefined) return [];
      if (isInFront) return isPreview && KEEPING.has(use.imported?.name ?? '') ? [] : [{ use, is }];
      return this.isWork(use, is) ? [{ use, is: is === 'keeps' ? 'behindWork' : is }] : [];
    });
  }

  /** Whether one of several paired streams waits for others, and is a stream of rxforce. */
  keepsPairs(use: OperatorUse, pipelines: Pipelines): boolean {
    const branches = argumentsOf(use).flatMap((each): readonly TSESTree.Node[] => {
      const inner = unwrap(each);
      return inner.type === AST_NODE_TYPES.ArrayExpression ? inner.elements.filter((one) => one !== null) : [inner];
    });
    const areOfRxforce = branches.map((each) => {
      const stream = pipelines.streamAt(each);
      return stream?.operators.every(({ does }) => does === 'passes') === true;
    });
    if (!areOfRxforce.includes(true)) return false;
    if (use.imported?.name !== 'combineLatest') return true;
    return branches.some((each, index) => !areOfRxforce[index] && !this.startsAtOnce(each));
  }

  /** Work after the last work, as opposed to keeping its results. */
  private isWork({ imported }: OperatorUse, is: Kind): boolean {
    return is === 'notAwaited' || (is === 'keeps' && FLATTENING.has(imported?.name ?? ''));
  }

  private kindOf(use: OperatorUse, name: string, operators: readonly OperatorUse[], index: number): Kind {
    if (FLATTENING.has(name)) return this.kindOfFlattening(use, name);
    if (GROUPING.has(name)) return this.groupsWait(operators.slice(index + 1)) ? 'keeps' : undefined;
    if (CALLING.has(name)) return this.kindOfCalling(use, name, operators[index + 1]);
    if (name === 'throttle' || name === 'throttleTime') return isTrailing(use) ? 'keeps' : undefined;
    if (!KEEPING.has(name)) return undefined;
    // Each event is the second of a pair when it comes, and is in scope.
    if (name === 'pairwise' && operators[index - 1]?.imported?.name === 'startWith') return undefined;
    if (name.startsWith('combineLatest') && this.allStartAtOnce(use)) return undefined;
    return 'keeps';
  }

  private kindOfFlattening(use: OperatorUse, name: string): Kind {
    if (this.inner.arrivalOf(use) !== 'later') return undefined;
    return this.flattensGroups(use, name) ? 'keepsGroups' : 'keeps';
  }

  private flattensGroups({ call }: OperatorUse, name: string): boolean {
    if (!call) return false;
    if (FLATTENING_VALUES.has(name)) {
      const input = this.types.inputOf(call);
      return input !== undefined && this.types.emittedBy(input) !== undefined;
    }
    const owner = functionAt(call.arguments[0], this.sourceCode);
    return owner !== undefined && isFirstParameterStream(owner, name, this.types);
  }

  /** Whether the groups get no subscriber within the call that emits them. */
  private groupsWait(after: readonly OperatorUse[]): boolean {
    const taker = after.find(({ does, imported }) => does !== 'passes' || FLATTENING.has(imported?.name ?? ''));
    if (!taker) return false;
    const isFlattening = FLATTENING.has(taker.imported?.name ?? '');
    if (isFlattening) return !this.inner.subscribesAtOnce(taker);
    return taker.does === 'works' && taker.imported?.module !== TWINS_MODULE && !isOfRxjs(taker.imported);
  }

  private kindOfCalling({ call }: OperatorUse, name: string, next: OperatorUse | undefined): Kind {
    const [given] = call?.arguments ?? [];
    if (!given) return undefined;
    const inner = unwrap(given);
    const called = inner.type === AST_NODE_TYPES.ObjectExpression ? valueOf(inner, 'next') : inner;
    if (!called || !this.types.returnsThenable(this.types.typeOf(called))) return undefined;
    if (name === 'filter') return 'filterAsync';
    // An operator that takes the promise either waits for it or is reported itself.
    const takesOn = next?.does === 'works' || FLATTENING.has(next?.imported?.name ?? '');
    return name === 'map' && takesOn ? undefined : 'notAwaited';
  }

  private allStartAtOnce(use: OperatorUse): boolean {
    const given = argumentsOf(use);
    return given.length > 0 && given.every((each) => this.startsAtOnce(each));
  }

  /** Whether a stream emits on subscription, so that no value waits for it. */
  private startsAtOnce(node: TSESTree.Node, depth = 0): boolean {
    const inner = unwrap(node);
    if (depth > 10) return false;
    const initial = initialOf(inner, this.sourceCode);
    if (initial) return this.startsAtOnce(initial, depth + 1);
    if (inner.type === AST_NODE_TYPES.CallExpression) {
      if (methodOf(inner) === 'pipe') {
        return operatorsOf(inner.arguments, this.sourceCode).at(-1)?.imported?.name === 'startWith';
      }
      const imported = importedBy(unwrap(inner.callee), this.sourceCode);
      if (isOfRxjs(imported) && imported.name === 'of') return true;
    }
    return this.types.typeOf(inner).getProperty('getValue') !== undefined;
  }
}

function argumentsOf({ call }: OperatorUse): readonly TSESTree.Node[] {
  return call?.arguments ?? [];
}

/** Whether an operator emits its last value at the end of an interval. */
function isTrailing(use: OperatorUse): boolean {
  return argumentsOf(use).some((each) => {
    const inner = unwrap(each);
    const trailing = inner.type === AST_NODE_TYPES.ObjectExpression ? valueOf(inner, 'trailing') : undefined;
    return trailing !== undefined && !(trailing.type === AST_NODE_TYPES.Literal && trailing.value === false);
  });
}
