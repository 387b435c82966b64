import { catchError, type MonoTypeOperatorFunction } from 'rxjs';
import { ConfigurationError, ServiceError } from '@rxforce/core/model';
import type { Selection } from './soql.js';

/** The org's codes for a query that it cannot run, however often it is asked. */
const BAD_QUERY: ReadonlySet<string | undefined> = new Set([
  'MALFORMED_QUERY',
  'INVALID_FIELD',
  'INVALID_TYPE',
  'INVALID_QUERY_FILTER_OPERATOR',
  'INVALID_QUERY_SCOPE',
]);

/** Turns the org's refusal of a query into a `ConfigurationError`, where the user's condition is the likely reason. */
export function explainQuery<R>({ entity, where }: Omit<Selection, 'columns'>): MonoTypeOperatorFunction<R> {
  return catchError((error: unknown) => {
    if (where === undefined || !isBadQuery(error)) throw error;
    throw new ConfigurationError(
      `The org cannot run the query of ${entity} with the condition in where. ${(error as ServiceError).message}`,
      { cause: error },
    );
  });
}

/** Whether the org cannot run a query, because of its condition or because a field of it is gone. */
export function isBadQuery(error: unknown): boolean {
  return ServiceError.is(error) && BAD_QUERY.has(error.serviceCode);
}
