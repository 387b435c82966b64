import { AST_NODE_TYPES, TSESLint, type TSESTree } from '@typescript-eslint/utils';
import { importedBy, importsRxforce, variableOf } from './imports.js';
import { initialOf, isFunction, methodOf, objectOf, returnedBy, unwrap, valueOf } from './nodes.js';
import { FLATTENING, GROUPING, JOINING, SHARING } from './operator-names.js';
import { containsWork, isOfRxjs, isWorking, operatorsOf, type OperatorUse } from './operator-use.js';
import type { TypeFacts } from './type-facts.js';

/** A stream of rxforce, with the operators that it went through. */
export interface Stream {
  readonly operators: readonly OperatorUse[];
  /** Whether the code shows that its position is not kept. */
  readonly isWithoutStore: boolean;
}

const ORIGINS: ReadonlySet<string> = new Set(['changes', 'events', 'managed']);

/** Finds the expressions of a file that are streams of rxforce: by their origin, or else by their types. */
export class Pipelines {
  private readonly known = new Map<TSESTree.Node, Stream | undefined>();

  constructor(
    private readonly sourceCode: Readonly<TSESLint.SourceCode>,
    /** `undefined` where there are no types: then only streams from a client's method in this file are known. */
    private readonly types: TypeFacts | undefined,
  ) {}

  /** The stream of an expression; `undefined` where it is not a stream. */
  streamAt(node: TSESTree.Node): Stream | undefined {
    if (this.known.has(node)) return this.known.get(node);
    // An expression that is made from itself is not a stream.
    this.known.set(node, undefined);
    const stream = this.find(node);
    this.known.set(node, stream);
    return stream;
  }

  private find(node: TSESTree.Node): Stream | undefined {
    const inner = unwrap(node);
    if (inner.type === AST_NODE_TYPES.CallExpression) return this.ofCall(inner);
    if (inner.type === AST_NODE_TYPES.ConditionalExpression) return this.joined([inner.consequent, inner.alternate]);
    if (inner.type === AST_NODE_TYPES.LogicalExpression) return this.joined([inner.left, inner.right]);
    const isName = inner.type === AST_NODE_TYPES.Identifier || inner.type === AST_NODE_TYPES.MemberExpression;
    return isName ? this.ofName(inner) : this.byType(inner);
  }

  private ofCall(call: TSESTree.CallExpression): Stream | undefined {
    const method = methodOf(call);
    if (method === 'pipe') return this.piped(call);
    if (method === 'asObservable') return this.streamAt(objectOf(call));
    if (method !== undefined && ORIGINS.has(method) && this.isOrigin(call)) {
      return { operators: [], isWithoutStore: method !== 'managed' && this.hasNoStore(call) };
    }
    const imported = importedBy(unwrap(call.callee), this.sourceCode);
    if (isOfRxjs(imported)) {
      return JOINING.has(imported.name)
        ? this.joined(call.arguments.flatMap((each) => this.branchesOf(each)))
        : undefined;
    }
    return this.byType(call, call.arguments.some((each) => containsWork(each, this.sourceCode)) ? call : undefined);
  }

  private piped(call: TSESTree.CallExpression): Stream | undefined {
    const source = this.streamAt(objectOf(call));
    if (!source) return undefined;
    return { ...source, operators: [...source.operators, ...operatorsOf(call.arguments, this.sourceCode)] };
  }

  /** Without types, or where they are not found, the name of the method decides. */
  private isOrigin(call: TSESTree.CallExpression): boolean {
    if (call.callee.type !== AST_NODE_TYPES.MemberExpression && !this.types) return false;
    const type = this.types?.typeOf(call);
    if (type && this.types && !this.types.isUnknown(type)) return this.types.isEventStream(type);
    return importsRxforce(this.sourceCode);
  }

  private hasNoStore({ arguments: [, given] }: TSESTree.CallExpression): boolean {
    if (!given) return true;
    const options = this.objectAt(given);
    if (!options || options.properties.some(({ type }) => type === AST_NODE_TYPES.SpreadElement)) return false;
    const replay = valueOf(options, 'replay');
    if (!replay) return true;
    if (replay.type === AST_NODE_TYPES.Literal) return true;
    const position = this.objectAt(replay);
    if (!position || position.properties.some(({ type }) => type === AST_NODE_TYPES.SpreadElement)) return false;
    return valueOf(position, 'store') === undefined;
  }

  private objectAt(node: TSESTree.Node): TSESTree.ObjectExpression | undefined {
    const inner = unwrap(node);
    const found = unwrap(initialOf(inner, this.sourceCode) ?? inner);
    return found.type === AST_NODE_TYPES.ObjectExpression ? found : undefined;
  }

