import { catchError, map, of, throwError, type Observable } from 'rxjs';
import { errorOf, RxforceError, SchemaError, type TopicUnavailableError, type ProtocolError } from '../model/errors.js';
import type { Received, Schemas } from './received.js';

/** The error of an event that names no schema. */
export const NO_SCHEMA_ID = new SchemaError('The event names no schema: its schema id is empty.', { schemaId: '' });

/**
 * Whether a schema can never be fetched. Only its events are affected. The service knows no schema of that id, does not
 * let this user read it, has another schema there, or has something that describes no event.
 *
 * Errors that may pass are tried again before. A failed login or connection is an error of the stream.
 */
export function neverToBeHad(error: unknown): error is SchemaError | TopicUnavailableError | ProtocolError {
  if (!RxforceError.is(error) || error.retriable) return false;
  // NOT_FOUND and PERMISSION_DENIED; INVALID_ARGUMENT for what does not look like an id.
  return SchemaError.is(error) || error.code === 'topic-unavailable' || error.code === 'protocol';
}

/** When an event happened, as `EventSchema.timeOf`. It is also `undefined` where the schema can never be fetched. */
export function timeOfEvent(schemas: Schemas, topic: string, received: Received): Observable<number | undefined> {
  const { schemaId, payload } = received.event;
  if (schemaId === '') return of(undefined);
  return schemas.load(schemaId).pipe(
    map((schema) => schema.timeOf(payload)),
    catchError((error: unknown) =>
      neverToBeHad(error) ? of(undefined) : throwError(() => aboutEvent(error, topic, received)),
    ),
  );
}

/** Turns an error of a schema into the error of the event that names it. Any other error stays as it is. */
export function aboutEvent(error: unknown, topic: string, { event, delivery }: Received): unknown {
  if (!neverToBeHad(error)) return error;
  const { message, code, cause, rpcId, serviceCode, grpcStatus } = error;
  const replayId = delivery.replayId.toString();
  const text =
    `${message} It is the schema of the event of ${topic} at replay id ${replayId}. Pass onUndecodable to put such events ` +
    'aside, as they came, and go on.';
  const details = {
    ...{ topic, replayId, schemaId: event.schemaId, cause },
    ...(rpcId !== undefined && { rpcId }),
    ...(serviceCode !== undefined && { serviceCode }),
    ...(grpcStatus !== undefined && { grpcStatus }),
  };
  if (!SchemaError.is(error)) return errorOf(code, text, details);
  const { actualSchemaId } = error;
  return new SchemaError(text, { ...details, ...(actualSchemaId !== undefined && { actualSchemaId }) });
}
