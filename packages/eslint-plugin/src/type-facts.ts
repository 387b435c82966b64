import type { ParserServicesWithTypeInformation, TSESTree } from '@typescript-eslint/utils';
import type * as ts from 'typescript';

/** TypeFlags.Any and TypeFlags.Unknown, which are the same in all versions: TypeScript is not loaded here. */
const ANY = 1;
const UNKNOWN = 2;

/**
 * The fields by which an event of rxforce is recognised, even one from a second copy; hardly any other type has them.
 */
const EVENT_FIELDS: readonly string[] = ['id', 'topic', 'replayId', 'schemaId'];

/** The facts about a file's values that their types give. */
export class TypeFacts {
  private readonly checker: ts.TypeChecker;

  constructor(private readonly services: ParserServicesWithTypeInformation) {
    this.checker = services.program.getTypeChecker();
  }

  typeOf(node: TSESTree.Node): ts.Type {
    return this.checker.getApparentType(this.services.getTypeAtLocation(node));
  }

  isUnknown(type: ts.Type): boolean {
    return (type.flags & (ANY | UNKNOWN)) !== 0;
  }

  /** Whether something is a promise, or may be one. */
  isThenable(type: ts.Type): boolean {
    if (this.isUnknown(type)) return false;
    if (type.isUnion()) return type.types.some((each) => this.isThenable(each));
    const then = this.propertyOf(type, 'then');
    return then !== undefined && then.getCallSignatures().length > 0;
  }

  /** Whether a function returns a promise, or may return one. */
  returnsThenable(type: ts.Type): boolean {
    return this.resultsOf(type).some((each) => this.isThenable(each));
  }

  /** The types that the calls of a function return. */
  resultsOf(type: ts.Type): ts.Type[] {
    const types = type.isUnion() ? type.types : [type];
    return types.flatMap((each) => each.getCallSignatures().map((call) => call.getReturnType()));
  }

  /** The type that a promise resolves with; for another value, its own type. */
  awaited(type: ts.Type): ts.Type {
    return this.checker.getAwaitedType(type) ?? type;
  }

  /** The type that an Observable emits; `undefined` for anything else. */
  emittedBy(type: ts.Type): ts.Type | undefined {
    if (this.isUnknown(type)) return undefined;
    if (type.isUnion()) return type.types.map((each) => this.emittedBy(each)).find((each) => each !== undefined);
    if (!this.has(type, 'pipe') || !this.has(type, 'subscribe')) return undefined;
    const next = this.firstParameterOf(this.propertyOf(type, 'forEach'));
    return this.firstParameterOf(next);
  }

  /** The type of the elements of an array or a tuple; `undefined` for anything else. */
  elementOf(type: ts.Type): ts.Type | undefined {
    if (this.isUnknown(type)) return undefined;
    if (type.isUnion()) return type.types.map((each) => this.elementOf(each)).find((each) => each !== undefined);
    if (!this.checker.isArrayType(type) && !this.checker.isTupleType(type)) return undefined;
    return type.getNumberIndexType();
  }

  /** Whether a value can be iterated at once: an array, a set, a string. */
  isIterable(type: ts.Type): boolean {
    if (this.isUnknown(type)) return false;
    if (type.isUnion()) return type.types.every((each) => this.isIterable(each));
    const apparent = this.checker.getApparentType(type);
    return apparent.getProperties().some(({ escapedName }) => String(escapedName).startsWith('__@iterator'));
  }

  /** Whether something is an event of rxforce, or a list of events. */
  isEvent(type: ts.Type, depth = 0): boolean {
    if (this.isUnknown(type) || depth > 3) return false;
    if (type.isUnion()) return type.types.some((each) => this.isEvent(each, depth + 1));
    const element = this.elementOf(type);
    if (element) return this.isEvent(element, depth + 1);
    return EVENT_FIELDS.every((name) => this.has(type, name));
  }

  /** Whether something is a stream of a client: it has a status. */
  isEventStream(type: ts.Type): boolean {
    return this.emittedBy(type) !== undefined && this.has(type, 'status$');
  }

  /** Whether something is an Observable of events. */
  isStreamOfEvents(type: ts.Type): boolean {
    const emitted = this.emittedBy(type);
    return emitted !== undefined && (this.has(type, 'status$') || this.isEvent(emitted));
  }

  /** The input type of an operator. */
  inputOf(operator: TSESTree.Node): ts.Type | undefined {
    const source = this.firstParameterOf(this.typeOf(operator));
    return source && this.emittedBy(source);
  }

  private firstParameterOf(type: ts.Type | undefined): ts.Type | undefined {
    const parameter = type?.getCallSignatures()[0]?.getParameters()[0];
    return parameter && this.checker.getTypeOfSymbol(parameter);
  }

  private has(type: ts.Type, name: string): boolean {
    return this.checker.getApparentType(type).getProperty(name) !== undefined;
  }

  private propertyOf(type: ts.Type, name: string): ts.Type | undefined {
    const property = this.checker.getApparentType(type).getProperty(name);
    return property && this.checker.getTypeOfSymbol(property);
  }
}
