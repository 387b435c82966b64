import { allOf, field, type ChangePredicate, type FieldEvent, type FieldOperator } from '@rxforce/operators';
import { ConfigurationError, fieldsOf } from '@rxforce/core/model';
import { OPERATORS } from '../config/settings/topics.js';
import type { SinkEvent } from '../sinks/sink.js';
import { fieldAt, fieldsInData, schemaFieldsOf, type SchemaFields } from './schema-fields.js';
import { operandFor } from './where-operand.js';
import { whereProblems, type Where, type WhereProblem } from './where-problems.js';

type Predicate = ChangePredicate<FieldEvent>;

/**
 * A predicate of what `where` says: all comparisons must be true. Values are compared as the schema of the event has
 * them. Records of a snapshot come without one: there the values say what the fields are.
 *
 * @param tell - Gets what no event of a schema can fulfil, before its first event is answered. What it throws is thrown
 * in place of the answer. If it throws nothing, these events do not pass.
 * @throws `ConfigurationError` when a field or a value is right for no schema.
 */
export function whereOf(
  where: Where,
  tell: (problems: readonly WhereProblem[]) => void,
): (event: SinkEvent) => boolean {
  const paths = Object.keys(where);
  const known = new Map<string, Predicate>();
  const asGiven = predicateOf(where, undefined);
  const made = (schema: SchemaFields): Predicate => {
    const problems = whereProblems(where, schema);
    if (problems.length === 0) return predicateOf(where, schema);
    tell(problems);
    return asGiven;
  };
  return (event) => {
    const schema = fieldsOf(event)?.schemaJson;
    const inData = schema === undefined ? fieldsInData(event.data, paths) : undefined;
    const key = schema ?? JSON.stringify(paths.map((path) => inData && fieldAt(inData, path)?.kinds));
    const predicate = known.get(key) ?? made(inData ?? schemaFieldsOf(key));
    known.set(key, predicate);
    return predicate('header' in event ? event : asChange(event)) === true;
  };
}

function predicateOf(where: Where, schema: SchemaFields | undefined): Predicate {
  const predicates = Object.entries(where).flatMap(([path, comparisons]) =>
    Object.entries(comparisons).map(([name, operand]) => comparisonOf(path, name, operandOf(operand, path, schema))),
  );
  return allOf<FieldEvent>(...predicates);
}

function operandOf(given: unknown, path: string, schema: SchemaFields | undefined): unknown {
  const of = schema && fieldAt(schema, path);
  if (!of) return given;
  return Array.isArray(given) ? given.map((each) => operandFor(of, each)) : operandFor(of, given);
}

function comparisonOf(path: string, name: string, operand: unknown): Predicate {
  const [operator, ...operands] = operatorOf(name, operand);
  try {
    // What does not fit the schema is found before.
    return (field as (...given: unknown[]) => Predicate)(path, operator, ...operands, { onMismatch: 'ignore' });
  } catch (cause) {
    throw new ConfigurationError(`where ${path} ${name}: ${(cause as Error).message}`, { cause });
  }
}

function operatorOf(name: string, operand: unknown): readonly [FieldOperator, ...unknown[]] {
  if (name === 'is_null') return [operand === true ? 'isNull' : 'isNotNull'];
  if (name === 'changed') return ['changed'];
  const operator = OPERATORS[name as keyof typeof OPERATORS];
  return [operator, name === 'matches' ? new RegExp(String(operand), 'u') : operand];
}

/** A platform event has all of its fields, as the creation of a record has. */
function asChange(event: SinkEvent): FieldEvent {
  return { ...event, header: { changeType: 'CREATE', changedFields: [], diffFields: [] } };
}
