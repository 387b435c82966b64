import { catchError, map, of, throwError, type Observable } from 'rxjs';
import { ServiceError } from '@rxforce/core/model';
import type { Cells } from '../form/field-forms.js';
import { BY_NAME } from '../form/record-form.js';
import { callOrg, readJson, type OrgContext } from './call-org.js';
import type { OpenObject } from './open-object.js';
import { isTooLong } from './soql.js';

/** The org's codes for a record that is not there, or that this user may not see. */
const GONE: readonly (string | undefined)[] = ['NOT_FOUND', 'ENTITY_IS_DELETED'];

/** Reads one record. Emits `undefined` where it is gone. */
export function readRecord<T>(
  context: OrgContext,
  { entity, form }: OpenObject<T>,
  recordId: string,
): Observable<Partial<T> | undefined> {
  const whole = `/sobjects/${entity}/${recordId}`;
  const some = `${whole}?fields=${form.columns.join(',')}`;
  const toRow = form.reader(BY_NAME);
  // Without a list, the org sends all fields.
  return callOrg(context, { path: isTooLong(some) ? whole : some, read: readJson }).pipe(
    map((record) => toRow(Object(record) as Cells).record),
    catchError((error: unknown) =>
      ServiceError.is(error) && GONE.includes(error.serviceCode) ? of(undefined) : throwError(() => error),
    ),
  );
}
