import { AST_NODE_TYPES, type TSESLint, type TSESTree } from '@typescript-eslint/utils';
import { importedBy, type Imported } from './imports.js';
import {
  functionAt,
  initialOf,
  isFunction,
  methodOf,
  objectOf,
  returnedBy,
  unwrap,
  type FunctionNode,
} from './nodes.js';
import { FLATTENING, FLATTENING_VALUES, JOINING, MERGING, WAITING } from './operator-names.js';
import { isOfRxjs, operatorsOf, type OperatorUse } from './operator-use.js';
import type { TypeFacts } from './type-facts.js';

/**
 * When an inner stream emits its values. `now`: within the call. `held`: later, but it holds the event of the call.
 * `later`: later, or possibly later.
 */
export type Arrival = 'now' | 'held' | 'later';

const AT_ONCE: ReadonlySet<string> = new Set(['of', 'range', 'throwError', 'empty', 'EMPTY', 'pairs']);

/** Finds out when the inner Observables of flattening operators emit. */
export class InnerStreams {
  constructor(
    private readonly sourceCode: Readonly<TSESLint.SourceCode>,
    private readonly types: TypeFacts,
  ) {}

  /** When the results of a flattening operator come. */
  arrivalOf({ call, imported }: OperatorUse): Arrival {
    if (!call || !imported) return 'now';
    if (FLATTENING_VALUES.has(imported.name)) return this.arrivalOfValues(call, imported.name);
    const [project] = call.arguments;
    if (!project) return 'now';
    if (imported.name.endsWith('To')) return this.limited(this.at(project), call, imported);
    const owner = functionAt(project, this.sourceCode);
    if (owner && isFirstParameterStream(owner, imported.name, this.types)) {
      return isWithoutLimit(call, imported.name) ? 'now' : 'later';
    }
    return this.limited(this.ofFunction(project), call, imported);
  }

  /** Whether an operator subscribes to each Observable at once. */
  subscribesAtOnce({ call, imported }: OperatorUse): boolean {
    return call !== undefined && imported !== undefined && isWithoutLimit(call, imported.name);
  }

  /** When the results of a function come, by what it returns. */
  private ofFunction(node: TSESTree.Node): Arrival {
    const owner = functionAt(node, this.sourceCode);
    if (!owner) return this.worstByType(this.types.resultsOf(this.types.typeOf(node)));
    if (owner.async) return 'later';
    if (owner.generator) return 'now';
    return worst(returnedBy(owner, this.sourceCode).map((each) => this.at(each)));
  }

  /** A value that waits for its turn is not held by the values under work. */
  private limited(arrival: Arrival, call: TSESTree.CallExpression, { name }: Imported): Arrival {
    return arrival === 'held' && !isWithoutLimit(call, name) ? 'later' : arrival;
  }

  private arrivalOfValues(call: TSESTree.CallExpression, name: string): Arrival {
    const input = this.types.inputOf(call);
    if (!input || this.types.isUnknown(input)) return 'now';
    if (this.types.isThenable(input)) return 'later';
    if (this.types.emittedBy(input) === undefined) return 'now';
    return isWithoutLimit(call, name) ? 'now' : 'later';
  }

  /** When an Observable, a promise or an iterable emits its values. */
  private at(node: TSESTree.Node, depth = 0): Arrival {
    const inner = unwrap(node);
    if (depth > 20) return 'later';
    if (inner.type === AST_NODE_TYPES.ConditionalExpression) {
      return worst([this.at(inner.consequent, depth + 1), this.at(inner.alternate, depth + 1)]);
    }
    if (inner.type === AST_NODE_TYPES.LogicalExpression) {
      return worst([this.at(inner.left, depth + 1), this.at(inner.right, depth + 1)]);
    }
    if (inner.type === AST_NODE_TYPES.CallExpression) return this.ofCall(inner, depth);
    const imported = importedBy(inner, this.sourceCode);
    if (isOfRxjs(imported)) return AT_ONCE.has(imported.name) ? 'now' : 'later';
    const initial = initialOf(inner, this.sourceCode);
    return initial ? this.at(initial, depth + 1) : this.byType(inner);
  }

  private ofCall(call: TSESTree.CallExpression, depth: number): Arrival {
    if (methodOf(call) === 'pipe') return this.ofPipe(call, depth);
    const imported = importedBy(unwrap(call.callee), this.sourceCode);
    if (isOfRxjs(imported)) {
      if (AT_ONCE.has(imported.name)) return 'now';
      if (!JOINING.has(imported.name)) return 'later';
      return worst(call.arguments.flatMap((each) => this.joinedAt(each, depth)));
    }
    const owner = functionAt(call.callee, this.sourceCode);
    if (owner && !owner.async && !owner.generator) {
      const returned = returnedBy(owner, this.sourceCode);
      if (returned.length > 0) return worst(returned.map((each) => this.at(each, depth + 1)));
    }
    return this.byType(call);
  }

  private joinedAt(node: TSESTree.Node, depth: number): Arrival[] {
    const inner = unwrap(node);
    if (isFunction(inner)) return returnedBy(inner, this.sourceCode).map((each) => this.at(each, depth + 1));
    const type = this.types.typeOf(inner);
    const canBeSubscribedTo = this.types.emittedBy(type) ?? this.types.elementOf(type);
    const isInput = canBeSubscribedTo !== undefined || this.types.isThenable(type) || this.types.isIterable(type);
    // Other arguments are a limit, a condition or a scheduler.
    return isInput || this.types.isUnknown(type) ? [this.at(inner, depth + 1)] : [];
  }

  private ofPipe(call: TSESTree.CallExpression, depth: number): Arrival {
    let arrival = this.at(objectOf(call), depth + 1);
    for (const use of operatorsOf(call.arguments, this.sourceCode)) {
      if (arrival !== 'now') break;
      if (use.does === 'works') arrival = 'held';
      else if (use.imported && WAITING.has(use.imported.name)) arrival = 'later';
      else if (use.imported && FLATTENING.has(use.imported.name)) arrival = this.arrivalOf(use);
    }
    return arrival;
  }

  private byType(node: TSESTree.Node): Arrival {
    return this.worstByType([this.types.typeOf(node)]);
  }

  /** The latest arrival by type. Unknown types are not reported. */
  private worstByType(types: readonly Parameters<TypeFacts['isUnknown']>[0][]): Arrival {
    const areAtOnce = types.every((type) => {
      if (this.types.isUnknown(type)) return true;
      const element = this.types.elementOf(type);
      return this.types.isIterable(type) && !(element && this.types.isThenable(element));
    });
    return areAtOnce ? 'now' : 'later';
  }
}

/** Whether a function gets a group or a window. */
export function isFirstParameterStream(owner: FunctionNode, operator: string, types: TypeFacts): boolean {
  const parameter = owner.params[operator.endsWith('Scan') ? 1 : 0];
  return parameter !== undefined && types.emittedBy(types.typeOf(parameter)) !== undefined;
}

/** Whether no value has to wait for its turn. */
function isWithoutLimit({ arguments: given }: TSESTree.CallExpression, name: string): boolean {
  if (!MERGING.has(name)) return false;
  const first = FLATTENING_VALUES.has(name) ? 0 : 1;
  return given.slice(first).every((each) => {
    const inner = unwrap(each);
    return isFunction(inner) || (inner.type === AST_NODE_TYPES.Identifier && /^(Infinity|undefined)$/.test(inner.name));
  });
}

function worst(arrivals: readonly Arrival[]): Arrival {
  if (arrivals.includes('later')) return 'later';
  return arrivals.includes('held') ? 'held' : 'now';
}
