import {
  ConfigurationError,
  fieldsOf,
  ownField,
  type EventFields,
  type FieldKind,
  type Logger,
} from '@rxforce/core/model';
import { CONSOLE } from '@rxforce/core/internal';
import type { FieldEvent } from './field-facts.js';
import type { ResolvedFieldOptions } from './field-options.js';
import { kindsSought, type FieldOperator } from './field-operators.js';
import { valueAt, type FieldPlace } from './field-path.js';
import { kindOf } from './field-values.js';

/** Checks an event before its field is read: does nothing, warns, or throws. */
export type FieldCheck = (event: FieldEvent) => void;

/**
 * Makes the check that the event has the field, and that the operand is of the same kind as the field's values.
 *
 * An event of a client is checked against its schema, once for each object. Any other event, such as one made by a
 * test, may have only the fields that matter. There the first value of the field is checked, and a missing field is
 * not.
 */
export function fieldCheck(
  place: FieldPlace,
  operator: FieldOperator,
  operand: readonly unknown[],
  { onMismatch, logger }: ResolvedFieldOptions,
): FieldCheck {
  if (onMismatch === 'ignore') return () => undefined;
  const sought = kindsSought(operator, operand);
  /** The fields of the events before. Most streams have one schema, so one comparison is enough. */
  let last: EventFields | undefined;
  const seen = new WeakSet<EventFields>();
  const warnedOf = new Set<string>();
  let wantsValue = sought.length > 0;

  const report = (object: string, problem: string | undefined, to: Logger) => {
    if (problem === undefined || warnedOf.has(object)) return;
    const message = `'${operator}' of ${place.path}: ${problem}`;
    if (onMismatch === 'error') throw new ConfigurationError(message);
    warnedOf.add(object);
    to.warn(message);
  };
  const lookAtSchema = (event: FieldEvent, fields: EventFields) => {
    if (!seen.has(fields)) {
      const { entityName = fields.eventName, changeType } = event.header as Header;
      // A gap has no data, and a record that was read in its place may have more fields than the schema.
      if (changeType.startsWith('GAP_') || (!isKnown(fields, place) && isThere(event.data, place))) return;
      report(entityName, mismatch(entityName, place, sought, fields), logger ?? fields.logger);
      seen.add(fields);
    }
    last = fields;
  };
  const lookAtValue = (event: FieldEvent) => {
    const kind = kindOf(valueAt(event.data, place));
    if (kind === undefined) return;
    report('', misfit('the field', [kind], sought), logger ?? CONSOLE);
    wantsValue = false;
  };
  return (event) => {
    const fields = fieldsOf(event);
    if (fields === undefined) {
      if (wantsValue) lookAtValue(event);
    } else if (fields !== last) lookAtSchema(event, fields);
  };
}

interface Header {
  readonly changeType: string;
  readonly entityName?: string;
}

function isKnown(fields: EventFields, { path }: FieldPlace): boolean {
  return fields.kindsOf(path) !== undefined && fields.isRead(path);
}

function isThere(data: object, { field, child }: FieldPlace): boolean {
  if (!Object.hasOwn(data, field)) return false;
  const value = ownField(data, field);
  return child === undefined || (typeof value === 'object' && value !== null && Object.hasOwn(value, child));
}

function mismatch(
  object: string,
  place: FieldPlace,
  sought: readonly FieldKind[],
  fields: EventFields,
): string | undefined {
  const { path, field } = place;
  const kinds = fields.kindsOf(path);
  if (kinds === undefined) return noField(object, path, fields);
  if (!fields.isRead(path)) {
    return `the subscription's fields leave ${field} out of data, so no event tells it. Name it there, too.`;
  }
  return misfit(`${path} of ${object}`, kinds, sought);
}

function noField(object: string, path: string, fields: EventFields): string {
  const told = `${object} has no such field, so no event of it passes.`;
  if (path === 'Id') return `${told} The ids of the records are in header.recordIds.`;
  const closest = fields.closestTo(path);
  const advice = closest === undefined ? '' : ` Did you mean ${closest}?`;
  return (
    `${told}${advice} Where a stream has several objects, and this one need not have the field, say so by ` +
    "{ onMismatch: 'ignore' } after the operand."
  );
}

/** The problem with the operand, if there is one. `what` has values of these kinds. */
function misfit(what: string, kinds: readonly FieldKind[], sought: readonly FieldKind[]): string | undefined {
  const odd = sought.find((kind) => !kinds.includes(kind));
  if (odd === undefined || kinds.length === 0) return undefined;
  const told = `${what} is ${listed(kinds)}, and is compared with ${listed([odd])}, which it never is.`;
  if (kinds.includes('number') && odd === 'text') {
    return `${told} Give a number; of a date or a time, its milliseconds since 1970.`;
  }
  return kinds.includes('compound') ? `${told} Name a part of it, such as BillingAddress.City.` : told;
}

const WORDS: Readonly<Record<FieldKind, string>> = {
  text: 'a text',
  number: 'a number',
  boolean: 'a boolean',
  bytes: 'bytes',
  list: 'a list',
  compound: 'a compound',
};

function listed(kinds: readonly FieldKind[]): string {
  return kinds.map((kind) => WORDS[kind]).join(' or ');
}
