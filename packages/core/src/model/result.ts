import tsResults from 'ts-results';

/**
 * The one way ts-results enters rxforce: Node cannot import the names of its CommonJS build in native ESM.
 *
 * @packageDocumentation
 */

/** A success, holding its value. */
export const Ok = tsResults.Ok;
/** A success, holding its value. */
export type Ok<T> = tsResults.Ok<T>;

/** A failure, holding its error. */
export const Err = tsResults.Err;
/** A failure, holding its error. */
export type Err<E> = tsResults.Err<E>;

/** The outcome of one item, where one of many can fail without failing the rest. */
export type Result<T, E> = tsResults.Result<T, E>;
