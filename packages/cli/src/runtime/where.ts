import { allOf, field, type ChangePredicate, type FieldEvent, type FieldOperator } from '@rxforce/operators';
import { ConfigurationError, type Logger } from '@rxforce/core/model';
import { OPERATORS, type Comparisons } from '../config/settings/topics.js';
import type { SinkEvent } from '../sinks/sink.js';

/**
 * A predicate of what `where` says: all comparisons must be true.
 *
 * @throws `ConfigurationError` when a field or a value cannot be right.
 */
export function whereOf(
  where: Readonly<Record<string, Comparisons>>,
  { logger, isChannel }: { readonly logger: Logger; readonly isChannel: boolean },
): (event: SinkEvent) => boolean {
  const options = { logger, onMismatch: isChannel ? 'ignore' : 'warn' } as const;
  const predicates = Object.entries(where).flatMap(([path, comparisons]) =>
    Object.entries(comparisons).map(([name, operand]) => predicateOf(path, name, operand, options)),
  );
  const all = allOf<FieldEvent>(...predicates);
  return (event) => all('header' in event ? event : asChange(event)) === true;
}

function predicateOf(path: string, name: string, operand: unknown, options: object): ChangePredicate<FieldEvent> {
  const [operator, ...operands] = comparisonOf(name, operand);
  try {
    return (field as (...given: unknown[]) => ChangePredicate<FieldEvent>)(path, operator, ...operands, options);
  } catch (cause) {
    throw new ConfigurationError(`where ${path} ${name}: ${(cause as Error).message}`, { cause });
  }
}

function comparisonOf(name: string, operand: unknown): readonly [FieldOperator, ...unknown[]] {
  if (name === 'is_null') return [operand === true ? 'isNull' : 'isNotNull'];
  if (name === 'changed') return ['changed'];
  const operator = OPERATORS[name as keyof typeof OPERATORS];
  return [operator, name === 'matches' ? new RegExp(String(operand), 'u') : operand];
}

/** A platform event has all of its fields, as the creation of a record has. */
function asChange(event: SinkEvent): FieldEvent {
  return { ...event, header: { changeType: 'CREATE', changedFields: [], diffFields: [] } };
}
