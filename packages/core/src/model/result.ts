import * as library from 'ts-results';

/**
 * The one way ts-results enters rxforce. Node cannot import the names of its CommonJS build in native ESM, and gives it as
 * the default export. Bundlers and test runners may take its other build, which has names and no default.
 *
 * @packageDocumentation
 */
const { default: tsResults = library } = library as Partial<Pick<typeof library, 'default'>>;

/** A success, holding its value. */
export const Ok = tsResults.Ok;
/** A success, holding its value. */
export type Ok<T> = library.Ok<T>;

/** A failure, holding its error. */
export const Err = tsResults.Err;
/** A failure, holding its error. */
export type Err<E> = library.Err<E>;

/** The outcome of one item, where one of many can fail without failing the rest. */
export type Result<T, E> = library.Result<T, E>;
