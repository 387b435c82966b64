import { to18 } from '../model/record-ids.js';
import type { QueryRow, QueryValue } from '../soql/queryable.js';
import type { FieldType } from './field-types.js';
import { type FieldReference, labelOf, type RestField, restField } from './rest-field.js';
import { type ObjectDirectory, RestObject } from './rest-object.js';

/** The values of a record, by the names of its fields. */
export type PlainValues = Readonly<Record<string, QueryValue>>;

/** The definition of an object whose records can only be read. */
export interface ReadOnlySpec {
  /** API name. */
  readonly name: string;
  /** First three characters of its records' ids. */
  readonly keyPrefix: string;
  /** The field that identifies records, such as `Id`. */
  readonly key: string;
  readonly fields: Readonly<Record<string, FieldType>>;
  /** The fields that name records of other objects. */
  readonly references?: Readonly<Record<string, FieldReference>>;
}

/** An object whose records are made from the org itself: they can be read and queried. */
export class ReadOnlyObject extends RestObject {
  private readonly key: string;

  /** @param records - Returns its current records. */
  constructor(
    spec: ReadOnlySpec,
    directory: ObjectDirectory,
    private readonly records: () => readonly PlainValues[],
  ) {
    const { name, keyPrefix, key } = spec;
    const label = labelOf(name);
    super({ name, label, labelPlural: `${label}s`, keyPrefix, fields: fieldsOf(spec), writable: false }, directory);
    this.key = key;
  }

  rows(): QueryRow[] {
    return this.records().map((record) => this.rowOf(record));
  }

  row(id: string): QueryRow | undefined {
    const found = this.records().find((record) => record[this.key] === id || record[this.key] === to18(id));
    return found === undefined ? undefined : this.rowOf(found);
  }

  private rowOf(record: PlainValues): QueryRow {
    const get = ({ name }: { readonly name: string }) => record[name] ?? null;
    const row: QueryRow = {
      object: this.name,
      id: String(record[this.key]),
      get,
      toJson: get,
      parent: (relationship) => this.parentOf(row, relationship),
    };
    return row;
  }
}

function fieldsOf({ key, fields, references }: ReadOnlySpec): RestField[] {
  return Object.entries(fields).map(([name, type]) =>
    restField({
      name,
      type,
      place: name === key ? { type: 'id' } : { type: 'field', field: name },
      createable: false,
      updateable: false,
      reference: references?.[name],
    }),
  );
}
