import type { StoredRecord } from '../org/record-store.js';
import type { RecordOperations } from '../org/transaction.js';
import type { JsonObject } from './json-object.js';
import type { OrgObject } from './org-object.js';
import { type ObjectLookup, recordInput } from './record-input.js';
import { changeOriginOf, type RestCall } from './rest-call.js';
import { RestProblem, type SaveError } from './rest-problem.js';
import { isRecordId } from './values.js';

/** One change to one record, checked and ready to run. */
export type Operation = (tx: RecordOperations) => Saved;

/** A record that was changed. */
export interface Saved {
  readonly id: string;
  /** For an upsert: whether the record is new. */
  readonly created?: boolean;
  /** For a platform event: a note that it is on its way. */
  readonly errors?: readonly SaveError[];
}

/** The result for one record of many. */
export type SaveResult =
  | ({ readonly success: true } & Required<Pick<Saved, 'errors'>> & Saved)
  | { readonly success: false; readonly errors: readonly SaveError[] };

/**
 * Makes the creation of a record. Like all makers of operations, it throws a {@link RestProblem} when that is
 * impossible.
 */
export function createOperation(object: OrgObject, body: JsonObject, objectNamed: ObjectLookup): Operation {
  const input = recordInput(object, body, undefined, objectNamed);
  return (tx) => ({ id: tx.create(object.name, input) });
}

/** Changes a record. */
export function updateOperation(object: OrgObject, id: string, body: JsonObject, objectNamed: ObjectLookup): Operation {
  const record = existing(object, id);
  const input = recordInput(object, body, record, objectNamed);
  return (tx) => {
    tx.update(object.name, record.id, input);
    return { id: record.id };
  };
}

/** Deletes a record. */
export function deleteOperation(object: OrgObject, id: string): Operation {
  const record = existing(object, id);
  return (tx) => {
    tx.delete(object.name, record.id);
    return { id: record.id };
  };
}

function existing(object: OrgObject, id: string): StoredRecord {
  const { label } = object.info;
  if (!isRecordId(id) || !object.isOwn(id)) {
    throw new RestProblem(400, 'MALFORMED_ID', `${label} ID: id value of incorrect type: ${id}`, ['Id']);
  }
  const record = object.stored(id);
  if (record === undefined) throw new RestProblem(404, 'INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', []);
  if (record.deleted) throw new RestProblem(404, 'ENTITY_IS_DELETED', 'entity is deleted', []);
  return record;
}

/** Makes one change, as a transaction of its own. */
export function saveOne(call: RestCall, operation: Operation): Saved {
  return call.org.transaction(operation, { origin: changeOriginOf(call) });
}

/**
 * Makes changes as one transaction.
 *
 * @param makers - Make the operations, or throw a {@link RestProblem}; the others still run.
 * @param allOrNone - Whether nothing is changed when one of them fails.
 */
export function saveAll(call: RestCall, makers: readonly (() => Operation)[], allOrNone: boolean): SaveResult[] {
  const attempts = makers.map(attempt);
  if (allOrNone && attempts.some((each) => each instanceof RestProblem)) {
    return attempts.map((each) => failure(each instanceof RestProblem ? each : rolledBack()));
  }
  return call.org.transaction(
    (tx) => attempts.map((each) => (each instanceof RestProblem ? failure(each) : success(each(tx)))),
    {
      origin: changeOriginOf(call),
    },
  );
}

/** A request that is not valid is refused as a whole. */
function attempt(make: () => Operation): Operation | RestProblem {
  try {
    return make();
  } catch (error) {
    if (error instanceof RestProblem && error.errorCode !== 'JSON_PARSER_ERROR') return error;
    throw error;
  }
}

function success(saved: Saved): SaveResult {
  return { errors: [], ...saved, success: true };
}

function failure(problem: RestProblem): SaveResult {
  return { success: false, errors: [problem.toResultError()] };
}

function rolledBack(): RestProblem {
  const message = 'Record rolled back because not all records were valid and the request was using AllOrNone header';
  return new RestProblem(400, 'ALL_OR_NONE_OPERATION_ROLLED_BACK', message);
}
