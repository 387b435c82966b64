import type { FieldInput, RecordInput } from '../org/field-values.js';
import type { StoredRecord } from '../org/record-store.js';
import type { ScalarValue } from '../org/values.js';
import type { JsonObject } from './json-object.js';
import { OrgObject } from './org-object.js';
import type { RestField } from './rest-field.js';
import type { RestObject } from './rest-object.js';
import { RestProblem } from './rest-problem.js';
import { valueOf } from './values.js';

/** The operation that a body is for. */
type SaveMode = 'insert' | 'update';

/** Looks objects up by their names. */
export type ObjectLookup = (name: string) => RestObject | undefined;

/**
 * Turns a body into values for the org's record.
 *
 * @param record - The record to change; `undefined` for a new one.
 * @throws {@link RestProblem} when a field does not exist, cannot be written or is missing, or a value does not fit.
 */
export function recordInput(
  object: OrgObject,
  body: JsonObject,
  record: StoredRecord | undefined,
  objectNamed: ObjectLookup,
): RecordInput {
  const mode = record === undefined ? 'insert' : 'update';
  const given = fieldsOf(object, body, mode);
  checkWritable(given, mode);
  const values = given.map(([field, value]) => [field, valueOf(field, value)] as const);
  checkRequired(object, values, mode);
  values.forEach(([field, value]) => checkReference(field, value, objectNamed));
  return assemble(ownName(object, values, record));
}

function fieldsOf(object: OrgObject, body: JsonObject, mode: SaveMode): (readonly [RestField, unknown])[] {
  return Object.entries(body).flatMap(([name, value]) => {
    if (name === 'attributes') return [];
    const field = object.field(name);
    if (field === undefined) {
      throw new RestProblem(400, 'INVALID_FIELD', `No such column '${name}' on sobject of type ${object.name}`);
    }
    if (field.place.type === 'id') {
      const message =
        mode === 'insert'
          ? `cannot specify Id in an insert call`
          : 'The Id field should not be specified in the sobject data.';
      throw new RestProblem(400, 'INVALID_FIELD', message, ['Id']);
    }
    return [[field, value] as const];
  });
}

function checkWritable(given: readonly (readonly [RestField, unknown])[], mode: SaveMode): void {
  const refused = given
    .filter(([field]) => !(mode === 'insert' ? field.createable : field.updateable))
    .map(([{ name }]) => name);
  if (refused.length > 0) {
    const message =
      `Unable to create/update fields: ${refused.join(', ')}. Please check the security settings of this field and ` +
      'verify that it is read/write for your profile or permission set.';
    throw new RestProblem(400, 'INVALID_FIELD_FOR_INSERT_UPDATE', message, refused);
  }
}

type GivenValue = readonly [RestField, ScalarValue | null];

function checkRequired({ fields }: OrgObject, values: readonly GivenValue[], mode: SaveMode): void {
  const missing = fields.filter((field) => field.required && isMissing(field, values, mode)).map(({ name }) => name);
  if (missing.length > 0) {
    const message = `Required fields are missing: [${missing.join(', ')}]`;
    throw new RestProblem(400, 'REQUIRED_FIELD_MISSING', message, missing);
  }
}

/** A person's account has a last name instead of a name. */
function isMissing(field: RestField, values: readonly GivenValue[], mode: SaveMode): boolean {
  const given = values.find(([{ name }]) => name === field.name);
  if (given !== undefined || mode === 'update') return given?.[1] === null;
  return !(
    field.place.type === 'full-name' && values.some(([{ name }, value]) => name === 'LastName' && value !== null)
  );
}

/** An id of a missing record is refused where the org has the object; for other objects, every id is accepted. */
function checkReference(
  { reference, label, name }: RestField,
  value: ScalarValue | null,
  objectNamed: ObjectLookup,
): void {
  const object = objectNamed(reference?.to[0] ?? '');
  if (typeof value !== 'string' || !(object instanceof OrgObject)) return;
  if (!object.isOwn(value)) {
    throw new RestProblem(400, 'MALFORMED_ID', `${label}: id value of incorrect type: ${value}`, [name]);
  }
  const record = object.stored(value);
  if (record === undefined) {
    throw new RestProblem(400, 'INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', [name]);
  }
  if (record.deleted) throw new RestProblem(400, 'ENTITY_IS_DELETED', 'entity is deleted', [name]);
}

/**
 * A company has a name, a person the parts of one. The other is left out: clients that send back all that they have
 * read bring it too, as null. What has no name yet can get either.
 *
 * @throws {@link RestProblem} when it is not null.
 */
function ownName(
  { fields, info }: OrgObject,
  values: readonly GivenValue[],
  record: StoredRecord | undefined,
): readonly GivenValue[] {
  const whole = fields.find(({ place, createable }) => place.type === 'full-name' && createable);
  if (whole?.place.type !== 'full-name') return values;
  const { field: name } = whole.place;
  const given = values.find(([field]) => field === whole)?.[1];
  const current = (record === undefined ? given : record.values[name]) ?? null;
  if (current === null) return values;
  const isOther = ([field]: GivenValue) =>
    typeof current === 'string' ? field.place.type === 'part' && field.place.field === name : field === whole;
  const refused = values.filter((each) => isOther(each) && each[1] !== null).map(([field]) => field.name);
  if (refused.length > 0) {
    const message = `${info.label}: bad field names on insert/update call: ${refused.join(', ')}`;
    throw new RestProblem(400, 'INVALID_FIELD_FOR_INSERT_UPDATE', message, refused);
  }
  return values.filter((each) => !isOther(each));
}

/** Puts the parts of compounds together. */
function assemble(values: readonly GivenValue[]): RecordInput {
  const input: Record<string, FieldInput> = {};
  const parts: Record<string, Record<string, ScalarValue | null>> = {};
  for (const [{ place }, value] of values) {
    if (place.type === 'part') {
      parts[place.field] = { ...parts[place.field], [place.part]: value };
    } else if (place.type === 'field' || place.type === 'full-name') input[place.field] = value;
  }
  return { ...input, ...parts };
}
