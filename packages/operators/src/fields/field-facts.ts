import { ConfigurationError, type ChangeEventHeader } from '@rxforce/core/model';
import { opposite } from './change-predicate.js';
import { valueAt, type FieldPlace } from './field-path.js';
import { sameValue } from './field-values.js';

/** What `field` and `filterField` need of an event: a change event, or what `toRecords` makes of it. */
export interface FieldEvent {
  readonly header: Pick<ChangeEventHeader, 'changeType' | 'changedFields' | 'diffFields'>;
  readonly data: object;
  /**
   * The record before the change, where the event carries it; `undefined` where it was not known. `data` is then the whole
   * record after it.
   */
  readonly before?: object | undefined;
}

/**
 * The field's value after the change: `undefined` where the event does not tell it, because the field did not change, is a
 * text diff, or was not decoded, or because the event is a DELETE or a gap. Values that a channel is enriched with are told.
 */
export function valueAfter(event: FieldEvent, place: FieldPlace): unknown {
  const value = valueAt(event.data, place);
  if (value === null) return tellsNulls(event, place) ? null : undefined;
  return typeof value === 'string' && isDiff(event, place) ? undefined : value;
}

/** Whether the field is null after the change. A text diff does not tell the value, but that there is one. */
export function isNullAfter(event: FieldEvent, place: FieldPlace): boolean | undefined {
  const value = valueAt(event.data, place);
  if (value === null) return tellsNulls(event, place) ? true : undefined;
  return value === undefined ? undefined : false;
}

/**
 * The field's value before the change: `undefined` where it was not known.
 *
 * @throws `ConfigurationError` when the event carries no record before the change, and is no CREATE.
 */
export function valueBefore(event: FieldEvent, place: FieldPlace): unknown {
  const { changeType } = event.header;
  if (changeType !== 'CREATE' && !('before' in event)) throw noBefore(place);
  if (!showsRecord(event)) return undefined;
  if (event.before) return valueAt(event.before, place);
  return changeType === 'CREATE' ? null : undefined;
}

/**
 * Whether the change was one of this field. An UPDATE names the fields it changed: those inside a compound one by one, or the
 * compound alone where all were nulled at once. What is created, or comes back, has changed where it is not null.
 */
export function hasChanged(event: FieldEvent, place: FieldPlace): boolean | undefined {
  if (event.header.changeType === 'UPDATE') return namesIt(event, place) || namesChildOf(event, place);
  if (!showsRecord(event)) return undefined;
  return event.before ? differs(event, place) : opposite(isNullAfter(event, place));
}

function differs(event: FieldEvent, place: FieldPlace): boolean | undefined {
  const [before, after] = [valueBefore(event, place), valueAfter(event, place)];
  return before === undefined || after === undefined ? undefined : !sameValue(before, after);
}

/** Whether a null in the event is the field's value. */
function tellsNulls(event: FieldEvent, place: FieldPlace): boolean {
  if (event.header.changeType === 'UPDATE') return carriesBoth(event) || namesIt(event, place);
  return showsRecord(event);
}

/** With the record before it, the event carries the one after it too: whole, its text diffs applied. */
function carriesBoth({ before }: FieldEvent): boolean {
  return before !== undefined;
}

function isDiff(event: FieldEvent, { path }: FieldPlace): boolean {
  return !carriesBoth(event) && event.header.diffFields.includes(path);
}

/** Whether there is a record after the change, and the event shows some of it: neither a DELETE nor a gap. */
function showsRecord({ header: { changeType } }: FieldEvent): boolean {
  return changeType !== 'DELETE' && !changeType.startsWith('GAP_');
}

function namesIt({ header }: FieldEvent, { path, field }: FieldPlace): boolean {
  return header.changedFields.includes(path) || header.changedFields.includes(field);
}

function namesChildOf({ header }: FieldEvent, { field, child }: FieldPlace): boolean {
  return child === undefined && header.changedFields.some((name) => name.startsWith(`${field}.`));
}

function noBefore({ path }: FieldPlace): ConfigurationError {
  return new ConfigurationError(
    `'changedFrom' was asked of ${path}, but a change event does not carry old values. Put toRecords() before it, which ` +
      'gives the record before each change.',
  );
}
