/**
 * The one way ts-results enters rxforce: by `#ts-results` of package.json. Bundlers take the build of it that is ES modules;
 * Node cannot load that one, and takes the other. It finds no names in it, and gives it as the default export.
 *
 * @packageDocumentation
 */
import * as library from '#ts-results';

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