  /** The stream arguments of a function of RxJS, including those in an array or an object, or made by a function. */
  private branchesOf(node: TSESTree.Node): TSESTree.Node[] {
    const inner = unwrap(node);
    if (inner.type === AST_NODE_TYPES.ArrayExpression) return inner.elements.filter((each) => each !== null);
    if (inner.type === AST_NODE_TYPES.ObjectExpression) {
      return inner.properties.flatMap((each) => (each.type === AST_NODE_TYPES.Property ? [each.value] : []));
    }
    if (isFunction(inner)) return returnedBy(inner, this.sourceCode);
    return [inner];
  }

  /** Work on one of several branches counts for all: nobody can tell which branch an event came through. */
  private joined(nodes: readonly TSESTree.Node[]): Stream | undefined {
    const streams = nodes.map((each) => this.streamAt(each)).filter((each) => each !== undefined);
    if (streams.length === 0) return undefined;
    return {
      operators: streams.flatMap(({ operators }) => operators.filter(({ does }) => does === 'works').slice(-1)),
      isWithoutStore: streams.every(({ isWithoutStore }) => isWithoutStore),
    };
  }

  private ofName(node: TSESTree.Identifier | TSESTree.MemberExpression): Stream | undefined {
    const initial = initialOf(node, this.sourceCode);
    if (initial && !isFunction(initial)) return this.streamAt(initial);
    if (node.type === AST_NODE_TYPES.Identifier) {
      const definition = variableOf(node, this.sourceCode)?.defs[0];
      if (definition?.type === TSESLint.Scope.DefinitionType.Parameter && isFunction(definition.node)) {
        return this.ofParameter(node, definition.node);
      }
    }
    return this.byType(node);
  }

  /** The argument of an operator's function: the stream itself, or a group of it. */
  private ofParameter(node: TSESTree.Identifier, owner: TSESTree.Node): Stream | undefined {
    const outer = this.aroundFunction(owner);
    if (!outer) return this.byType(node);
    const { before, name } = outer;
    if (name === undefined || SHARING.has(name)) return before;
    const isGroup = FLATTENING.has(name) && this.types?.emittedBy(this.types.typeOf(node)) !== undefined;
    if (!isGroup) return undefined;
    // The values of a group went through its operator; another check finds groups that have to wait.
    const isGrouping = ({ imported }: OperatorUse) => isOfRxjs(imported) && GROUPING.has(imported.name);
    return { ...before, operators: before.operators.filter((each) => !isGrouping(each)) };
  }

  /**
   * The stream before the operator that gets this function; `name` is `undefined` where the function is the operator
   * itself.
   */
  private aroundFunction(owner: TSESTree.Node): { readonly before: Stream; readonly name?: string } | undefined {
    const { parent } = owner;
    if (parent?.type !== AST_NODE_TYPES.CallExpression) return undefined;
    if (methodOf(parent) === 'pipe') return this.inFrontOf(owner, parent, undefined);
    const imported = importedBy(unwrap(parent.callee), this.sourceCode);
    const pipe = parent.parent;
    if (pipe.type !== AST_NODE_TYPES.CallExpression || methodOf(pipe) !== 'pipe' || !isOfRxjs(imported)) {
      return undefined;
    }
    return this.inFrontOf(parent, pipe, imported.name);
  }

  private inFrontOf(operator: TSESTree.Node, pipe: TSESTree.CallExpression, name: string | undefined) {
    const source = this.streamAt(objectOf(pipe));
    if (!source) return undefined;
    const index = pipe.arguments.findIndex((each) => each === operator);
    const operators = [...source.operators, ...operatorsOf(pipe.arguments.slice(0, index), this.sourceCode)];
    return { before: { ...source, operators }, ...(name !== undefined && { name }) };
  }

  /** @param work - The work on the stream so far, where there is any. */
  private byType(node: TSESTree.Node, work?: TSESTree.Node): Stream | undefined {
    if (!this.types?.isStreamOfEvents(this.types.typeOf(node))) return undefined;
    if (!this.types.isEventStream(this.types.typeOf(node)) && this.isHeld(node)) return undefined;
    return { operators: work ? [{ node: work, does: 'works' }] : [], isWithoutStore: false };
  }

  /** Whether a node is part of the work on an event: events that are kept there are held. */
  private isHeld(node: TSESTree.Node): boolean {
    for (let each = node.parent; each; each = each.parent) if (isWorking(each, this.sourceCode)) return true;
    return false;
  }
}
