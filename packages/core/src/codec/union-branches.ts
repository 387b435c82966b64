import type { Type } from 'avsc';
import { types } from './avsc.js';

/** The branches of a union in order; `undefined` for what is no union. */
export function unionBranches(type: Type): readonly Type[] | undefined {
  return type instanceof types.UnwrappedUnionType || type instanceof types.WrappedUnionType ? type.types : undefined;
}
