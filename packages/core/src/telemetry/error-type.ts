import { RxforceError } from '../model/errors.js';

/** Most names of classes of errors that are not of rxforce. */
const MOST_CLASSES = 100;
const OTHER = '_OTHER';

/**
 * The value of `error.type` for an error: its code where it is an error of rxforce, else the name of its class, else
 * `_OTHER`. It never has a message. The first 100 names of classes count; classes that are made as it goes are
 * `_OTHER`.
 */
export const errorTypeOf = errorTypes();

/** Makes an `errorTypeOf` that has seen no class. */
export function errorTypes(): (error: unknown) => string {
  const classes = new Set<string>();
  return (error) => {
    if (RxforceError.is(error)) return error.code;
    const name = classOf(error);
    if (name === undefined || !/^[A-Za-z_]\w{0,63}$/.test(name)) return OTHER;
    if (!classes.has(name) && classes.size >= MOST_CLASSES) return OTHER;
    classes.add(name);
    return name;
  };
}

function classOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { constructor } = error as { readonly constructor?: { readonly name?: unknown } };
  return typeof constructor?.name === 'string' ? constructor.name : undefined;
}
