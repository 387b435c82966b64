/**
 * The one way ts-results enters rxforce: by `#ts-results` of package.json. Bundlers take the build of it that is ES
 * modules; Node cannot load that one, and takes the other. It finds no names in it, and gives it as the default export.
 * The declarations name the library itself, as only code has two builds.
 *
 * @packageDocumentation
 */
import type * as types from 'ts-results';
import * as library from '#ts-results';

const { default: tsResults = library } = library as Partial<Pick<typeof library, 'default'>>;

/** A success, holding its value. */
export const Ok: typeof types.Ok = tsResults.Ok;
/** A success, holding its value. */
export type Ok<T> = types.Ok<T>;

/** A failure, holding its error. */
export const Err: typeof types.Err = tsResults.Err;
/** A failure, holding its error. */
export type Err<E> = types.Err<E>;

/** The outcome of one item, where one of many can fail without failing the rest. */
export type Result<T, E> = types.Result<T, E>;
