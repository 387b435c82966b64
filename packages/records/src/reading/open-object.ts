import { catchError, defer, map, switchMap, throwError, type Observable } from 'rxjs';
import { eventSchema, type EventSchema } from '@rxforce/core/codec';
import { ConfigurationError, ServiceError } from '@rxforce/core/model';
import { objectDescription, type ObjectDescription } from '../form/object-description.js';
import { recordForm, type RecordForm } from '../form/record-form.js';
import type { ResolvedRecordsOptions } from '../records-options.js';
import { callOrg, readJson, untilItWorks, type OrgContext } from './call-org.js';

/** An object that can be read. */
export interface OpenObject<T> {
  /** API name. */
  readonly entity: string;
  /** The first three characters of its record ids, where they are known. */
  readonly keyPrefix: string | undefined;
  /** The id of the schema that its events have now. */
  readonly schemaId: string;
  readonly form: RecordForm<T>;
}

/**
 * Looks at an object: how the org describes it, and the schema of its events.
 *
 * Errors with a `ConfigurationError` when it cannot be queried, or when events have no field of a wanted name; with a
 * `TopicUnavailableError` when it has no events.
 */
export function openObject<T>(
  context: OrgContext,
  entity: string,
  { fields }: Pick<ResolvedRecordsOptions<T>, 'fields'>,
): Observable<OpenObject<T>> {
  return describe(context, entity).pipe(
    switchMap((description) => schemaOf(context, entity).pipe(map((schema) => ({ description, schema })))),
    map(({ description, schema }) => {
      checkFields(entity, fields, schema);
      const form = recordForm<T>(schema.fields, description, fields);
      if (form.fields.length === 0) throw cannotBeRead(entity, 'none of the wanted fields can be read by this user');
      warnOfMissing(context, entity, form.missing);
      return { entity, keyPrefix: description.keyPrefix, schemaId: schema.id, form };
    }),
  );
}

function describe(context: OrgContext, entity: string): Observable<ObjectDescription> {
  return callOrg(context, { path: `/sobjects/${entity}/describe`, read: readJson }).pipe(
    map((answer) => {
      const description = objectDescription(answer);
      if (!description.queryable) throw cannotBeRead(entity, 'it cannot be queried');
      return description;
    }),
    catchError((error: unknown) => {
      const isUnknown = ServiceError.is(error) && error.serviceCode === 'NOT_FOUND';
      throw isUnknown ? cannotBeRead(entity, 'the org has no such object, or this user may not see it') : error;
    }),
  );
}

function schemaOf(context: OrgContext, entity: string): Observable<EventSchema> {
  const { client } = context;
  return defer(() => client.topic(entity)).pipe(
    switchMap(({ topic, schemaId }) =>
      schemaId === undefined
        ? throwError(() => cannotBeRead(entity, `the topic ${topic} has no schema of its own`))
        : client.schema(schemaId),
    ),
    untilItWorks(context, `Asking for the schema of the events of ${entity}`),
    // The client has checked that it is the schema of that id.
    map(({ json, id }) => eventSchema(json, id, 'trust')),
  );
}

function cannotBeRead(entity: string, reason: string): ConfigurationError {
  return new ConfigurationError(
    `Records of ${entity} cannot be read: ${reason}. Check the name, which is case-sensitive, and the permissions of the user.`,
  );
}

function checkFields(entity: string, fields: readonly string[] = [], { fields: known }: EventSchema): void {
  const wrong = fields.find((name) => name.includes('.') || known.kindsOf(name) === undefined);
  if (wrong === undefined) return;
  const [closest] = (known.closestTo(wrong) ?? '').split('.');
  const advice = closest ? ` Did you mean "${closest}"?` : '';
  throw new ConfigurationError(
    `fields of records() names "${wrong}", but the events of ${entity} have no such field. Give names of whole fields, as ` +
      `in events.${advice}`,
  );
}

function warnOfMissing({ warnOnce }: OrgContext, entity: string, missing: readonly string[]): void {
  if (missing.length === 0) return;
  warnOnce(
    `Records of ${entity} come without ${missing.join(', ')}: events have ${missing.length === 1 ? 'this field' : 'these fields'}, but this user ` +
      'cannot read them by the REST API. Check the field-level security of the user.',
  );
}
