import { ConfigurationError, type ChangeEventHeader } from '@rxforce/core/model';
import { opposite } from './change-predicate.js';
import { valueAt, type FieldPlace } from './field-path.js';
import { sameValue } from './field-values.js';

/** The part of an event that `field` and `filterField` need: of a change event, or of what `toRecords` makes of it. */
export interface FieldEvent {
  readonly header: Pick<ChangeEventHeader, 'changeType' | 'changedFields' | 'diffFields'>;
  readonly data: object;
  /**
   * The record before the change, where the event carries it; `undefined` where it was not known. `data` is then the
   * whole record after the change.
   */
  readonly before?: object | undefined;
}

/**
 * The field's value after the change; `undefined` where the event does not say. It does not say when the field did not
 * change, is a text diff or was not decoded, or when the event is a DELETE or a gap. Values from the channel's
 * enrichment count.
 */
export function valueAfter(event: FieldEvent, place: FieldPlace): unknown {
  const value = valueAt(event.data, place);
  if (value === null) return tellsNulls(event, place) ? null : undefined;
  return typeof value === 'string' && isDiff(event, place) ? undefined : value;
}

/** Whether the field is null after the change. A text diff does not have the value, but shows that there is one. */
export function isNullAfter(event: FieldEvent, place: FieldPlace): boolean | undefined {
  const value = valueAt(event.data, place);
  if (value === null) return tellsNulls(event, place) ? true : undefined;
  return value === undefined ? undefined : false;
}

/**
 * The field's value before the change; `undefined` where it was not known.
 *
 * @throws `ConfigurationError` when the event carries no record before the change, and is not a CREATE.
 */
export function valueBefore(event: FieldEvent, place: FieldPlace): unknown {
  const { changeType } = event.header;
  if (changeType !== 'CREATE' && !('before' in event)) throw noBefore(place);
  if (!showsRecord(event)) return undefined;
  if (event.before) return valueAt(event.before, place);
  return changeType === 'CREATE' ? null : undefined;
}

/**
 * Whether the change affected this field. An UPDATE names the fields that it changed. Fields inside a compound are
 * named one by one, or the compound alone where all were set to null at once. In a created or restored record, every
 * field that is not null has changed.
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

/**
 * An event that carries the record before the change also carries the one after it, whole and with its text diffs
 * applied.
 */
function carriesBoth({ before }: FieldEvent): boolean {
  return before !== undefined;
}

function isDiff(event: FieldEvent, { path }: FieldPlace): boolean {
  return !carriesBoth(event) && event.header.diffFields.includes(path);
}

/** Whether there is a record after the change and the event shows some of it: it is neither a DELETE nor a gap. */
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
