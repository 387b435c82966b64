import avro, { type Type } from 'avsc';

const { types } = avro;

/** The branches of a union in order; `undefined` for what is no union. */
export function unionBranches(type: Type): readonly Type[] | undefined {
  return type instanceof types.UnwrappedUnionType || type instanceof types.WrappedUnionType ? type.types : undefined;
}
