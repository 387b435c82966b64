import { ProtocolError } from '@rxforce/core/model';

/** A field as the REST API describes it: flat, where that of an event may be a compound. */
export interface DescribedField {
  readonly name: string;
  /** The REST API's name of the type, such as `datetime`. */
  readonly type: string;
  /** The compound that it is a part of. */
  readonly compoundFieldName: string | undefined;
}

/** An object as the REST API describes it to this user: without what the user may not read. */
export interface ObjectDescription {
  readonly name: string;
  /** The first three characters of its record ids, where all have the same. */
  readonly keyPrefix: string | undefined;
  readonly queryable: boolean;
  readonly fields: readonly DescribedField[];
}

/** What the answer to a describe call has, as far as it is used here. */
interface DescribeAnswer {
  readonly name?: unknown;
  readonly keyPrefix?: unknown;
  readonly queryable?: unknown;
  readonly fields?: unknown;
}

/**
 * Reads the answer to a describe call.
 *
 * @throws `ProtocolError` when it describes no object.
 */
export function objectDescription(answer: unknown): ObjectDescription {
  const { name, keyPrefix, queryable, fields } = Object(answer) as DescribeAnswer;
  if (typeof name !== 'string' || !Array.isArray(fields)) {
    throw new ProtocolError('The org answered a describe call with something that describes no object.');
  }
  return {
    name,
    keyPrefix: typeof keyPrefix === 'string' ? keyPrefix : undefined,
    queryable: queryable === true,
    fields: fields.flatMap(describedField),
  };
}

function describedField(field: unknown): DescribedField[] {
  const { name, type, compoundFieldName } = Object(field) as Readonly<Record<keyof DescribedField, unknown>>;
  // Names go into queries as they are.
  if (typeof name !== 'string' || !/^[a-z]\w*$/i.test(name)) return [];
  return [
    {
      name,
      type: typeof type === 'string' ? type : '',
      compoundFieldName: typeof compoundFieldName === 'string' ? compoundFieldName : undefined,
    },
  ];
}
